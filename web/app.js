// SPDX-License-Identifier: MIT
//
// The page: films on the left, the picture in the middle, settings beside it, conversions below.
// State is what the server says (films, jobs) and a few choices that the browser remembers.

import { words } from "./words.js";
import { buildForm, element } from "./form.js";
import { Player } from "./player.js";
import { Preview } from "./preview.js";
import { bytes, clock, duration } from "./units.js";

const find = (id) => document.getElementById(id);
const PRESETS = { glasses: "arcd", tv: "sbs2l", headset: "sbsl", phone: "sbs2l", free: "sbsr",
  wiggle: "wiggle" };
const VIEWS = ["output", "anaglyph", "sbs", "wiggle", "depth", "source"];
const SLIDERS = ["divergence", "convergence"];

const state = {
  options: [],
  films: new Map(),     // id -> film; uploads under way have a name of their own
  jobs: new Map(),
  film: null,           // the id of the one that is looked at
  view: "output",
  compare: false,
  preset: "glasses",
  values: {},           // name -> text, what differs from the default
};
const player = new Player();
const preview = new Preview(find("screen"));

// ---- Words of the server and of the browser

async function ask(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw new Error(answer.error?.message ?? response.statusText);
  return answer;
}

let toastTimer;
function complain(text) {
  const toast = find("toast");
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { toast.hidden = true; }, 8000);
}

const say = (text) => { find("said").textContent = text; };

// Does it, and shows why when it does not work.
const attempt = (work) => work().catch((error) => complain(error.message));

function remember() {
  localStorage.setItem("relief", JSON.stringify({
    film: state.film, view: state.view, preset: state.preset, values: state.values,
    theme: document.documentElement.dataset.choice,
  }));
}

function recall() {
  try {
    return JSON.parse(localStorage.getItem("relief")) ?? {};
  } catch {
    return {};
  }
}

// ---- Films

const current = () => state.films.get(state.film);
const usable = (film) => film && film.info && !film.broken;

function factsOf(film) {
  const info = film.info;
  if (!info) return bytes(film.bytes);
  const sound = info.tracks.filter((track) => track.kind === "audio").length;
  const text = info.tracks.filter((track) => track.kind === "subtitle").length;
  const still = info.kind === "picture";
  return [
    `${info.width} × ${info.height}`,
    still ? words.picture : clock(info.duration),
    still || !info.frame_rate ? "" : words.fps(Number(info.frame_rate.toFixed(2))),
    ...(still ? [] : words.tracks(sound, text)),
    bytes(film.bytes),
  ].filter(Boolean).join(" · ");
}

function filmCard(film) {
  const chosen = film.id === state.film;
  const status = film.broken ?? (film.part !== undefined
    ? words.uploading(Math.floor(film.part * 100)) : film.info ? "" : words.looking);
  const picture = usable(film)
    ? element("img", { src: `/api/preview?id=${film.id}&t=${film.info.duration / 3}&view=source&width=240`,
      alt: "", loading: "lazy" })
    : element("span", { class: "blank", "aria-hidden": "true" });
  const select = element("button", { type: "button", class: "film-select", "aria-pressed": String(chosen),
    disabled: !usable(film), title: film.filename, onclick: () => chooseFilm(film.id) },
  picture,
  element("span", { class: "film-text" },
    element("span", { class: "film-name" }, film.filename),
    element("span", { class: `film-status${film.broken ? " bad" : ""}` },
      status || (film.info?.kind === "picture" ? words.picture : clock(film.info?.duration ?? 0))),
    film.part === undefined ? null
      : element("progress", { max: 1, value: film.part, "aria-label": words.progress(film.filename) })));
  return element("div", { class: `film${chosen ? " chosen" : ""}`, "data-id": film.id }, select,
    element("button", { type: "button", class: "remove", "aria-label": words.removeFilm(film.filename),
      title: words.removeFilm(film.filename), onclick: () => removeFilm(film) }, "×"));
}

function showFilms() {
  const had = document.activeElement?.closest?.(".film")?.dataset.id;
  find("films").replaceChildren(...[...state.films.values()].map(filmCard));
  if (had) find("films").querySelector(`[data-id="${CSS.escape(had)}"] button`)?.focus();
  document.body.classList.toggle("empty", state.films.size === 0);
  document.body.classList.toggle("looking", Boolean(usable(current())));
  showOutlook();
}

function chooseFilm(id) {
  const film = state.films.get(id);
  state.film = id;
  if (usable(film)) {
    const still = film.info.kind === "picture";
    const time = find("time");
    time.max = Math.max(film.info.duration, 0.01);
    time.step = film.info.frame_rate ? Math.max(1 / film.info.frame_rate, 0.001) : 0.04;
    time.value = still ? 0 : (film.time ?? film.info.duration / 3);
    document.querySelector(".scrub").hidden = still;
    find("film-title").textContent = film.filename;
    find("film-facts").textContent = factsOf(film);
    preview.clear();
    showPicture();
  }
  remember();
  showFilms();
}

async function lookInto(film) {
  try {
    film.info = film.info ?? await ask("GET", `/api/probe?id=${film.id}`);
    if (!usable(current())) chooseFilm(film.id);
  } catch (error) {
    film.broken = error.message;
  }
  showFilms();
}

async function addFilm(film) {
  if (!state.films.has(film.id)) state.films.set(film.id, film);
  say(words.said.added(film.filename));
  await lookInto(film);
}

function upload(file) {
  const request = new XMLHttpRequest();
  const film = { id: `new-${crypto.getRandomValues(new Uint32Array(1))[0]}`, filename: file.name,
    bytes: file.size, part: 0, request };
  state.films.set(film.id, film);
  showFilms();
  return new Promise((resolve) => {
    request.upload.addEventListener("progress", (event) => {
      film.part = event.lengthComputable ? event.loaded / event.total : 0;
      const card = find("films").querySelector(`[data-id="${film.id}"]`);
      if (!card) return;
      card.querySelector("progress").value = film.part;
      card.querySelector(".film-status").textContent = words.uploading(Math.floor(film.part * 100));
    });
    request.addEventListener("loadend", () => {
      delete film.part;
      let answer = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch { /* the connection broke */ }
      if (request.status === 201) {
        state.films.delete(film.id);
        addFilm(answer);
      } else if (state.films.has(film.id)) {
        film.broken = answer.error?.message ?? words.offline;
        showFilms();
      }
      resolve();
    });
    request.open("POST", `/api/uploads?filename=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(file);
  });
}

// Three at a time: browsers have six connections for a host, and the page needs some.
async function uploadAll(files) {
  const queue = [...files];
  const work = async () => {
    while (queue.length) await upload(queue.shift());
  };
  await Promise.all([work(), work(), work()]);
}

function removeFilm(film) {
  attempt(async () => {
    if (film.request?.readyState < 4) film.request.abort();
    else if (!film.id.startsWith("new-")) await ask("DELETE", `/api/files/${film.id}`);
    state.films.delete(film.id);
    if (state.film === film.id) {
      const next = [...state.films.values()].find(usable);
      state.film = null;
      if (next) chooseFilm(next.id);
    }
    showFilms();
    find("add").focus();
  });
}

// ---- The picture

const valueOf = (name) =>
  String(state.values[name] ?? state.options.find((option) => option.name === name)?.default ?? "");
const formatOf = (values) => values.format ?? valueOf("format");
const isAnaglyph = (format) => /^(a[rgy]..|wimmer.?)$/.test(format);
const keepsShape = (view) => ["anaglyph", "depth", "source"].includes(view) ||
  (view === "output" && !/^(sbs[lr]|ab[lr]|tb[lr]|hdmi|vr180|rgbd)$/.test(formatOf(state.values)));

function lookAt(view) {
  const query = new URLSearchParams({ id: state.film, t: find("time").value, view, width: 1120 });
  for (const [name, value] of Object.entries(state.values)) {
    if (!["start", "duration"].includes(name)) query.set(name, value);
  }
  return `/api/preview?${query}`;
}

function showPicture() {
  const film = current();
  if (!usable(film)) return;
  film.time = Number(find("time").value);
  const time = find("time");
  find("clock").textContent = `${clock(film.time)} / ${clock(film.info.duration)}`;
  time.setAttribute("aria-valuetext", clock(film.time));
  time.style.setProperty("--part", `${film.time / time.max * 100}%`);
  const alt = words.pictureAlt(words.view[state.view], film.filename, clock(film.time));
  const compares = state.compare && keepsShape(state.view) && state.view !== "source";
  find("compare").disabled = !keepsShape(state.view) || state.view === "source";
  if (state.view === "wiggle") preview.wiggle(lookAt("left"), lookAt("right"), alt);
  else preview.show(lookAt(state.view), alt, compares ? lookAt("source") : null,
    words.view[state.view]);
}

function showViews() {
  const anaglyph = isAnaglyph(formatOf(state.values));
  const names = VIEWS.filter((name) => name !== "anaglyph" || !anaglyph);
  if (!names.includes(state.view)) state.view = "output";
  if (state.view === "output" && formatOf(state.values) === "wiggle") state.view = "wiggle";
  find("views").replaceChildren(...names.map((name) => element("label", {},
    element("input", { type: "radio", name: "view", value: name, checked: name === state.view,
      onchange: () => { state.view = name; remember(); showPicture(); } }),
    element("span", {}, words.view[name]))));
}

// ---- Settings

function setValue(name, text) {
  const option = state.options.find((row) => row.name === name);
  if (String(option.default ?? "") === text) delete state.values[name];
  else state.values[name] = text;
  if (name === "format") {
    state.preset = Object.keys(PRESETS).find((key) => PRESETS[key] === text && key === state.preset) ??
      Object.keys(PRESETS).find((key) => PRESETS[key] === text) ?? null;
    showPresets();
    showViews();
  }
  showSliders();
  showOutlook();
  remember();
  showPicture();
}

function showPresets() {
  const rows = Object.keys(PRESETS).map((key) => element("label", { class: "preset" },
    element("input", { type: "radio", name: "preset", value: key, checked: key === state.preset,
      onchange: () => {
        state.preset = key;
        setValue("format", PRESETS[key]);
        showForm();
      } }),
    element("span", { class: `picture ${key}`, "aria-hidden": "true" }, element("i"), element("i")),
    element("span", { class: "preset-name" }, words.preset[key][0])));
  find("preset-note").textContent = state.preset ? words.preset[state.preset][1] : words.presetNone;
  const focused = document.activeElement?.name === "preset" ? document.activeElement.value : null;
  find("presets").replaceChildren(...rows);
  if (focused) find("presets").querySelector(`[value="${focused}"]`).focus();
}

function describe(name, value) {
  if (name === "divergence") {
    const steps = [0.05, 1.2, 2.3, 3.2, 5];
    const word = words.strengthWords[steps.filter((step) => value > step).length];
    return value > 3 ? `${word} · ${words.strengthWarning}` : word;
  }
  return words.planeWords[Math.min(4, Math.floor(value * 4 + 0.5))];
}

function buildSliders() {
  find("sliders").replaceChildren(...SLIDERS.map((name) => {
    const option = state.options.find((row) => row.name === name);
    if (!option) return "";
    const most = name === "divergence" ? Math.min(option.max, 6) : option.max;
    return element("div", { class: "slider" },
      element("label", { for: `slider-${name}` }, name === "divergence" ? words.strength : words.plane),
      element("output", { id: `slider-${name}-value`, for: `slider-${name}` }),
      element("input", { id: `slider-${name}`, type: "range", min: option.min, max: most,
        step: option.step, title: option.detail,
        oninput: (event) => setValue(name, event.target.value) }),
      option.choices?.some((choice) => choice.name === "auto")
        ? element("label", { class: "auto" },
          element("input", { id: `slider-${name}-auto`, type: "checkbox",
            onchange: (event) => setValue(name, event.target.checked ? "auto" : String(option.default)) }),
          words.planeAuto)
        : "",
      element("p", { class: "help", id: `slider-${name}-word` }));
  }));
}

function showSliders() {
  for (const name of SLIDERS) {
    const slider = find(`slider-${name}`);
    if (!slider) continue;
    const auto = valueOf(name) === "auto";
    if (find(`slider-${name}-auto`)) find(`slider-${name}-auto`).checked = auto;
    if (auto) {
      find(`slider-${name}-value`).textContent = "auto";
      find(`slider-${name}-word`).textContent = words.planeFound;
      slider.setAttribute("aria-valuetext", words.planeFound);
      continue;
    }
    const value = Number(valueOf(name));
    if (document.activeElement !== slider || Number(slider.value) !== value) slider.value = value;
    slider.style.setProperty("--part", `${(slider.value - slider.min) / (slider.max - slider.min) * 100}%`);
    find(`slider-${name}-value`).textContent = String(Number(value.toFixed(2)));
    find(`slider-${name}-word`).textContent = describe(name, value);
    slider.setAttribute("aria-valuetext", `${value}: ${describe(name, value)}`);
  }
}

function showForm() {
  buildForm(find("form"), state.options, state.values, SLIDERS, setValue);
  const start = find("option-start");
  if (!start) return;
  start.after(element("button", { type: "button", class: "quiet small", onclick: () => {
    start.value = clock(Number(find("time").value), true);
    setValue("start", start.value);
  } }, words.fromHere));
}

function briefOf(format) {
  const option = state.options.find((row) => row.name === "format");
  return option?.choices.find((choice) => choice.name === format)?.brief ?? format;
}

function showOutlook() {
  const film = current();
  const ready = [...state.films.values()].filter(usable);
  find("format-chip").textContent = valueOf("format");
  find("convert").disabled = !usable(film);
  find("convert-all").hidden = ready.length < 2;
  find("convert-all").textContent = words.convertAll(ready.length);
  find("outlook").textContent = words.outlook(briefOf(valueOf("format")));
}

async function convert(film) {
  const job = await ask("POST", "/api/jobs", { id: film.id, options: state.values });
  takeJob(job);
  say(words.said.queued(film.filename));
}

// ---- Conversions

function act(job, action) {
  attempt(async () => {
    if (action === "delete") {
      await ask("DELETE", `/api/jobs/${job.id}`);
      dropJob(job.id);
    } else {
      takeJob(await ask("POST", `/api/jobs/${job.id}/${action}`, {}));
    }
  });
}

// Deleting asks once more, in the button itself.
function sure(event, work) {
  const button = event.currentTarget;
  if (button.dataset.sure) {
    work();
    return;
  }
  const before = button.textContent;
  button.dataset.sure = "1";
  button.textContent = words.really;
  setTimeout(() => {
    delete button.dataset.sure;
    button.textContent = before;
  }, 3000);
}

function buttonsOf(job) {
  const button = (word, work, kind = "quiet") =>
    element("button", { type: "button", class: kind, onclick: work }, word);
  const actions = [];
  if (job.state === "done") {
    const stem = job.filename.replace(/\.[^.]*$/, "");
    const named = `${stem}_3d.${job.result.filename.split(".").pop()}`;
    actions.push(
      button(words.play, () => player.open(job, formatOf(job.options), state.films.get(job.file)), "button"),
      element("a", { class: "button plain", href: `/api/jobs/${job.id}/result?download=1`,
        download: job.result.filename }, words.download),
      element("a", { class: "quiet", href: `/api/jobs/${job.id}/result?download=name`,
        download: named, title: words.downloadNamed(named) }, words.downloadOwn));
  }
  if (job.state === "running" || job.state === "queued") actions.push(button(words.pause, () => act(job, "pause")));
  if (job.state === "paused") actions.push(button(words.resume, () => act(job, "resume"), "button"));
  if (["running", "queued", "paused"].includes(job.state)) actions.push(button(words.cancel, () => act(job, "cancel")));
  if (job.state === "failed" || job.state === "cancelled") actions.push(button(words.retry, () => act(job, "retry")));
  if (["done", "failed", "cancelled"].includes(job.state)) {
    actions.push(button(words.remove, (event) => sure(event, () => act(job, "delete"))));
  }
  return actions;
}

function statusOf(job) {
  const { progress } = job;
  if (job.state === "failed") return job.error.message + (job.error.hint ? ` (${job.error.hint})` : "");
  if (job.state === "done") {
    return [words.state.done, words.frames(progress.frames), words.took(duration(progress.elapsed)),
      bytes(job.result.bytes)].join(" · ");
  }
  if (job.state !== "running") return words.state[job.state];
  if (!progress.frames) return words.starting;
  return [`${Math.floor(progress.part * 100)} %`, words.fps(progress.fps.toFixed(1)),
    progress.left === null ? "" : words.left(duration(progress.left))].filter(Boolean).join(" · ");
}

function jobCard(job) {
  return element("li", { class: "job", "data-id": job.id },
    element("img", { class: "thumb", alt: "" }),
    element("div", { class: "job-text" },
      element("h3", {}, job.filename),
      element("p", { class: "job-format" }, briefOf(formatOf(job.options))),
      element("progress", { max: 1, "aria-label": words.progress(job.filename) }),
      element("p", { class: "job-status" })),
    element("div", { class: "job-actions" }));
}

// Where the conversion is: a new picture every few seconds while it works, and one at its end.
function showThumbnail(card, job) {
  const now = Date.now();
  const wanted = job.state === "running" ? `${Math.floor(now / 3000)}` : job.state === "done" ? "done" : "first";
  if (card.dataset.thumb === wanted || (card.dataset.thumb && job.state === "queued")) return;
  card.dataset.thumb = wanted;
  const picture = new Image();
  picture.onload = () => { card.querySelector(".thumb").src = picture.src; };
  picture.src = `/api/jobs/${job.id}/thumbnail?${wanted}`;
}

function takeJob(job) {
  const before = state.jobs.get(job.id);
  state.jobs.set(job.id, job);
  let card = find("jobs").querySelector(`[data-id="${job.id}"]`);
  if (!card) {
    card = jobCard(job);
    find("jobs").prepend(card);
  }
  card.className = `job ${job.state}`;
  const bar = card.querySelector("progress");
  bar.hidden = ["done", "failed", "cancelled"].includes(job.state);
  if (job.state === "running" && !job.progress.frames) bar.removeAttribute("value");
  else bar.value = job.progress.part;
  card.querySelector(".job-status").textContent = statusOf(job);
  showThumbnail(card, job);
  if (before?.state !== job.state || !card.querySelector(".job-actions").childElementCount) {
    const had = card.querySelector(".job-actions").contains(document.activeElement);
    card.querySelector(".job-actions").replaceChildren(...buttonsOf(job));
    if (had) card.querySelector(".job-actions button")?.focus();
    if (before && job.state === "done") say(words.said.done(job.filename));
    if (before && job.state === "failed") say(words.said.failed(job.filename, job.error.message));
  }
  find("queue").hidden = state.jobs.size === 0;
}

function dropJob(id) {
  state.jobs.delete(id);
  find("jobs").querySelector(`[data-id="${id}"]`)?.remove();
  find("queue").hidden = state.jobs.size === 0;
}

function listen() {
  const events = new EventSource("/api/events");
  let seen = null;  // jobs told since the stream began; those that are not are gone
  events.addEventListener("open", () => {
    find("connection").textContent = "";
    seen = new Set();
  });
  events.addEventListener("job", (event) => {
    const job = JSON.parse(event.data);
    seen?.add(job.id);
    takeJob(job);
  });
  events.addEventListener("gone", (event) => dropJob(JSON.parse(event.data).id));
  events.addEventListener("ready", () => {
    for (const id of [...state.jobs.keys()]) if (!seen?.has(id)) dropJob(id);
    seen = null;
  });
  events.addEventListener("error", () => { find("connection").textContent = words.offline; });
}

// ---- The machine's folder

async function showFolder(path) {
  const { entries } = await ask("GET", `/api/folder?path=${encodeURIComponent(path)}`);
  entries.sort((a, b) => b.folder - a.folder || a.name.localeCompare(b.name));
  const rows = entries.map((entry) => element("li", {}, element("button", { type: "button", class: "quiet",
    onclick: () => attempt(async () => {
      const inside = path ? `${path}/${entry.name}` : entry.name;
      if (entry.folder) return showFolder(inside);
      find("folder").close();
      return addFilm(await ask("POST", "/api/files", { path: inside }));
    }) }, entry.folder ? `${entry.name}/` : entry.name,
  entry.folder ? "" : element("span", { class: "help" }, bytes(entry.bytes)))));
  if (path) {
    rows.unshift(element("li", {}, element("button", { type: "button", class: "quiet",
      onclick: () => attempt(() => showFolder(path.split("/").slice(0, -1).join("/"))) }, `↑ ${words.folderUp}`)));
  }
  if (!rows.length) rows.push(element("li", {}, words.folderEmpty));
  find("folder-list").replaceChildren(...rows);
  if (!find("folder").open) find("folder").showModal();
}

// ---- The beginning

const systemIsLight = window.matchMedia("(prefers-color-scheme: light)");

function setTheme(name) {
  const root = document.documentElement.dataset;
  root.choice = name;
  root.theme = name === "auto" ? (systemIsLight.matches ? "light" : "dark") : name;
  const word = { dark: words.themeDark, light: words.themeLight, auto: words.themeAuto }[name];
  find("theme-name").textContent = word;
  find("theme").setAttribute("aria-label", words.theme(word));
}

function fillWords() {
  for (const host of document.querySelectorAll("[data-word]")) host.textContent = words[host.dataset.word];
  for (const host of document.querySelectorAll("[data-label]")) host.setAttribute("aria-label", words[host.dataset.label]);
  find("wipe").setAttribute("aria-label", words.wipe);
}

function connectDrop() {
  let depth = 0;
  const has = (event) => event.dataTransfer?.types.includes("Files");
  const show = (on) => document.body.classList.toggle("dropping", on);
  addEventListener("dragenter", (event) => { if (has(event)) { depth += 1; show(true); } });
  addEventListener("dragleave", (event) => { if (has(event)) { depth -= 1; show(depth > 0); } });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    show(false);
    uploadAll(event.dataTransfer.files);
  });
}

function connect() {
  for (const id of ["add", "choose"]) find(id).addEventListener("click", () => find("picker").click());
  find("picker").addEventListener("change", (event) => {
    uploadAll(event.target.files);
    event.target.value = "";
  });
  find("time").addEventListener("input", showPicture);
  find("compare").addEventListener("click", () => {
    state.compare = !state.compare;
    find("compare").setAttribute("aria-pressed", String(state.compare));
    showPicture();
  });
  find("convert").addEventListener("click", () => attempt(() => convert(current())));
  find("convert-all").addEventListener("click", () => attempt(async () => {
    for (const film of [...state.films.values()].filter(usable)) await convert(film);
  }));
  find("reset").addEventListener("click", () => {
    state.values = {};
    state.preset = "glasses";
    setValue("format", PRESETS.glasses);
    showForm();
  });
  find("theme").addEventListener("click", () => {
    const themes = ["dark", "light", "auto"];
    setTheme(themes[(themes.indexOf(document.documentElement.dataset.choice) + 1) % 3]);
    remember();
  });
  systemIsLight.addEventListener("change", () => setTheme(document.documentElement.dataset.choice));
  find("folder-open").addEventListener("click", () => attempt(() => showFolder("")));
  find("folder-close").addEventListener("click", () => find("folder").close());
  preview.onerror = complain;
  connectDrop();
}

async function begin() {
  const kept = recall();
  fillWords();
  setTheme(kept.theme ?? "dark");
  connect();
  const [{ options }, { files }, health, { models }] = await Promise.all(
    ["/api/options", "/api/files", "/api/health", "/api/models"].map((path) => ask("GET", path)));
  const model = options.find((option) => option.name === "model");
  if (model) {
    model.choices = models.filter((row) => row.state === "present")
      .map((row) => ({ name: row.name, brief: `${row.description} (${row.licence})` }));
  }
  state.options = options;
  const known = new Set(options.map((option) => option.name));
  state.values = Object.fromEntries(Object.entries(kept.values ?? { format: PRESETS.glasses })
    .filter(([name]) => known.has(name)));
  state.preset = kept.preset === undefined ? "glasses" : kept.preset;
  state.view = VIEWS.includes(kept.view) ? kept.view : "output";
  state.film = kept.film ?? null;
  find("folder-open").hidden = !health.folder;
  showPresets();
  buildSliders();
  showSliders();
  showViews();
  showForm();
  for (const film of files) state.films.set(film.id, film);
  const shown = usable(current()) ? current() : files.filter(usable).at(-1);
  if (shown) chooseFilm(shown.id);
  showFilms();
  listen();
  document.body.classList.add("ready");
  for (const film of files) if (!film.info) await lookInto(film);
}

attempt(begin);

