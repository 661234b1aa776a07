# SPDX-License-Identifier: MIT
"""What files say about how they are to be seen, read back by programs that are not ours: ffprobe,
ffmpeg, mkvinfo, mediainfo, and a box dump by hand. The last two programs may be missing."""

import re
import shutil
import subprocess
import zlib

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
        told = re.findall("(?:stereoscopic information|side data - Stereo 3D): type - ([^,\n]*)",
                          done.stderr)
        # FFmpeg 7.1 adds what it made of the container.
        return [text.strip() for text in told if not text.startswith("unspecified")]

    def assert_plays(self, name):
        try:
            super().assert_plays(name)
        except AssertionError as failure:
            # FFmpeg 7.1 knows vexu without the packing that Apple puts into it.
            if not re.search("Unknown tag in vexu: 0x6B636170", str(failure)):
                raise

    def mkvinfo(self, name):
        done = subprocess.run(["mkvinfo", "--ui-language", "en_US", name], cwd=self.folder,
                              capture_output=True, text=True, timeout=60)
        self.assertIn(done.returncode, (0, 1), done.stdout)
        fields = {}
        for line in done.stdout.splitlines():
            key, _, value = line.lstrip("| +").partition(": ")
            key = key.removeprefix("Video ")  # as newer ones say
            fields.setdefault(key[:1].upper() + key[1:], value)
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
            for output in ("b.mp4", "b.mov") if format in ("sbsl", "ab2r", "arcc") else ("b.mp4",):
                with self.subTest(format=format, output=output):
                    entry = self.entry(self.convert(format, output))
                    self.assertEqual(entry.get("st3d"), st3d and bytes([0, 0, 0, 0, st3d]))
                    self.assertEqual(entry.get("vexu/eyes/stri"), eyes and bytes([0] * 4 + [eyes]))
                    self.assertEqual(entry.get("vexu/pack/pkin"), packing and bytes(4) + packing)
                    self.assertEqual(entry.get("vexu/proj/prji"), eyes and bytes(4) + b"rect")
                    self.assert_plays(output)

    def test_kodi_is_told_of_halved_views_in_mp4(self):
        for format, output, told in (
                ("sbs2l", "b.mp4", "left_right"), ("sbs2r", "b.mov", "right_left"),
                ("ab2l", "b.m4v", "top_bottom"), ("ab2r", "b.mp4", "bottom_top"),
                ("sbsl", "b.mp4", None), ("irl", "b.mp4", None), ("arcc", "b.mp4", None)):
            self.convert(format, output)
            tags = self.ffprobe(output, "-show_format")["format"]["tags"]
            self.assertEqual(tags.get("stereo_mode"), told, format)
        # A source's own word holds for nothing that is made of it.
        self.convert("sbs2l", "s.mp4")
        self.convert("arcc", "b.mp4", source="s.mp4")
        self.assertNotIn("stereo_mode", self.ffprobe("b.mp4", "-show_format")["format"]["tags"])

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

    @staticmethod
    def number(data, at, keep):
        """A number of Matroska, and where it ends; an identifier keeps its marker."""
        length = 9 - data[at].bit_length()
        value = int.from_bytes(data[at:at + length], "big")
        return value if keep else value & (1 << 7 * length) - 1, at + length

    def checksums(self, name):
        """{identifier: whether the checksum that stands first in it is right}."""
        data, at, found = (self.folder / name).read_bytes(), 0, {}
        while at < len(data):
            identifier, at = self.number(data, at, True)
            size, at = self.number(data, at, False)
            if identifier == 0x18538067:
                continue  # the segment: what is in it
            if data[at:at + 2] == b"\xbf\x84":
                wanted = int.from_bytes(data[at + 2:at + 6], "little")
                found[identifier] = zlib.crc32(data[at + 6:at + size]) == wanted
            at += size
        return found

    def test_checksums_of_matroska_hold(self):
        for format in "arcc", "sbsl":
            found = self.checksums(self.convert(format, "b.mkv"))
            self.assertIn(0x1654ae6b, found)
            self.assertEqual([hex(key) for key, right in found.items() if not right], [])

    def test_stereo_mode_and_display_size_of_matroska(self):
        if not shutil.which("mkvinfo"):
            self.skipTest("needs mkvinfo")
        for format, mode in [
            ("sbsl", "1"), ("sbs2r", "11"), ("abr", "2"), ("ab2l", "3"), ("irl", "7"),
            ("irr", "6"), ("icl", "9"), ("icr", "8"), ("chl", "5"), ("chr", "4"), ("arcd", "10"),
            ("agmd", "12"), ("aybd", None), ("ml", None),
        ]:
            with self.subTest(format=format):
                told = self.mkvinfo(self.convert(format, "b.mkv"))
                self.assertEqual(told.get("Stereo mode", "").split(" ")[0], mode or "")
                # One view, as it is shown; not said when it is the picture's own size.
                shape = (int(told.get("Display width", told["Pixel width"])) /
                         int(told.get("Display height", told["Pixel height"])))
                self.assertAlmostEqual(shape, 96 / 64, places=6)
        # What goes to standard output cannot be mended: rather nothing than something wrong.
        for format, mode in ("arcc", None), ("abr", "2"):
            done = self.relief("a.mkv", "-f", format, "-o", "-", text=False)
            (self.folder / "out.mkv").write_bytes(done.stdout)
            told = self.mkvinfo("out.mkv")
            self.assertEqual(told.get("Stereo mode", "").split(" ")[0], mode or "")
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

    def hdr(self, name, transfer):
        """A film of 10 bits with all that HDR says."""
        self.draw(name, "-vf", "setparams=color_primaries=bt2020:colorspace=bt2020nc:range=tv:"
                  f"color_trc={transfer}", "-pix_fmt", "yuv420p10le", "-c:v", "libx265",
                  "-x265-params", "log-level=none:master-display=G(13250,34500)B(7500,3000)"
                  "R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400", frames=3)

    def told(self, name, kind):
        """Side data of the stream, and of the first frame."""
        probed = self.ffprobe(name, "-select_streams", "v", "-read_intervals", "%+#1",
                              "-show_streams", "-show_frames")
        return [side for part in (probed["streams"], probed["frames"])
                for side in part[0].get("side_data_list", []) if side["side_data_type"] == kind]

    def test_hdr_passes_through(self):
        for transfer in "smpte2084", "arib-std-b67":
            self.hdr("hdr.mkv", transfer)
            for output, words in {"b.mp4": [], "b.mkv": ["-f", "sbs2l"], "b.mov": [],
                                  "c.mp4": ["--encoder", "av1"],
                                  "c.mkv": ["--encoder", "h264"]}.items():
                if transfer == "arib-std-b67" and output in ("b.mov", "c.mp4"):
                    continue
                with self.subTest(transfer=transfer, output=output):
                    self.relief("hdr.mkv", "-o", output, "-y", "--progress", "none", *words)
                    video = self.video(output)
                    codec = words[1] if "--encoder" in words else "hevc"
                    self.assertEqual((video["codec_name"], video["pix_fmt"]),
                                     (codec, "yuv420p10le"))
                    self.assertEqual((video["color_primaries"], video["color_transfer"],
                                      video["color_space"], video["color_range"]),
                                     ("bt2020", transfer, "bt2020nc", "tv"))
                    self.assert_plays(output)
                    # In the container and in the stream; FFmpeg 5.1 reads no such message of H.264.
                    least = 1 if codec == "h264" else 2
                    for kind, wanted in {
                        "Mastering display metadata":
                            {"red_x": .68, "green_y": .69, "white_point_x": .3127,
                             "min_luminance": .005, "max_luminance": 1000},
                        "Content light level metadata": {"max_content": 1000, "max_average": 400},
                    }.items():
                        found = self.told(output, kind)
                        self.assertGreaterEqual(len(found), least, kind)
                        for side in found:
                            for key, value in wanted.items():
                                # AV1 keeps them in steps of 1/16384 and coarser.
                                self.assertAlmostEqual(eval(str(side[key])), value, delta=.001)
            if shutil.which("mediainfo"):
                self.assertEqual(self.mediainfo("b.mp4", "MaxCLL"), "1000 cd/m2")
        stream = (self.folder / "c.mkv").read_bytes()
        self.assertIn(b"\x06\x89\x18" + bytes.fromhex("33c286c4"), stream)  # green's x and y

    def test_deep_and_large_films_become_h265(self):
        self.draw("deep.mkv", "-pix_fmt", "yuv422p10le", "-c:v", "ffv1", frames=2)
        self.draw("wide.mkv", frames=1, size="2064x64")
        for source, words, codec in [("deep.mkv", [], "hevc"), ("wide.mkv", [], "h264"),
                                     ("wide.mkv", ["-f", "sbsl"], "hevc"), ("a.mkv", [], "h264"),
                                     ("deep.mkv", ["--pix-fmt", "yuv420p"], "h264")]:
            for output in "b.mp4", "b.mkv":
                self.relief(source, "-o", output, "-y", *words)
                self.assertEqual(self.video(output)["codec_name"], codec, (source, words))
        told = self.run_relief("info", "wide.mkv", "-f", "sbsl", "--json")
        self.assertIn('"h265"', told.stdout)

    def test_full_chroma_for_anaglyphs(self):
        for encoder in "h264", "h265":
            self.convert("arcc", "b.mp4", "--encoder", encoder, "--pix-fmt", "yuv444p")
            self.assertEqual(self.video("b.mp4")["pix_fmt"], "yuv444p")
            self.assert_plays("b.mp4")

    def test_vr180(self):
        entry = self.entry(self.convert("vr180", "b.mp4"))
        self.assertEqual(entry["st3d"], bytes([0, 0, 0, 0, 2]))
        self.assertEqual(entry["sv3d/svhd"], bytes(4) + b"relief\0")
        self.assertEqual(entry["sv3d/proj/prhd"], bytes(16))
        quarter = bytes([0x40, 0, 0, 0])
        self.assertEqual(entry["sv3d/proj/equi"], bytes(12) + quarter + quarter)
        self.assertEqual(entry["vexu/proj/prji"], bytes(4) + b"hequ")
        self.assertEqual(entry["hfov"], (180000).to_bytes(4, "big"))
        for output in "b.mp4", self.convert("vr180", "b.mkv"):
            sphere = self.told(output, "Spherical Mapping")[0]
            if sphere["projection"] == "half equirectangular":
                continue  # FFmpeg 7.1 read Apple's word for it
            self.assertEqual(sphere["projection"], "tiled equirectangular")
            self.assertEqual((sphere["bound_top"], sphere["bound_bottom"]), (0, 0))
            # In samples of the whole sphere: as much is missing as is there.
            shown = self.video(output)["width"]
            self.assertAlmostEqual(sphere["bound_left"], shown / 2, delta=1)
            self.assertAlmostEqual(sphere["bound_right"], shown / 2, delta=1)
        if shutil.which("mkvinfo"):
            told = self.mkvinfo("b.mkv")
            self.assertEqual(told["Projection type"], "1 (equirectangular)")
            self.assertEqual(told["Stereo mode"].split(" ")[0], "1")

    def test_views_in_turn_say_whose_turn_it_is(self):
        for encoder, output in ("h264", "b.mp4"), ("h265", "b.mkv"):
            self.convert("al", output, "--encoder", encoder)
            stream = self.ffmpeg("-i", output, "-c", "copy", "-bsf:v", {
                "h264": "h264_mp4toannexb", "h265": "hevc_mp4toannexb"}[encoder], "-f",
                {"h264": "h264", "h265": "hevc"}[encoder], "-")
            # Type 5, frame 0 is the left view; is this frame 0?
            head = bytes([6, 0x2d]) if encoder == "h264" else bytes([0x4e, 1, 0x2d])
            flags = [stream[at + len(head) + 3] >> 4 & 1
                     for at in range(len(stream)) if stream.startswith(head, at)
                     and stream[at + len(head) + 1] == 0x82]
            frames = self.frame_times(output)
            self.assertGreaterEqual(flags.count(1), len(frames) // 2)  # parameter sets say it too
            self.assertEqual(flags.count(0), len(frames) // 2)

    def test_half_formats_keep_size_and_shape(self):
        self.draw("wide.mkv", "-vf", "setsar=4/3", frames=2)
        for format in "sbs2l", "sbs2r", "ab2l", "ab2r":
            video = self.video(self.convert(format, "b.mp4", source="wide.mkv"))
            self.assertEqual((video["width"], video["height"]), (96, 64))
            self.assertEqual(video["display_aspect_ratio"], "2:1")


if __name__ == "__main__":
    command.main()
