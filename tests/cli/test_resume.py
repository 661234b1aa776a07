# SPDX-License-Identifier: MIT
"""An interrupted conversion goes on where it stopped, and the film is as if nothing had happened."""

import re
import signal
import subprocess
import time

import command

SIZE, RATE, SHOT = "192x108", 10, 75  # a key picture every 50 frames
RECORD = 56  # bytes beside each packet
GOES_ON = re.compile(r"goes on at frame (\d+)")


class Resume(command.Case):
    def setUp(self):
        super().setUp()
        # Two shots that are shorter than what is begun anew at most.
        self.ffmpeg("-f", "lavfi", "-i", f"testsrc2=s={SIZE}:r={RATE}", "-f", "lavfi", "-i",
                    f"testsrc=s={SIZE}:r={RATE}", "-f", "lavfi", "-i", "sine=d=15",
                    "-filter_complex",
                    f"[0]trim=end_frame={SHOT}[a];[1]trim=end_frame={SHOT}[b];[a][b]concat",
                    "-map", "2:a", "-c:v", "mpeg4", "-q:v", "3", "film.mkv")

    def interrupt(self, output, *words, number=signal.SIGKILL, behind=90, like=None):
        """Begin, and end it when so many packets are encoded, of the sizes of those of `like`."""
        journal = self.folder / (output + ".resume")
        sizes = self.ffprobe(like, "-select_streams", "v", "-show_entries", "packet=size")
        enough = sum(int(p["size"]) + RECORD for p in sizes["packets"][:behind])
        child = subprocess.Popen(
            [command.RELIEF, "film.mkv", "-o", output, "--device", "dummy", "--speed", "fast",
             *words], cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(child.kill)
        while child.poll() is None and not (
                journal.exists() and journal.stat().st_size > enough):
            time.sleep(.002)
        child.send_signal(number)
        _, err = child.communicate(timeout=30)
        self.assertTrue(journal.exists(), (child.returncode, err))
        return err

    def go_on(self, output, *words):
        """The same command once more; the frame at which it went on, 0 when it began anew."""
        done = self.relief("film.mkv", "-o", output, *words)
        found = GOES_ON.search(done.stderr)
        self.assertFalse((self.folder / (output + ".resume")).exists())
        return int(found[1]) if found else 0

    def pictures(self, name):
        return self.ffmpeg("-i", name, "-map", "0:v", "-f", "framemd5", "-")

    def packets(self, name):
        return self.ffprobe(name, "-show_entries",
                            "packet=stream_index,pts,dts,duration,flags")["packets"]

    def test_nothing_shows_that_it_was_killed_twice(self):
        self.relief("film.mkv", "-o", "whole.mkv", "--encoder", "ffv1")
        for behind in 40, 110:
            self.interrupt("b.mkv", "--encoder", "ffv1", behind=behind, like="whole.mkv")
        self.assertGreater(self.go_on("b.mkv", "--encoder", "ffv1"), SHOT)
        self.assertEqual(self.pictures("b.mkv"), self.pictures("whole.mkv"))
        self.assertEqual(self.packets("b.mkv"), self.packets("whole.mkv"))
        self.assertEqual(self.stream_hashes("b.mkv", "a"), self.stream_hashes("whole.mkv", "a"))

    def test_encoders_that_reorder_pictures(self):
        for name, words in (("a.mp4", []), ("b.mkv", ["-f", "al"]),
                            ("c.mp4", ["--encoder", "h265", "-f", "arcg"])):
            with self.subTest(name=name):
                self.relief("film.mkv", "-o", "whole_" + name, *words)
                self.interrupt(name, *words, behind=130, like="whole_" + name)
                self.assertGreater(self.go_on(name, *words), 49)
                times = [[{key: p[key] for key in p if key != "flags"} for p in self.packets(film)]
                         for film in (name, "whole_" + name)]
                self.assertEqual(*times)
                self.assert_plays(name)

    def test_an_interrupt_tells_how_to_go_on(self):
        self.relief("film.mkv", "-o", "whole.mkv", "--encoder", "ffv1")
        said = self.interrupt("b.mkv", "--encoder", "ffv1", number=signal.SIGINT, like="whole.mkv")
        self.assertIn("cancelled (try: the same command once more", said)
        self.assertEqual(self.names(), ["b.mkv.resume", "film.mkv", "whole.mkv"])
        # Where it is not wanted, what is left is not looked at, and goes when the film is complete.
        self.assertEqual(self.go_on("b.mkv", "--encoder", "ffv1", "--resume", "off"), 0)
        self.assertEqual(self.pictures("b.mkv"), self.pictures("whole.mkv"))

    def test_given_depth_is_passed_over_too(self):
        self.ffmpeg("-f", "lavfi", "-i", f"gradients=s=64x36:r={RATE}:n=2:speed=.1", "-frames:v",
                    str(2 * SHOT),
                    "-pix_fmt", "gray", "-c:v", "ffv1", "maps.mkv")
        words = ["--encoder", "ffv1", "--depth-in", "maps.mkv"]
        self.relief("film.mkv", "-o", "whole.mkv", *words)
        self.interrupt("b.mkv", *words, like="whole.mkv")
        self.assertGreater(self.go_on("b.mkv", *words), SHOT)
        self.assertEqual(self.pictures("b.mkv"), self.pictures("whole.mkv"))

    def test_what_differs_begins_anew(self):
        words = ["--encoder", "ffv1"]
        self.relief("film.mkv", "-o", "whole.mkv", *words)
        for more in ("--divergence", "1"), ("--screen-width", "5000"):
            self.interrupt("b.mkv", "-y", *words, like="whole.mkv")
            self.assertEqual(self.go_on("b.mkv", "-y", *words, *more), 0)
        self.interrupt("b.mkv", "-y", *words, like="whole.mkv")
        self.draw("film.mkv", frames=20)
        self.assertEqual(self.go_on("b.mkv", "-y", *words), 0)
        self.assertEqual(len(self.frame_times("b.mkv")), 20)

    def test_a_file_of_that_name_is_left_alone(self):
        (self.folder / "b.mkv.resume").write_text("not of relief, and longer than its mark")
        done = self.relief("film.mkv", "-o", "b.mkv", "--duration", "1")
        self.assertIn("b.mkv.resume: is something else", done.stderr)
        self.assertIn("b.mkv.resume", self.names())


if __name__ == "__main__":
    command.main()
