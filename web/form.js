// SPDX-License-Identifier: MIT
//
// The form, built from the option table that the server sends: a new row of the table is a new
// field here, without a change of this file.

import { words } from "./words.js";

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// "depth-size" -> "Depth size", unless the page has a better word.
export function label(option) {
  const plain = option.name.replaceAll("-", " ");
  return words.option[option.name] ?? plain[0].toUpperCase() + plain.slice(1);
}

function listed(option) {
  return (option.choices ?? []).filter((choice) => choice.brief);
}

function control(option, value, change) {
  const id = `option-${option.name}`;
  const described = `${id}-help`;
  if (option.type === "choice") {
    const select = element("select", { id, "aria-describedby": described,
      onchange: (event) => change(event.target.value) });
    for (const choice of listed(option)) {
      select.append(element("option", { value: choice.name, selected: String(value) === choice.name },
        choice.brief));
    }
    return select;
  }
  if (option.type === "flag") {
    const box = element("input", { id, type: "checkbox", "aria-describedby": described,
      onchange: (event) => change(event.target.checked ? "1" : "0") });
    box.checked = String(value) === "1";
    return box;
  }
  const numeric = option.type === "float" || option.type === "int";
  const input = element("input", {
    id,
    type: numeric ? "number" : "text",
    inputmode: numeric ? "decimal" : null,
    min: option.min, max: option.max, step: numeric ? "any" : null,
    list: listed(option).length ? `${id}-list` : null,
    placeholder: option.type === "time" ? "0:00" : null,
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": described,
    onchange: (event) => {
      if (event.target.checkValidity()) change(event.target.value);
      else event.target.reportValidity();
    },
  });
  input.value = value ?? "";
  if (!listed(option).length) return input;
  const list = element("datalist", { id: `${id}-list` });
  for (const choice of listed(option)) list.append(element("option", { value: choice.name }, choice.brief));
  const both = document.createDocumentFragment();
  both.append(input, list);
  return both;
}

function field(option, value, change) {
  const id = `option-${option.name}`;
  const telling = ["float", "int"].includes(option.type) && !["count", "quality"].includes(option.unit);
  const note = telling && option.unit ? `${option.brief} (${option.unit})` : option.brief;
  return element("div", { class: `field ${option.type}`, title: option.detail },
    element("label", { for: id }, label(option)),
    control(option, value, (text) => change(option.name, text)),
    element("p", { id: `${id}-help`, class: "help" }, note));
}

// Fields for all of `options` but those in `without`; `values` are name -> text.
export function buildForm(host, options, values, without, change) {
  host.replaceChildren();
  const groups = [...new Set(options.map((option) => option.group))];
  for (const group of groups) {
    const rows = options.filter((option) => option.group === group && !without.includes(option.name));
    if (!rows.length) continue;
    rows.sort((a, b) => (b.level === "basic") - (a.level === "basic"));
    host.append(element("fieldset", {},
      element("legend", {}, words.group[group] ?? group),
      ...rows.map((option) => field(option, values[option.name] ?? option.default, change))));
  }
}
