# SPDX-License-Identifier: MIT
"""What the tests of the command share: a folder of its own for each, films drawn by ffmpeg, and
ways to run relief and look at what it wrote. RELIEF names the program."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

RELIEF = os.environ.get("RELIEF", "relief")
PICTURE = "96x64"


def main():
    """Run the tests of the calling file; exit code 77 (skipped) without ffmpeg."""
    if not shutil.which("ffmpeg") or not shutil.which("ffprobe"):
        print("skipped: needs the ffmpeg and ffprobe commands")
        sys.exit(77)
    unittest.main(module="__main__")


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="relief-test-"))
        self.addCleanup(shutil.rmtree, self.folder)

    # Running

    def run_relief(self, *words, **options):
        """Run relief in the test's folder. Text in and out, unless text=False."""
        options = {"text": True, "timeout": 60, "stdin": subprocess.DEVNULL} | options
        if "input" in options:
            del options["stdin"]
        if options["text"]:
            options["errors"] = "surrogateescape"
        return subprocess.run([RELIEF, *words], cwd=self.folder, capture_output=True, **options)

    def relief(self, *words, code=0, **options):
        """Convert with made-up depth and quick settings; check the exit code."""
        quick = ["--device", "dummy", "--speed", "fast"]
        done = self.run_relief(*words, *quick, **options)
        self.assertEqual(done.returncode, code, (words, done.stderr))
        return done

    def refuse(self, code, says, *words, **options):
        """relief must end with that code and one line that holds `says`, and change nothing."""
        before = self.snapshot()
        done = self.run_relief(*words, **options)
        lines = done.stderr.splitlines()
        self.assertEqual(done.returncode, code, (words, done.stderr))
        self.assertEqual(len(lines), 1, (words, done.stderr))
        self.assertTrue(lines[0].startswith("relief: "), lines)
        self.assertIn(says, lines[0])
        self.assertEqual(done.stdout, "")
        self.assertEqual(self.snapshot(), before, words)
        return lines[0]

    def snapshot(self):
        """Every file of the folder with a hash of what is in it."""
        return {
            str(path): path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.folder.rglob("*")
            if os.access(path, os.R_OK)
        }

    def names(self):
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return sorted(str(path.relative_to(self.folder)) for path in files)

    # Drawing

    def ffmpeg(self, *words):
        done = subprocess.run(
            ["ffmpeg", "-v", "error", "-nostdin", "-y", *words],
            cwd=self.folder, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def draw(self, name, *words, frames=8, rate="25", size=PICTURE, sound=False):
        """A moving test picture, with a tone if `sound`; `words` are ffmpeg's output options."""
        tone = ["-f", "lavfi", "-i", "sine=r=48000"] if sound else []
        seconds = str(frames / eval(rate))
        self.ffmpeg("-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}", *tone, "-t", seconds,
                    "-preset", "ultrafast", *words, name)
        return name

    # Looking

    def ffprobe(self, name, *words):
        done = subprocess.run(
            ["ffprobe", "-v", "error", "-of", "json", *words, name],
            cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def streams(self, name):
        return self.ffprobe(name, "-show_streams")["streams"]

    def video(self, name):
        return next(s for s in self.streams(name) if s["codec_type"] == "video"
                    and not s["disposition"]["attached_pic"])

    def frame_times(self, name):
        """Presentation time of each frame of the first video stream, in seconds."""
        frames = self.ffprobe(name, "-select_streams", "v:0", "-show_entries", "frame=pts_time")
        return [float(frame["pts_time"]) for frame in frames["frames"]]

    def stream_hashes(self, name, kind):
        """Of the undecoded packets, one for each stream of a kind: 'a', 's', ..."""
        text = self.ffmpeg("-i", name, "-map", f"0:{kind}", "-c", "copy", "-f", "streamhash", "-")
        return [line.split("=")[1] for line in text.decode().split()]

    def assert_plays(self, name):
        """Pictures and sound decode from start to end without a word."""
        for kind in "v", "a":
            done = subprocess.run(
                ["ffprobe", "-v", "warning", "-select_streams", kind, "-count_frames",
                 "-show_entries", "stream=nb_read_frames", name],
                cwd=self.folder, capture_output=True, text=True, timeout=60)
            # ffprobe tries fonts too, and that of FFmpeg 7.1 does not know all of Apple's boxes.
            said = re.sub(r"^(Unsupported codec|\[.*\] Unknown tag in vexu:) .*\n", "", done.stderr,
                          flags=re.M)
            self.assertEqual((done.returncode, said), (0, ""))
