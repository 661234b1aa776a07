# SPDX-License-Identifier: MIT
"""What the command says while it works, and how it ends when it is told to stop."""

import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import termios
import time

import command


class Progress(command.Case):
    def setUp(self):
        super().setUp()
        self.draw("a.mkv", frames=10)

    def events(self, text):
        return [json.loads(line) for line in text.splitlines()]

    def test_json(self):
        done = self.relief("a.mkv", "-o", "b.mkv", "--progress", "json")
        self.assertEqual(done.stderr, "")
        events = self.events(done.stdout)
        self.assertEqual(events[0], {"event": "start", "input": "a.mkv", "output": "b.mkv"})
        self.assertEqual((events[-1]["event"], events[-1]["frames"]), ("done", 10))
        last = [event for event in events if event["event"] == "progress"][-1]
        self.assertEqual((last["frames"], last["total"]), (10, 10))
        self.assertEqual(set(last["stages"]),
                         {"read", "depth", "steady", "stereo", "compose", "write"})
        self.assertGreaterEqual(last["elapsed"], 0)

    def test_json_of_failures_and_warnings(self):
        (self.folder / "bad.mkv").write_text("no film")
        done = self.relief("bad.mkv", "a.mkv", "--progress", "json", "-v", code=3)
        events = self.events(done.stdout)
        error = next(event for event in events if event["event"] == "error")
        self.assertEqual((error["input"], error["status"], error["code"]), ("bad.mkv", "input", 3))
        self.assertIn("bad.mkv: ", error["message"])
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn("log", {event["event"] for event in events})
        self.assertEqual(events[-1]["event"], "done")

    def test_json_of_names_that_are_no_utf8(self):
        name = os.fsdecode(b"latin1-\xfc.mkv")
        os.rename(self.folder / "a.mkv", self.folder / name)
        done = self.relief(name, "-o", "b.mkv", "--progress", "json")
        self.assertEqual(self.events(done.stdout)[-1]["input"], "latin1-?.mkv")
        info = json.loads(self.run_relief("info", name, "--json").stdout)
        self.assertEqual(info["file"], "latin1-?.mkv")

    def test_json_beside_a_film_on_standard_output(self):
        done = self.relief("a.mkv", "-o", "-", "--progress", "json", text=False)
        self.assertEqual(done.stdout[:4], b"\x1aE\xdf\xa3")
        self.assertEqual(self.events(done.stderr.decode())[-1]["event"], "done")

    def test_silence(self):
        for words in [["-q"], ["--progress", "none"]]:
            done = self.relief("a.mkv", "-o", "b.mkv", "-y", *words)
            self.assertEqual((done.stdout, done.stderr), ("", ""))

    def on_terminal(self, columns, *words):
        """What relief draws on a terminal of that width."""
        try:
            ours, theirs = pty.openpty()
        except OSError as error:  # a bare root without /dev/pts
            self.skipTest(str(error))
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        child = subprocess.Popen([command.RELIEF, *words, "--device", "dummy"], cwd=self.folder,
                                 stderr=theirs, stdin=subprocess.DEVNULL,
                                 env={**os.environ, "TERM": "xterm"})
        os.close(theirs)
        text = b""
        try:
            while piece := os.read(ours, 4096):
                text += piece
        except OSError:  # how Linux says that the terminal has been closed
            pass
        os.close(ours)
        self.assertEqual(child.wait(), 0, text)
        return text.decode().replace("\r\n", "\n")

    def test_bar(self):
        for columns in 20, 60, 200:
            text = self.on_terminal(columns, "a.mkv", "-o", "b.mkv", "-y")
            drawn, last = text.rsplit("\r\x1b[K", 1)
            self.assertRegex(last, r"^relief: b.mkv: 10 frames in .*\n$")
            self.assertNotIn("\n", drawn)
            bars = [bar.removesuffix("\x1b[K") for bar in drawn.split("\r")[1:]]
            self.assertTrue(bars)
            self.assertLess(max(map(len, bars)), columns)
            self.assertIn("10/10 frames", bars[-1])
            self.assertEqual(bars[-1].startswith("[#"), columns > 40, bars)

    def test_bar_of_several(self):
        text = self.on_terminal(100, "a.mkv", self.draw("c.mkv"), "-o", "b/")
        self.assertIn("1/2  [", text)
        self.assertIn("2/2  [", text)

    def test_a_dumb_terminal_gets_lines(self):
        os.environ["TERM"] = "dumb"
        self.addCleanup(os.environ.pop, "TERM")
        self.assertNotIn("\x1b", self.relief("a.mkv", "-o", "b.mkv").stderr)


class Interrupts(command.Case):
    def begin(self, *words, **options):
        """A conversion under way, that would take long."""
        child = subprocess.Popen(
            [command.RELIEF, *words, "--device", "dummy"], cwd=self.folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.addCleanup(child.kill)
        return child

    def stop(self, child, number):
        """Send the signal; the exit code must be 130, soon."""
        before = time.monotonic()
        child.send_signal(number)
        out, err = child.communicate(timeout=20)
        seconds = time.monotonic() - before
        self.assertEqual(child.returncode, 130, err)
        self.assertLess(seconds, 1.0)
        return out, err

    def wait_for_part(self):
        for _ in range(400):
            if any(".part" in name for name in self.names()):
                return
            time.sleep(0.02)
        self.fail("nothing was written within 8 seconds")

    def test_signals_end_a_conversion(self):
        self.draw("a.mkv", "-c:v", "mpeg4", frames=1500, size="640x360")
        for number in signal.SIGINT, signal.SIGTERM:
            for output in "b.mp4", "b.mkv":
                with self.subTest(number=number, output=output):
                    child = self.begin("a.mkv", "-o", output)
                    self.wait_for_part()
                    _, err = self.stop(child, number)
                    self.assertEqual(err, "relief: cancelled\n")
                    self.assertEqual(self.names(), ["a.mkv"])

    def test_a_signal_ends_all_inputs_and_keeps_the_old_file(self):
        self.draw("a.mkv", "-c:v", "mpeg4", frames=1500, size="640x360")
        self.draw("b.mkv")
        (self.folder / "a_3d.mkv").write_text("precious")
        child = self.begin("a.mkv", "b.mkv", "-y", "--progress", "json", "--depth-in", "a.mkv")
        self.wait_for_part()
        out, _ = self.stop(child, signal.SIGINT)
        last = json.loads(out.splitlines()[-1])
        self.assertEqual((last["event"], last["code"]), ("error", 130))
        self.assertEqual(self.names(), ["a.mkv", "a_3d.mkv", "b.mkv"])
        self.assertEqual((self.folder / "a_3d.mkv").read_text(), "precious")

    def test_waiting_for_standard_input(self):
        self.draw("a.mkv", frames=50)
        whole = (self.folder / "a.mkv").read_bytes()
        for sent in 0, 10, len(whole) // 2:
            with self.subTest(sent=sent):
                child = self.begin("-", "-o", "b.mkv", stdin=subprocess.PIPE)
                child.stdin.buffer.write(whole[:sent])
                child.stdin.flush()
                time.sleep(0.7)
                self.assertIsNone(child.poll())
                self.stop(child, signal.SIGINT)
                self.assertEqual(self.names(), ["a.mkv"])

    def test_what_is_stored_beside_goes_too(self):
        self.draw("a.mkv", "-c:v", "mpeg4", frames=1500, size="640x360")
        child = self.begin("a.mkv", "-o", "b.mkv", "--depth-out", "d.mkv")
        self.wait_for_part()
        self.stop(child, signal.SIGINT)
        self.assertEqual(self.names(), ["a.mkv"])


if __name__ == "__main__":
    command.main()
