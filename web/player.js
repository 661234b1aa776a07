// SPDX-License-Identifier: MIT
//
// The player of results. What holds both views (side by side, above and below) can be shown as one
// eye, as an anaglyph or as a wiggle: the film is drawn through a small WebGL program.

import { words } from "./words.js";
import { element } from "./form.js";

const LAYOUTS = {
  sbsl: [1, 0, 0], sbs2l: [1, 0, 0], sbsr: [1, 0, 1], sbs2r: [1, 0, 1],
  abl: [0, 1, 0], ab2l: [0, 1, 0], abr: [0, 1, 1], ab2r: [0, 1, 1],
};
const MODES = { left: 0, right: 1, anaglyph: 2, wiggle: 3 };

const VERTEX = `attribute vec2 at; varying vec2 place;
void main() { place = vec2(at.x * 0.5 + 0.5, 0.5 - at.y * 0.5); gl_Position = vec4(at, 0.0, 1.0); }`;
const FRAGMENT = `precision mediump float; varying vec2 place;
uniform sampler2D film; uniform vec2 split; uniform float swapped; uniform int mode;
vec3 eye(float which) {
  float second = abs(which - swapped);
  return texture2D(film, place / (1.0 + split) + second * split * 0.5).rgb;
}
void main() {
  vec3 left = eye(0.0), right = eye(1.0);
  vec3 shown = mode == 0 ? left : mode == 1 ? right : vec3(left.r, right.gb);
  gl_FragColor = vec4(shown, 1.0);
}`;

class Painter {
  constructor(canvas) {
    this.canvas = canvas;
    const gl = this.gl = canvas.getContext("webgl", { antialias: false });
    if (!gl) return;
    const program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    gl.useProgram(program);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
    const at = gl.getAttribLocation(program, "at");
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, 2, gl.FLOAT, false, 0, 0);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T])
      gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    this.place = (name) => gl.getUniformLocation(program, name);
  }

  draw(video, [across, down, swapped], mode, half) {
    const gl = this.gl;
    const width = video.videoWidth / (across && !half ? 2 : 1);
    const height = video.videoHeight / (down && !half ? 2 : 1);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    gl.viewport(0, 0, width, height);
    gl.uniform2f(this.place("split"), across, down);
    gl.uniform1f(this.place("swapped"), swapped);
    gl.uniform1i(this.place("mode"), mode);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, gl.RGB, gl.UNSIGNED_BYTE, video);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }
}

export class Player {
  constructor() {
    const find = (id) => document.getElementById(id);
    this.dialog = find("player");
    this.title = find("player-title");
    this.video = find("player-video");
    this.canvas = find("player-canvas");
    this.image = find("player-image");
    this.views = find("player-views");
    this.note = find("player-note");
    find("player-close").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.stop());
    this.video.addEventListener("error", () => {
      if (this.video.getAttribute("src")) this.note.textContent = words.cannotPlay;
    });
    // A click on what is drawn does what a click on the film does.
    this.canvas.addEventListener("click", () =>
      this.video.paused ? this.video.play() : this.video.pause());
  }

  // `film` is null when the source is gone.
  open(job, format, film) {
    this.job = job;
    this.format = format;
    this.layout = LAYOUTS[format];
    this.half = format.includes("2");
    this.source = film ? `/api/files/${film.id}/content` : null;
    this.title.textContent = job.filename;
    this.note.textContent = "";
    const still = /\.(png|jpe?g|webp|gif|tiff?)$/i.test(job.result.filename);
    this.image.hidden = !still;
    this.video.hidden = still;
    this.still = still;
    this.buildViews();
    this.choose("asis");
    this.dialog.showModal();
  }

  buildViews() {
    const names = ["asis"];
    if (this.layout && !this.still) names.push("anaglyph", "left", "right", "wiggle");
    if (this.source) names.push("source");
    this.views.replaceChildren(...names.map((name) => element("label", {},
      element("input", { type: "radio", name: "player-view", value: name, checked: name === "asis",
        onchange: () => this.choose(name) }),
      element("span", {}, words.playerView[name]))));
  }

  choose(name) {
    const url = name === "source" ? this.source : `/api/jobs/${this.job.id}/result`;
    cancelAnimationFrame(this.frame);
    if (this.still) {
      this.image.src = url;
      this.image.alt = `${this.job.filename}, ${words.playerView[name]}`;
      return;
    }
    const time = this.video.currentTime, playing = !this.video.paused;
    if (this.video.getAttribute("src") !== url) {
      this.video.src = url;
      this.video.currentTime = time;
      if (playing) this.video.play();
    }
    this.mode = MODES[name];
    this.canvas.hidden = this.mode === undefined;
    this.video.classList.toggle("under", !this.canvas.hidden);
    if (!this.canvas.hidden) this.paint();
  }

  paint() {
    this.painter ??= new Painter(this.canvas);
    if (!this.painter.gl) {
      this.canvas.hidden = true;
      this.video.classList.remove("under");
      return;
    }
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const step = () => {
      this.frame = requestAnimationFrame(step);
      if (this.video.readyState < 2) return;
      let mode = this.mode;
      if (mode === MODES.wiggle) mode = still ? 0 : Math.floor(performance.now() / 160) % 2;
      this.painter.draw(this.video, this.layout, mode, this.half);
    };
    step();
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
    this.image.removeAttribute("src");
  }
}
