// SPDX-License-Identifier: MIT
//
// Numbers as people read them.

import { words } from "./words.js";

const two = (n) => String(n).padStart(2, "0");

// 83.2 -> "1:23"; with thousandths as relief's options take a time.
export function clock(seconds, exact = false) {
  const whole = Math.floor(seconds);
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  const rest = exact ? (seconds % 60).toFixed(3).padStart(6, "0") : two(whole % 60);
  if (!exact && seconds < 10 && seconds > 0) return `0:0${(Math.floor(seconds * 10) / 10).toFixed(1)}`;
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

// 83.2 -> "1 min 23 s".
export function duration(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return words.seconds(whole);
  if (whole < 3600) return words.minutes(Math.floor(whole / 60), whole % 60);
  return words.hours(Math.floor(whole / 3600), Math.floor(whole / 60) % 60);
}

export function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0, value = count ?? 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
