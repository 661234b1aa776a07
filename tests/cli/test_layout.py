# SPDX-License-Identifier: MIT
"""What files say about how they are to be seen, read back by programs that are not ours: ffprobe,
ffmpeg, mkvinfo, mediainfo, and a box dump by hand. The last two programs may be missing."""

import shutil
import subprocess

import boxes
import command

SIDE, OVER = "side by side", "top and bottom"


class Layout(command.Case):
    def setUp(self):
        super().setUp()
        self.draw("a.mkv", frames=3)

    def convert(self, format, output, *words, source="a.mkv"):
        self.relief(source, "-f", format, "-o", output, "-y", "--progress", "none", *words)
        return output

    def entry(self, name):
        return boxes.sample_entry((self.folder / name).read_bytes())

    def shown(self, name):
        """What decoded frames say of stereo, as ffmpeg's showinfo words it."""
        done = subprocess.run(
            ["ffmpeg", "-hide_banner", "-nostdin", "-i", name, "-vf", "showinfo", "-f", "null", "-"],
            cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        key = "stereoscopic information: type - "
        return [line.split(key)[1].strip() for line in done.stderr.splitlines() if key in line]

    def mkvinfo(self, name):
        done = subprocess.run(["mkvinfo", "--ui-language", "en_US", name], cwd=self.folder,
                              capture_output=True, text=True, timeout=60)
        self.assertIn(done.returncode, (0, 1), done.stdout)
        fields = {}
        for line in done.stdout.splitlines():
            key, _, value = line.lstrip("| +").partition(": ")
            fields.setdefault(key, value)
        return fields

    def mediainfo(self, name, field):
        done = subprocess.run(["mediainfo", f"--Inform=Video;%{field}%", name], cwd=self.folder,
                              capture_output=True, text=True, timeout=60)
        return done.stdout.strip()

    def test_boxes_of_mp4_and_mov(self):
        for format, st3d, eyes, packing in [
            ("sbsl", 2, 3, b"side"), ("sbs2l", 2, 3, b"side"), ("sbsr", None, 11, b"side"),
            ("abl", 1, 3, b"over"), ("ab2r", None, 11, b"over"), ("irl", None, None, None),
            ("arcc", None, None, None), ("ml", None, None, None), ("depth", None, None, None),
        ]:
            for output in "b.mp4", "b.mov":
                with self.subTest(format=format, output=output):
                    entry = self.entry(self.convert(format, output))
                    self.assertEqual(entry.get("st3d"), st3d and bytes([0, 0, 0, 0, st3d]))
                    self.assertEqual(entry.get("vexu/eyes/stri"), eyes and bytes([0] * 4 + [eyes]))
                    self.assertEqual(entry.get("vexu/pack/pkin"), packing and bytes(4) + packing)
                    self.assertEqual(entry.get("vexu/proj/prji"), eyes and bytes(4) + b"rect")
                    self.assert_plays(output)

    def test_index_in_front_with_sound_and_long_offsets(self):
        self.draw("s.mp4", "-c:a", "aac", frames=50, sound=True)
        for encoder in "h264", "h265", "av1":
            self.convert("sbsl", "b.mp4", "--encoder", encoder, source="s.mp4")
            self.assert_plays("b.mp4")
            data = (self.folder / "b.mp4").read_bytes()
            names = [path[0] for path, _ in boxes.boxes(data) if len(path) == 1]
            self.assertLess(names.index("moov"), names.index("mdat"))
            self.assertEqual(self.stream_hashes("b.mp4", "a"), self.stream_hashes("s.mp4", "a"))
            self.assertIn("vexu", self.entry("b.mp4"))

    def test_messages_in_the_stream(self):
        for format, said in {
            "sbsl": SIDE, "sbsr": SIDE + " (inverted)", "sbs2l": SIDE, "abr": OVER + " (inverted)",
            "ab2l": OVER, "irl": "interleaved lines", "irr": "interleaved lines (inverted)",
            "icl": "interleaved columns", "chl": "checkerboard", "arcc": None,
        }.items():
            for encoder, output in ("h264", "b.mov"), ("h265", "b.ts"):
                with self.subTest(format=format, encoder=encoder):
                    told = set(self.shown(self.convert(format, output, "--encoder", encoder)))
                    # FFmpeg's reader of H.265 knows beside and above, but not these.
                    if encoder == "h265" and said and not said.startswith((SIDE, OVER)):
                        continue
                    self.assertEqual(told, {said} if said else set())

    def test_parameter_sets_of_h265_say_it_too(self):
        config = self.entry(self.convert("sbs2l", "b.mp4", "--encoder", "h265"))["hvcC"]
        # Of H.265's D.2.16: side by side, left first, persists, aspect of whole views.
        self.assertIn(bytes.fromhex("4e012d06818100000300 0380"), config)

    def test_stereo_mode_and_display_size_of_matroska(self):
        if not shutil.which("mkvinfo"):
            self.skipTest("needs mkvinfo")
        for format, mode, width, height in [
            ("sbsl", "1", 96, 64), ("sbsr", "11", 96, 64), ("sbs2l", "1", 96, 64),
            ("sbs2r", "11", 96, 64), ("abl", "3", 96, 64), ("abr", "2", 96, 64),
            ("ab2l", "3", 96, 64), ("irl", "7", 96, 64), ("irr", "6", 96, 64),
            ("icl", "9", 96, 64), ("icr", "8", 96, 64), ("chl", "5", 96, 64), ("chr", "4", 96, 64),
            ("arcd", "10", 96, 64), ("wimmer", "10", 96, 64), ("agmd", "12", 96, 64),
            ("aybd", None, 96, 64), ("argg", None, 96, 64), ("ml", None, 96, 64),
        ]:
            with self.subTest(format=format):
                told = self.mkvinfo(self.convert(format, "b.mkv"))
                self.assertEqual(told.get("Stereo mode", "").split(" ")[0], mode or "")
                # One view, as it is shown; not said when it is the picture's own size.
                shape = (int(told.get("Display width", told["Pixel width"])) /
                         int(told.get("Display height", told["Pixel height"])))
                self.assertAlmostEqual(shape, width / height, places=6)
        for format, mode in ("sbs2l", "1"), ("abr", "2"), ("arcc", ""):
            told = self.mkvinfo(self.convert(format, "b.webm"))
            self.assertEqual(told.get("Stereo mode", "").split(" ")[0], mode)

    def test_mediainfo_reads_it(self):
        if not shutil.which("mediainfo"):
            self.skipTest("needs mediainfo")
        for format, said in {"sbs2l": "Side by Side (left eye first)",
                             "ab2r": "Top-Bottom (right eye first)",
                             "arcc": "Anaglyph (cyan/red)",
                             "agmc": "Anaglyph (green/magenta)"}.items():
            self.convert(format, "b.mkv")
            self.assertEqual(self.mediainfo("b.mkv", "MultiView_Layout"), said)
            self.assertEqual(self.mediainfo("b.mkv", "MultiView_Count"), "2")
            self.assertEqual(self.mediainfo("b.mkv", "DisplayAspectRatio"), "1.500")

    def test_half_formats_keep_size_and_shape(self):
        self.draw("wide.mkv", "-vf", "setsar=4/3", frames=2)
        for format in "sbs2l", "sbs2r", "ab2l", "ab2r":
            video = self.video(self.convert(format, "b.mp4", source="wide.mkv"))
            self.assertEqual((video["width"], video["height"]), (96, 64))
            self.assertEqual(video["display_aspect_ratio"], "2:1")


if __name__ == "__main__":
    command.main()
