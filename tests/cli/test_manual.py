# SPDX-License-Identifier: MIT
"""Parser, help, man page, completion, JSON and docs/options.md say the same."""

import json
import pathlib
import re
import shutil
import subprocess
import unittest

import command

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"


class Manual(command.Case):
    def help(self, topic):
        done = self.run_relief(f"--help={topic}")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def setUp(self):
        super().setUp()
        self.table = json.loads(self.help("json"))

    def test_docs_are_fresh(self):
        page = (DOCS / "options.md").read_text()
        self.assertEqual(page, self.help("markdown"),
                         "docs/options.md: renew it with relief --help=markdown")

    def test_all_forms_name_the_same_options(self):
        names = {"--" + row["name"] for row in self.table}
        for topic, pattern in {
            "all": r"^  (?:-., |    )(--[a-z-]+)",
            "man": r"^\.TP\n.*\\fB(\\-\\-[a-z\\-]+)\\fR",
            "markdown": r"^- (?:`-.`, )?`(--[a-z-]+)",
        }.items():
            found = re.findall(pattern, self.help(topic), re.M)
            self.assertEqual({name.replace("\\", "") for name in found}, names, topic)

    def test_the_parser_takes_every_option_and_choice(self):
        # Of an option given twice the last counts, so all of them fit into one line.
        words = []
        for row in self.table:
            if row["type"] == "command":
                continue
            value = [] if row["type"] in ("flag", "alias") else [str(row["default"]) or "x"]
            words += ["--" + row["name"], *value]
            words += ["-" + row["short"], *value] if row["short"] else []
            words += [f"--{row['name']}={choice['name']}" for choice in row["choices"] or []]
        done = self.run_relief("--version", *words)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_parser_keeps_to_the_bounds(self):
        inside = []
        for row in self.table:
            option = "--" + row["name"]
            if row["max"] is None:
                continue
            inside += [option, str(row["min"]), option, str(row["max"])]
            for value in row["min"] - 1, row["max"] + 1:
                done = self.run_relief("--version", option, str(value))
                self.assertEqual(done.returncode, 2, (option, value))
        self.assertEqual(self.run_relief("--version", *inside).returncode, 0)

    def test_help_is_two_screens(self):
        lines = self.help("basic").splitlines()
        self.assertLessEqual(len(lines), 48)
        self.assertLessEqual(max(map(len, lines)), 80)
        for words in [["--help"], ["-h"], ["help"], ["film.mp4", "--help"]]:
            self.assertEqual(self.run_relief(*words).stdout.splitlines(), lines)

    def test_version(self):
        self.assertRegex(self.run_relief("--version").stdout, r"^relief \d+\.\d+\.\d+\n")

    @unittest.skipUnless(shutil.which("groff"), "needs groff")
    def test_the_man_page_has_no_warnings(self):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww"], input=self.help("man"),
                              capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        text = re.sub("\x1b\\[[0-9;]*m|.\b", "", done.stdout)
        order = ["NAME", "SYNOPSIS", "EXAMPLES", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "FILES",
                 "SEE ALSO"]
        places = [re.search(f"^{title}$", text, re.M).start() for title in order]
        self.assertEqual(places, sorted(places))
        self.assertEqual(self.help("man").split(".SH ")[3].count(".TP\n"), 5)

    def test_examples_parse(self):
        page = self.help("man").split(".SH EXAMPLES")[1].split(".SH")[0]
        examples = re.findall(r"\\fB(relief .*)\\fR", page.replace("\\-", "-"))
        self.assertEqual(len(examples), 5)
        for example in examples:
            words = example.replace("*", "x").split()[1:]
            self.assertEqual(self.run_relief(*words, "--version").returncode, 0, example)

    def complete(self, *words):
        script = self.folder / "completion"
        if not script.exists():
            script.write_text(self.help("completion"))
        words = " ".join(f"'{word}'" for word in words)
        program = (f"source {script}; COMP_WORDS=(relief {words}); "
                   "COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )); "
                   "_relief && printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "-c", program], cwd=self.folder, capture_output=True,
                              text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout.split("\n")[:-1]

    @unittest.skipUnless(shutil.which("bash"), "needs bash")
    def test_completion(self):
        (self.folder / "a film.mp4").touch()
        (self.folder / "a folder").mkdir()
        self.assertEqual(self.complete("--for"), ["--format"])
        self.assertEqual(self.complete("--div"), ["--divergence"])
        self.assertEqual(self.complete("-f", "sbs2"), ["sbs2l", "sbs2r"])
        self.assertEqual(self.complete("--format", "=", "ab2"), ["ab2l", "ab2r"])
        self.assertEqual(self.complete("x.mp4", "--speed", "="), ["fast", "normal", "best"])
        self.assertEqual(self.complete("--help", "=", "m"), ["man", "markdown"])
        self.assertEqual(self.complete("dev"), ["devices"])
        self.assertEqual(self.complete("--keep", "a"), ["a folder"])
        self.assertEqual(sorted(self.complete("info", "a")), ["a film.mp4", "a folder"])
        self.assertEqual(self.complete("--crf", "1"), [""])
        self.assertEqual(sorted(self.complete("--")), sorted("--" + r["name"] for r in self.table))


if __name__ == "__main__":
    command.main()
