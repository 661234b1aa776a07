#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Colours of the page against what they stand on, by the formula of WCAG 2: text 4.5, controls 3."""

import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(os.environ.get("ROOT", pathlib.Path(__file__).parents[2]))

GROUNDS = ("ground", "surface", "raised")
TEXT = [(ink, ground) for ink in ("ink", "soft", "red", "good", "accent") for ground in GROUNDS]
TEXT.remove(("red", "raised"))  # these two never stand there
TEXT.remove(("good", "raised"))
TEXT += [("on-accent", "accent")]
CONTROLS = [("edge", ground) for ground in GROUNDS] + [("accent", ground) for ground in GROUNDS]


def luminance(colour):
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def themes():
    """{name: {variable: "#rrggbb"}} of the style sheet."""
    text = (ROOT / "web/style.css").read_text()
    blocks = {"dark": r":root \{(.*?)\}", "light": r':root\[data-theme="light"\] \{(.*?)\}'}
    return {name: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});",
                                  re.search(block, text, re.S).group(1)))
            for name, block in blocks.items()}


class Contrast(unittest.TestCase):
    def test_the_formula(self):
        self.assertAlmostEqual(contrast("#000000", "#ffffff"), 21, places=5)
        self.assertAlmostEqual(contrast("#777777", "#ffffff"), 4.48, places=2)

    def test_text_can_be_read_and_controls_seen(self):
        for name, colours in themes().items():
            for pairs, least in (TEXT, 4.5), (CONTROLS, 3):
                for front, ground in pairs:
                    with self.subTest(theme=name, front=front, ground=ground):
                        self.assertGreaterEqual(contrast(colours[front], colours[ground]), least)

    def test_light_is_light_and_dark_dark(self):
        found = themes()
        self.assertGreater(luminance(found["light"]["ground"]), 0.5)
        self.assertLess(luminance(found["dark"]["ground"]), 0.05)

    def test_colours_stand_in_one_place(self):
        text = (ROOT / "web/style.css").read_text()
        rules = text[text.index("* { box-sizing"):]
        # What is left: white and near black on pictures, and the lenses of the glasses.
        left = set(re.findall(r": [^{}]*?(#[0-9a-f]{3,8})\b[^{}]*?;", rules))
        self.assertLessEqual(left, {"#fff", "#000", "#14161a", "#ff4d58", "#2fc9d8"})


if __name__ == "__main__":
    unittest.main()
