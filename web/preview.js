// SPDX-License-Identifier: MIT
//
// The picture on the stage. One request is under way at a time, and the newest wish is the next:
// a slider that is dragged asks as often as answers come, and what is shown is never older than one
// answer.

import { words } from "./words.js";
import { element } from "./form.js";

const WIGGLE_MS = 180;

export class Preview {
  constructor(screen) {
    const find = (id) => document.getElementById(id);
    this.screen = screen;
    this.picture = find("picture");
    this.behind = find("behind");
    this.wipe = find("wipe");
    this.line = find("wipe-line");
    this.note = find("screen-note");
    this.tags = [find("tag-left"), find("tag-right")];
    this.kept = new Map();  // the last pictures by their address
    this.onerror = () => {};
    this.wipe.addEventListener("input", () => this.place());
    this.place();
  }

  place() {
    this.screen.style.setProperty("--wipe", `${this.wipe.value}%`);
    this.wipe.setAttribute("aria-valuetext", `${this.wipe.value} %`);
  }

  clear() {
    this.wish = null;
    this.kept.clear();
  }

  // `source` is the address of the original to compare with, or null.
  show(url, alt, source, word) {
    this.want({ urls: source ? [url, source] : [url], alt, word, wiggle: false });
  }

  wiggle(left, right, alt) {
    this.want({ urls: [left, right], alt, wiggle: true });
  }

  want(wish) {
    this.wish = wish;
    if (!this.busy) this.work();
  }

  async work() {
    this.busy = true;
    while (this.wish) {
      const wish = this.wish;
      this.wish = null;
      const late = setTimeout(() => this.screen.classList.add("waiting"), 150);
      try {
        const pictures = [];
        for (const url of wish.urls) pictures.push(await this.load(url));
        this.present(wish, pictures);
        this.note.textContent = "";
      } catch (error) {
        this.note.textContent = error.message;
        this.onerror(error.message);
      }
      clearTimeout(late);
      this.screen.classList.remove("waiting");
    }
    this.busy = false;
  }

  async load(url) {
    if (this.kept.has(url)) return this.kept.get(url);
    const response = await fetch(url).catch(() => null);
    if (!response) throw new Error(words.offline);
    if (!response.ok) throw new Error((await response.json()).error?.message ?? response.statusText);
    const address = URL.createObjectURL(await response.blob());
    const image = element("img", { src: address });
    await image.decode();
    this.kept.set(url, image);
    if (this.kept.size > 24) {
      const [oldest, old] = this.kept.entries().next().value;
      URL.revokeObjectURL(old.src);
      this.kept.delete(oldest);
    }
    return image;
  }

  present(wish, [first, second]) {
    clearInterval(this.timer);
    const compares = Boolean(second) && !wish.wiggle;
    this.picture.src = first.src;
    this.picture.alt = wish.alt;
    this.screen.style.setProperty("--shape", `${first.naturalWidth} / ${first.naturalHeight}`);
    this.screen.style.setProperty("--shape-number", first.naturalWidth / first.naturalHeight);
    this.screen.classList.add("filled");
    this.screen.classList.toggle("comparing", compares);
    this.behind.hidden = !second;
    for (const part of [this.wipe, this.line, ...this.tags]) part.hidden = !compares;
    if (second) this.behind.src = second.src;
    if (compares) {
      this.tags[0].textContent = words.original;
      this.tags[1].textContent = wish.word;
    }
    this.behind.style.visibility = "";
    if (wish.wiggle) this.alternate();
  }

  // Both eyes in turn; who wants less motion turns the picture by hand.
  alternate() {
    const turn = () => {
      this.behind.style.visibility = this.behind.style.visibility === "hidden" ? "" : "hidden";
    };
    this.picture.onclick = this.behind.onclick = null;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.picture.onclick = this.behind.onclick = turn;
      return;
    }
    this.timer = setInterval(turn, WIGGLE_MS);
  }
}
