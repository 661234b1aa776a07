# SPDX-License-Identifier: MIT
"""Wrong use and bad files: one clear line, the right exit code, nothing lost, nothing left."""

import os
import resource
import subprocess
import unittest

import command


class WrongUse(command.Case):
    def test_options(self):
        for says, words in {
            "--divergense: there is no such option (try: --divergence)": ["--divergense", "2", "a"],
            "-Z: there is no such option": ["-Z", "a"],
            "--divergence: 11 is out of range: 0 to 10": ["a", "--divergence", "11"],
            "--divergence: 'deep' is not a number": ["a", "--divergence=deep"],
            "--divergence: 'nan' is not a number": ["a", "--divergence=nan"],
            "'arcx' is not one of its words (try: arcc, arch": ["a", "-f", "arcx"],
            "--report: needs a value": ["a", "--report"],
            "--report: needs a value, but '--keep' follows": ["a", "--report", "--keep", "b"],
            "--overwrite: takes no value": ["a", "--overwrite=2"],
            "--start: '1:99' is not a time": ["a", "--start", "1:99"],
            "--output: was given twice": ["a", "-o", "b.mp4", "-o", "c.mp4"],
            "--output: the name is empty": ["a", "-o", ""],
            "no input was given": ["-y"],
            "infos: there is no such command (try: relief info)": ["infos", "a.mp4"],
            "info: takes one file": ["info"],
            "devices: takes no file": ["devices", "a"],
            "is one output for 2 inputs (try: -o b.mp4/)": ["a", "c", "-o", "b.mp4"],
            "--report: works with one input at a time": ["a", "c", "--report", "r"],
            "both a.mp4 and d/a.mp4 would be written to it": ["a.mp4", "d/a.mp4"],
        }.items():
            with self.subTest(words=words):
                self.refuse(2, says, *words)

    def test_no_words_at_all(self):
        self.refuse(2, "relief --help")

    def test_bad_pixel_format_and_preset(self):
        self.draw("a.mkv")
        done = self.relief("a.mkv", "--pix-fmt", "nonsense", code=2)
        self.assertIn("nonsense", done.stderr)
        self.assertEqual(self.names(), ["a.mkv"])
        done = self.relief("a.mkv", "--preset", "nonsense", code=2)
        self.assertIn("nonsense", done.stderr)
        self.assertEqual(self.names(), ["a.mkv"])


class BadInput(command.Case):
    def bad(self, says, name, code=3):
        line = self.refuse(code, says, name, "--device", "dummy")
        self.assertTrue(line.startswith(f"relief: {name}: "), line)
        if code == 3:
            self.refuse(3, "", "info", name)

    def test_missing(self):
        self.bad("No such file", "missing.mp4")
        self.bad("No such file", "missing/film.mp4")
        (self.folder / "output_3d_video.mp4").touch()
        self.bad("No such file", "missing.mp4")

    def test_zero_bytes(self):
        (self.folder / "a.mp4").touch()
        self.bad("", "a.mp4")

    def test_text_that_is_called_a_film(self):
        (self.folder / "a.mp4").write_text("This is not a film.\n" * 100)
        self.bad("", "a.mp4")

    def test_noise_that_is_called_a_film(self):
        for name in ["a.mp4", "a.mkv", "a.ts", "a.avi"]:
            (self.folder / name).write_bytes(bytes((i * i * 7919 >> 5) & 255 for i in range(50000)))
            self.bad("", name)

    def test_sound_without_picture(self):
        self.ffmpeg("-f", "lavfi", "-i", "sine", "-t", "0.2", "a.mp4")
        self.bad("only sound", "a.mp4")

    def test_folder_without_pictures(self):
        (self.folder / "empty").mkdir()
        self.bad("", "empty")

    def test_sequence_without_pictures(self):
        self.bad("", "f_%04d.png")

    @unittest.skipIf(os.geteuid() == 0, "root reads everything")
    def test_unreadable(self):
        self.draw("a.mkv")
        (self.folder / "a.mkv").chmod(0)
        self.bad("Permission denied", "a.mkv")

    def test_begins_behind_the_end(self):
        self.draw("a.mkv")
        self.refuse(3, "", "a.mkv", "--start", "1:00:00", "--device", "dummy")

    def test_truncated_mp4_without_index(self):
        self.draw("a.mp4")
        whole = (self.folder / "a.mp4").read_bytes()
        (self.folder / "a.mp4").write_bytes(whole[: len(whole) // 2])
        self.bad("", "a.mp4")

    def test_truncated_matroska_gives_what_is_there(self):
        self.draw("a.mkv", "-g", "1", frames=20)
        whole = (self.folder / "a.mkv").read_bytes()
        (self.folder / "a.mkv").write_bytes(whole[: len(whole) * 2 // 3])
        self.relief("a.mkv", "-o", "b.mkv")
        self.assert_plays("b.mkv")
        self.assertGreater(len(self.frame_times("b.mkv")), 5)

    def test_broken_depth_maps(self):
        self.draw("a.mkv")
        (self.folder / "d.png").write_text("no picture")
        self.refuse(3, "d.png", "a.mkv", "--depth-in", "d.png")
        self.refuse(3, "none.mkv", "a.mkv", "--depth-in", "none.mkv")

    def test_missing_model(self):
        self.draw("a.mkv")
        self.refuse(5, "none.onnx", "a.mkv", "--model", "none.onnx")


class BadOutput(command.Case):
    def setUp(self):
        super().setUp()
        self.draw("a.mp4")

    def bad(self, code, says, *words, **options):
        return self.refuse(code, says, "a.mp4", "--device", "dummy", *words, **options)

    def test_existing_is_kept(self):
        (self.folder / "b.mp4").write_text("precious")
        self.bad(4, "b.mp4: exists already (try: -y", "-o", "b.mp4")
        self.relief("a.mp4", "-o", "b.mp4", "-y")
        self.assert_plays("b.mp4")

    def test_failed_conversion_keeps_the_old_file(self):
        (self.folder / "b.mp4").write_text("precious")
        (self.folder / "bad.mp4").write_text("no film")
        self.refuse(3, "bad.mp4", "bad.mp4", "-o", "b.mp4", "-y")

    def test_the_input_itself(self):
        os.symlink("a.mp4", self.folder / "soft.mp4")
        os.link(self.folder / "a.mp4", self.folder / "hard.mp4")
        for name in ["a.mp4", "./a.mp4", "soft.mp4", "hard.mp4"]:
            with self.subTest(name=name):
                self.bad(4, "is an input", "-o", name, "-y")

    def test_nothing_that_is_read_is_replaced(self):
        self.ffmpeg("-i", "a.mp4", "-frames:v", "1", "p.png")
        (self.folder / "s").mkdir()
        self.ffmpeg("-i", "a.mp4", "-frames:v", "3", "-start_number", "0", "s/f_%04d.png")
        self.relief("s", "-o", "k.mp4", "--keep", "k")
        self.relief("a.mp4", "-o", "d.mkv", "-f", "depth")
        for words in [
            ["a.mp4", "-o", "b.mp4", "--report", "a.mp4"],
            ["a.mp4", "-o", "b.mp4", "--report", "./a.mp4"],
            ["a.mp4", "-o", "b.mp4", "--depth-out", "a.mp4"],
            ["a.mp4", "-o", "d.mkv", "--depth-in", "d.mkv"],
            ["p.png", "-o", "b.png", "--depth-out", "p.png"],
            ["s", "-o", "s/f_%04d.png"],
            ["s/f_%04d.png", "-o", "./s/f_%04d.png"],
            ["s/f_%04d.png", "-o", "b.mp4", "--depth-out", "s/f_%04d.png"],
            ["s/f_0001.png", "-o", "s/f_%04d.png"],
            ["k/frames", "-o", "b.mp4", "--keep", "k"],
            ["a.mp4", "-o", "b.mp4", "--depth-in", "k/depth", "--keep", "k"],
        ]:
            with self.subTest(words=words):
                self.refuse(4, "input", *words, "--device", "dummy", "-y")

    def test_pictures_beside_those_that_are_read(self):
        (self.folder / "s").mkdir()
        self.ffmpeg("-i", "a.mp4", "-frames:v", "3", "s/f_%04d.png")
        for output in "s/g_%04d.png", "s/f_%d.png":
            self.relief("s/f_%04d.png", "-o", output)
            self.relief("s/f_%04d.png", "-o", output, "-y")

    def test_two_things_of_one_name(self):
        self.bad(4, "written twice", "-o", "b.mkv", "--depth-out", "./b.mkv")
        self.bad(4, "written twice", "-o", "b.mkv", "--report", "b.mkv", "-y")
        self.bad(4, "written twice", "-o", "b.mp4", "--report", "r", "--depth-out", "r")
        self.bad(4, "written twice", "-o", "-", "--depth-out", "-")

    def test_missing_folder(self):
        self.bad(4, "none/b.mp4", "-o", "none/b.mp4")

    def test_devices_and_pipes_are_not_replaced(self):
        os.mkfifo(self.folder / "pipe.mkv")
        self.bad(4, "not a file", "-o", "pipe.mkv", "-y")
        self.bad(4, "not a file", "-o", "b.mkv", "--report", "pipe.mkv", "-y")
        self.assertTrue((self.folder / "pipe.mkv").is_fifo())

    def test_unknown_kind(self):
        self.bad(4, "b.nonsense", "-o", "b.nonsense")

    def test_kind_that_cannot_carry_it(self):
        self.bad(4, "b.webm", "-o", "b.webm", "--encoder", "h264")

    @unittest.skipIf(os.geteuid() == 0, "root writes everywhere")
    def test_folder_that_cannot_be_written(self):
        (self.folder / "sealed").mkdir(mode=0o500)
        self.bad(4, "Permission denied", "-o", "sealed/b.mp4")

    def test_report_and_keep_that_cannot_be_written(self):
        self.bad(4, "none/r.json", "-o", "b.mp4", "--report", "none/r.json")
        self.bad(4, "a.mp4", "-o", "b.mp4", "--keep", "a.mp4/x")
        self.bad(4, "none/d.mkv", "-o", "b.mp4", "--depth-out", "none/d.mkv")

    def test_full_disk(self):
        self.draw("big.mkv", "-c:v", "ffv1", frames=40, size="320x240")

        def fill():
            # A file can grow to 20 kB and no further: what a full disk looks like to a writer.
            resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))

        for output in ["b.mp4", "b.mkv", "b.mov"]:
            with self.subTest(output=output):
                self.refuse(4, output, "big.mkv", "-o", output, "--device", "dummy", "--encoder",
                            "prores" if output == "b.mov" else "h264", "--crf", "1",
                            preexec_fn=fill)

    def test_standard_output_that_is_full(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([command.RELIEF, "a.mp4", "-o", "-", "--device", "dummy"],
                                  cwd=self.folder, stdout=full, stderr=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, 4, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            done = subprocess.run([command.RELIEF, "--help"], stdout=full, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 4)

    def test_reader_that_goes_away(self):
        self.draw("big.mkv", "-c:v", "ffv1", frames=40, size="320x240")
        done = subprocess.run(
            f'"{command.RELIEF}" big.mkv -o - --device dummy --crf 1 | head -c 100 >/dev/null; '
            'exit ${PIPESTATUS[0]}', shell=True, executable="/bin/bash", cwd=self.folder,
            capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)


if __name__ == "__main__":
    command.main()
