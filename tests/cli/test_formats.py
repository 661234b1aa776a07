# SPDX-License-Identifier: MIT
"""Real containers from end to end: the frames, their times, and all other streams are the source's.

The depth is made up, so that no weights are needed: here only timing, streams and tags count."""

import json
import shutil
import struct
import subprocess

import command

# Time bases that Matroska rounds to.
MILLISECOND = 0.0011


class Formats(command.Case):
    def convert(self, name, output, *words, quiet=True):
        """Convert; the frames' times must be the source's and nothing must be said."""
        wanted = self.frame_times(name)
        done = self.relief(name, "-o", output, *words, *(["--progress", "none"] if quiet else []))
        if quiet:
            self.assertEqual(done.stderr, "")
        self.assert_plays(output)
        times = self.frame_times(output)
        self.assertEqual(len(times), len(wanted), (name, output))
        for time, want in zip(times, wanted):
            self.assertAlmostEqual(time, want, delta=MILLISECOND)
        return done

    def assert_same_sound(self, name, output):
        hashes = self.stream_hashes(name, "a")
        self.assertTrue(hashes)
        self.assertEqual(self.stream_hashes(output, "a"), hashes)

    def duration(self, name):
        return float(self.ffprobe(name, "-show_format")["format"]["duration"])

    def test_mp4(self):
        self.draw("a.mp4", "-c:a", "aac", frames=25, sound=True)
        for output in "b.mp4", "b.mkv", "b.mov":
            self.convert("a.mp4", output)
            self.assert_same_sound("a.mp4", output)
            self.assertAlmostEqual(self.duration(output), self.duration("a.mp4"), delta=0.03)
        index = (self.folder / "b.mp4").read_bytes()
        self.assertLess(index.index(b"moov"), index.index(b"mdat"))

    def test_ntsc_rate(self):
        self.draw("a.mp4", rate="30000/1001", frames=20)
        self.convert("a.mp4", "b.mp4")
        self.assertEqual(self.video("b.mp4")["avg_frame_rate"], "30000/1001")
        self.assertEqual(self.frame_times("b.mp4"), self.frame_times("a.mp4"))

    def test_matroska_with_everything(self):
        self.subtitles("s.srt")
        (self.folder / "font.ttf").write_bytes(b"no real font, but a real attachment")
        (self.folder / "chapters").write_text(
            ";FFMETADATA1\ntitle=A Film\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=One\n"
            "[CHAPTER]\nTIMEBASE=1/1000\nSTART=500\nEND=1000\ntitle=Two\n")
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25",
                    "-f", "lavfi", "-i", "sine=r=48000", "-f", "lavfi", "-i", "sine=f=900:r=44100",
                    "-i", "s.srt", "-i", "chapters", "-t", "1",
                    "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map_metadata", "4",
                    "-attach", "font.ttf", "-metadata:s:t", "mimetype=application/x-truetype-font",
                    "-preset", "ultrafast", "-c:a:0", "aac", "-c:a:1", "flac", "-c:s", "subrip",
                    "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu",
                    "-metadata:s:a:1", "title=Second", "a.mkv")
        self.convert("a.mkv", "b.mkv")
        self.assert_same_sound("a.mkv", "b.mkv")
        self.assertEqual(self.stream_hashes("b.mkv", "s"), self.stream_hashes("a.mkv", "s"))
        kinds = [stream["codec_name"] for stream in self.streams("a.mkv")]
        self.assertEqual([stream["codec_name"] for stream in self.streams("b.mkv")], kinds)
        tags = [stream["tags"] for stream in self.streams("b.mkv")]
        self.assertEqual((tags[1]["language"], tags[2]["language"]), ("eng", "deu"))
        self.assertEqual((tags[2]["title"], tags[4]["filename"]), ("Second", "font.ttf"))
        self.assertEqual(self.ffprobe("b.mkv", "-show_format")["format"]["tags"]["title"], "A Film")
        for output in "b.mkv", "b.mp4":
            if output == "b.mp4":
                # MP4 has no place for the font: one line says so. The subtitles become MP4's own.
                done = self.convert("a.mkv", output, quiet=False)
                lines = [line for line in done.stderr.splitlines() if "warning" in line]
                self.assertEqual(len(lines), 1, done.stderr)
                self.assertIn("attachment", lines[0])
                self.assertIn("mov_text", [s["codec_name"] for s in self.streams(output)])
                self.assert_same_sound("a.mkv", output)
            chapters = self.ffprobe(output, "-show_chapters")["chapters"]
            self.assertEqual([chapter["tags"]["title"] for chapter in chapters], ["One", "Two"])
            self.assertEqual(float(chapters[1]["start_time"]), 0.5)

    def subtitles(self, name):
        (self.folder / name).write_text(
            "1\n00:00:00,100 --> 00:00:00,400\nHello\n\n2\n00:00:00,600 --> 00:00:00,900\nWorld\n")

    def test_transport_stream_interlaced(self):
        self.draw("a.ts", "-vf", "tinterlace=interleave_top,fieldorder=tff", "-c:v", "mpeg2video",
                  "-flags", "+ilme+ildct", "-c:a", "mp2", frames=24, sound=True)
        self.assertEqual(self.video("a.ts")["field_order"], "tt")
        for output in "b.ts", "b.mkv", "b.mp4":
            self.convert("a.ts", output)
            self.assert_same_sound("a.ts", output)
            self.assertIn(self.video(output).get("field_order", "progressive"),
                          ("progressive", "unknown"))

    def test_avi(self):
        self.draw("a.avi", "-c:v", "mpeg4", "-c:a", "ac3", frames=12, sound=True)
        self.convert("a.avi", "b.mp4")
        self.assert_same_sound("a.avi", "b.mp4")

    def test_prores_with_pcm(self):
        self.draw("a.mov", "-c:v", "prores_ks", "-pix_fmt", "yuv422p10le", "-c:a", "pcm_s16le",
                  frames=6, sound=True)
        self.convert("a.mov", "b.mov", "--encoder", "prores")
        self.assert_same_sound("a.mov", "b.mov")
        self.assertEqual(self.video("b.mov")["pix_fmt"], "yuv422p10le")

    def test_webm(self):
        self.draw("a.webm", "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-strict",
                  "-2", frames=12, sound=True)
        self.convert("a.webm", "b.mkv")
        self.assert_same_sound("a.webm", "b.mkv")
        self.convert("a.webm", "b.mp4")

    def take(self, name, output, *words):
        """Convert; gives the warnings, and the codec of each stream but the picture."""
        done = self.relief(name, "-o", output, "--progress", "none", *words)
        self.assert_plays(output)
        others = [s for s in self.streams(output) if s["codec_type"] != "video"]
        return done.stderr, [s["codec_name"] for s in others]

    def test_sound_that_a_muxer_refuses_is_converted(self):
        for codec in "flac", "libopus":
            self.draw("a.mkv", "-c:a", codec, sound=True, frames=25)
            said, codecs = self.take("a.mkv", f"{codec}.mov")
            self.assertEqual(codecs, ["aac"])
            self.assertIn("converted to aac", said)

    def test_packets_that_share_a_time_are_no_fault(self):
        self.draw("a.mkv", "-c:a", "truehd", "-strict", "-2", "-ac", "2", sound=True, frames=25)
        self.convert("a.mkv", "b.mp4")
        self.assert_same_sound("a.mkv", "b.mp4")

    def test_the_last_packet_of_unknown_length_is_played(self):
        # ALAC in Matroska has no lengths; an MP4's track ended before its last packet.
        self.draw("a.mkv", "-c:a", "alac", sound=True, frames=25)
        self.convert("a.mkv", "b.mp4")
        self.assert_same_sound("a.mkv", "b.mp4")

    def test_transport_streams_take_nothing_that_is_not_found_again(self):
        self.subtitles("s.srt")
        (self.folder / "chapters").write_text(
            ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=One\n")
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25", "-i", "s.srt", "-i", "chapters",
                    "-t", "1", "-map", "0", "-map", "1", "-map_metadata", "2",
                    "-c:s", "subrip", "a.mkv")
        said, codecs = self.take("a.mkv", "b.ts")
        self.assertEqual(codecs, [])
        self.assertIn("subtitle stream 1 (subrip) left out", said)
        self.assertIn("chapters left out", said)

    def test_avi_gets_sound_whose_times_it_can_keep(self):
        self.draw("a.mkv", "-c:a", "eac3", sound=True, frames=25)
        self.assertEqual(self.take("a.mkv", "b.avi")[1], ["mp3"])

    def test_avi_says_when_sound_begins(self):
        for codec in "libmp3lame", "flac", "ac3", "pcm_s16le":
            name, output = f"{codec}.mkv", f"{codec}.avi"
            self.draw(name, "-c:a", codec, "-af", "asetpts=PTS+0.5/TB", sound=True, frames=40)
            self.take(name, output)
            sound = self.ffprobe(output, "-show_packets", "-select_streams", "a")["packets"]
            self.assertAlmostEqual(float(sound[0]["pts_time"]), 0.5, delta=0.06)

    def test_avi_with_more_late_tracks_than_its_beginning_tells_of(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-itsoffset", "0.5",
                    "-f", "lavfi", "-i", "sine=d=0.5", "-map", "0:v", *["-map", "1:a"] * 18,
                    "-c:a", "mp2", "a.mkv")
        said, codecs = self.take("a.mkv", "b.avi")
        self.assertEqual(len(codecs), 18)
        self.assertIn("does not say that stream 18 begins", said)

    def test_data_gets_no_name_of_another_kind(self):
        (self.folder / "data").write_bytes(b"what a drone says")
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25", "-f", "data", "-i", "data",
                    "-t", "1", "-map", "0", "-map", "1", "-c:d", "copy", "a.ts")
        said, codecs = self.take("a.ts", "b.mp4")
        self.assertEqual(codecs, [])
        self.assertIn("data stream 1 (bin_data) left out", said)
        self.assertEqual(self.take("a.ts", "b.ts"), ("", ["bin_data"]))

    def draw_captions(self, name, frames=12):
        """A film of H.264 with closed captions in front of each slice; those of A/53 part 4."""
        self.draw("plain.h264", "-x264-params", "slices=1", frames=frames)
        units = (self.folder / "plain.h264").read_bytes().split(b"\0\0\1")
        number = 0
        for i, unit in enumerate(units):
            if i and unit[0] & 31 in (1, 5):
                number += 1
                pairs = bytes([0xfc, 0x94, 0x2c, 0xff, number, 1])
                message = b"\xb5\0\x31GA94\x03\xc2\xff" + pairs + b"\xff"
                units[i] = bytes([6, 4, len(message)]) + message + b"\x80\0\0\1" + unit
        (self.folder / "captions.h264").write_bytes(b"\0\0\1".join(units))
        self.ffmpeg("-i", "captions.h264", "-c", "copy", name)

    def captions(self, name):
        packets = self.ffprobe("-show_packets", "-show_data_hash", "md5", "-select_streams", "s",
                               "-f", "lavfi", f"movie={name}[out+subcc]")["packets"]
        return [packet["data_hash"] for packet in packets]

    def test_closed_captions(self):
        self.draw_captions("a.mp4")
        wanted = self.captions("a.mp4")
        self.assertEqual(len(set(wanted)), 12)
        for number, words in enumerate(([], ["--encoder", "h265"], ["-f", "al"],
                                        ["-f", "ar", "--encoder", "h265"])):
            output = f"{number}.mkv"
            self.assertEqual(self.take("a.mp4", output, *words)[0], "")
            self.assertEqual(self.captions(output), wanted, words)
        said = self.take("a.mp4", "b.webm")[0]
        self.assertIn("closed captions left out", said)

    @staticmethod
    def hdr10plus(number):
        """A message of ST 2094-40 for one frame, in a NAL unit of H.265."""
        fields = [(0xb5, 8), (0x3c, 16), (1, 16), (4, 8), (1, 8), (1, 2), (400, 27), (0, 1),
                  (1000 + number, 17), (2000 + number, 17), (99999, 17), (500 + number, 17), (2, 4),
                  (1, 7), (10, 17), (99, 7), (70000, 17), (17, 10), (0, 1), (1, 1), (100, 12),
                  (200, 12), (2, 4), (300, 10), (400, 10), (0, 1)]
        bits = "".join(f"{value:0{count}b}" for value, count in fields)
        size = (len(bits) + 7) // 8
        payload = int(bits.ljust(8 * size, "0"), 2).to_bytes(size, "big")
        unit = bytes([4, len(payload)]) + payload + b"\x80"
        for byte in b"\0", b"\1", b"\2", b"\3":  # nothing may look like a start code
            unit = unit.replace(b"\0\0" + byte, b"\0\0\3" + byte)
        return b"\x4e\1" + unit

    def plus(self, name):
        frames = self.ffprobe(name, "-select_streams", "v", "-show_frames")["frames"]
        return [[side for side in frame.get("side_data_list", [])
                 if "HDR10+" in side["side_data_type"]] for frame in frames]

    def test_hdr10plus(self):
        self.draw("plain.hevc", "-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params",
                  "log-level=error:bframes=0:slices=1", frames=6)
        units, number = (self.folder / "plain.hevc").read_bytes().split(b"\0\0\1"), 0
        for i, unit in enumerate(units):
            if i and unit[0] >> 1 < 32:
                units[i] = self.hdr10plus(number) + b"\0\0\0\1" + unit
                number += 1
        (self.folder / "plus.hevc").write_bytes(b"\0\0\1".join(units))
        self.ffmpeg("-i", "plus.hevc", "-c", "copy", "a.mkv")
        wanted = self.plus("a.mkv")
        self.assertEqual(len({str(side) for side in wanted}), 6)
        self.assertEqual([len(side) for side in wanted], [1] * 6)
        for output, words in (("b.mkv", ["-f", "sbs2l"]), ("b.mp4", ["-f", "abl"]),
                              ("c.mkv", ["-f", "al"])):
            self.assertEqual(self.take("a.mkv", output, "--encoder", "h265", *words)[0], "")
            each = 2 if "al" in words else 1
            self.assertEqual(self.plus(output), [side for side in wanted for _ in range(each)])
        for output, words in (("d.mkv", ["-f", "arcc", "--encoder", "h265"]),
                              ("e.mp4", ["-f", "sbsl", "--encoder", "h264"])):
            said = self.take("a.mkv", output, *words)[0]
            self.assertEqual(said.count("HDR10+ is left out"), 1, said)
            self.assertEqual([side for side in self.plus(output) if side], [])

    def test_transparency_is_named_where_there_is_some(self):
        for name, alpha, words in (("clear.mov", 0.5, ["-c:v", "qtrle"]), ("clear.png", 0.9, []),
                                   ("opaque.mov", 1, ["-c:v", "qtrle"]), ("opaque.png", 1, [])):
            look = f"testsrc2=s=96x64:r=25,format=argb,colorchannelmixer=aa={alpha}"
            self.ffmpeg("-f", "lavfi", "-i", look, "-frames:v", "1" if "png" in name else "3",
                        *words, name)
            done = self.relief(name, "-o", "3d." + name, "--progress", "none")
            wanted = f"relief: warning: {name}: transparency is left out\n" if alpha < 1 else ""
            self.assertEqual(done.stderr, wanted, name)
        self.draw("vp9.webm", "-c:v", "libvpx-vp9", "-cpu-used", "8", "-pix_fmt", "yuva420p")
        self.assertIn("transparency is left out", self.take("vp9.webm", "b.mp4")[0])

    def mark_dolby_vision(self, name, output, compatible):
        """Put Dolby Vision's box into the sample entry of an MP4 whose index is at its end."""
        data = bytearray((self.folder / name).read_bytes())
        at, end, boxes = 0, len(data), []
        for kind in b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd":
            while data[at + 4:at + 8] != kind:
                at += struct.unpack(">I", data[at:at + 4])[0]
            boxes.append(at)
            at += 8
        entry = at + 8
        end = entry + struct.unpack(">I", data[entry:entry + 4])[0]
        profile = bytes([1, 0, 5 << 1, 1 << 3 | 5, compatible << 4])
        data[end:end] = struct.pack(">I4s", 32, b"dvcC") + profile + bytes(19)
        for box in [*boxes, entry]:
            size = struct.unpack(">I", data[box:box + 4])[0] + 32
            data[box:box + 4] = struct.pack(">I", size)
        (self.folder / output).write_bytes(data)

    def test_dolby_vision_is_named(self):
        self.draw("a.mp4")
        self.mark_dolby_vision("a.mp4", "own.mp4", 0)
        self.mark_dolby_vision("a.mp4", "base.mp4", 1)
        said = self.take("own.mp4", "b.mp4")[0]
        self.assertIn("Dolby Vision is left out", said)
        self.assertIn("colours are wrong", said)
        said = self.take("base.mp4", "c.mp4")[0]
        self.assertIn("Dolby Vision is left out", said)
        self.assertNotIn("wrong", said)

    def test_a_span_takes_of_subtitles_and_chapters_what_lies_within(self):
        (self.folder / "chapters").write_text(
            ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=300\ntitle=One\n"
            "[CHAPTER]\nTIMEBASE=1/1000\nSTART=300\nEND=3000\ntitle=Two\n"
            "[CHAPTER]\nTIMEBASE=1/1000\nSTART=3000\nEND=4000\ntitle=Three\n")
        (self.folder / "s.srt").write_text("1\n00:00:00,000 --> 00:00:03,500\nHello\n")
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25", "-i", "s.srt", "-i", "chapters",
                    "-t", "4", "-map", "0", "-map", "1", "-map_metadata", "2",
                    "-preset", "ultrafast", "-c:s", "subrip", "a.mkv")
        for output in "b.mp4", "b.mkv":
            self.take("a.mkv", output, "--start", "0.2", "--duration", "0.4")
            self.assertAlmostEqual(self.duration(output), 0.4, delta=0.01)
            marks = self.ffprobe(output, "-show_chapters")["chapters"]
            self.assertEqual([mark["tags"]["title"] for mark in marks], ["One", "Two"])
            times = [(float(mark["start_time"]), float(mark["end_time"])) for mark in marks]
            self.assertEqual(times, [(0, 0.1), (0.1, 0.4)])
            text = self.ffprobe(output, "-show_packets", "-select_streams", "s")["packets"][0]
            self.assertEqual(float(text["pts_time"]), 0)
            self.assertAlmostEqual(float(text["duration_time"]), 0.4, delta=0.002)

    def test_mov_keeps_languages(self):
        tongues = ["fre", "swe", "ger", "nld"]
        tags = [word for i, tongue in enumerate(tongues)
                for word in ("-map", "1", f"-metadata:s:a:{i}", f"language={tongue}")]
        self.draw("a.mkv", "-map", "0", *tags, "-c:a", "aac", sound=True)
        for name, output, wanted in (("a.mkv", "b.mov", ["fra", "sve", "ger", "dut"]),
                                     ("b.mov", "c.mkv", ["fra", "swe", "ger", "dut"])):
            self.take(name, output)
            sounds = [s["tags"] for s in self.streams(output) if s["codec_type"] == "audio"]
            self.assertEqual([tags.get("language") for tags in sounds], wanted)

    def test_variable_frame_rate(self):
        self.draw("a.mkv", "-vf",
                  "select='not(eq(mod(n,5),2))',settb=1/1000,setpts='PTS+3*mod(N*N,7)'",
                  "-fps_mode", "vfr", "-enc_time_base", "1/1000", frames=40)
        steps = {round(b - a, 3) for a, b in zip(self.frame_times("a.mkv"),
                                                 self.frame_times("a.mkv")[1:])}
        self.assertGreater(len(steps), 3)
        self.convert("a.mkv", "b.mkv")
        self.convert("a.mkv", "b.mp4")
        self.assertEqual(self.frame_times("b.mkv"), self.frame_times("a.mkv"))

    def test_times_that_begin_late(self):
        self.draw("a.ts", "-output_ts_offset", "5", "-c:a", "mp2", frames=10, sound=True)
        self.draw("a.mkv", "-output_ts_offset", "5", frames=10)
        self.assertGreater(self.frame_times("a.ts")[0], 5)
        for source in "a.ts", "a.mkv":
            for output in "b.mkv", "b.mp4", "b.ts":
                with self.subTest(source=source, output=output):
                    self.convert(source, output, "-y")

    def test_a_broadcast_clock_is_no_time_of_a_film(self):
        self.draw("a.ts", "-output_ts_offset", "3723", "-c:a", "mp2", frames=10, sound=True)
        self.relief("a.ts", "-o", "b.mkv")
        source, times = self.frame_times("a.ts"), self.frame_times("b.mkv")
        self.assertLess(times[0], 1)
        for time, want in zip(times, source):
            self.assertAlmostEqual(time - times[0], want - source[0], delta=MILLISECOND)
        self.assert_same_sound("a.ts", "b.mkv")
        # Another broadcast keeps it.
        self.convert("a.ts", "b.ts")
        self.assert_same_sound("a.ts", "b.ts")

    def test_matroska_counts_frames(self):
        if not shutil.which("mkvmerge"):
            self.skipTest("needs mkvmerge")
        self.draw("a.mp4", "-vf", "select='not(mod(n,3))'", "-fps_mode", "vfr", frames=30)
        subprocess.run(["mkvmerge", "-q", "-o", "a.mkv", "a.mp4"], cwd=self.folder, check=True)
        told = json.loads(self.run_relief("info", "a.mkv", "--json").stdout)
        self.assertEqual(told["frames"], 10)

    def test_edit_list(self):
        self.draw("whole.mp4", "-g", "25", frames=50)
        self.ffmpeg("-ss", "0.6", "-i", "whole.mp4", "-c", "copy", "a.mp4")
        self.assertIn(b"elst", (self.folder / "a.mp4").read_bytes())
        self.convert("a.mp4", "b.mp4")
        self.convert("a.mp4", "b.mkv")

    def test_bit_depth_and_chroma(self):
        for format, words in {
            "yuv420p10le": ["-c:v", "ffv1"], "yuv422p": ["-c:v", "libx264"],
            "yuv422p10le": ["-c:v", "ffv1"], "yuv444p": ["-c:v", "libx264"],
            "yuv444p12le": ["-c:v", "ffv1"],
        }.items():
            with self.subTest(format=format):
                self.draw("a.mkv", *words, "-pix_fmt", format, frames=4)
                self.assertEqual(self.video("a.mkv")["pix_fmt"], format)
                self.convert("a.mkv", "b.mkv", "--encoder", "ffv1", "-y")
                self.assertEqual(self.video("b.mkv")["pix_fmt"], format)

    def test_colour_tags(self):
        self.draw("a.mkv", "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace",
                  "bt2020nc", "-color_range", "tv", "-pix_fmt", "yuv420p10le", "-c:v", "ffv1",
                  frames=3)
        for output, encoder in {"b.mkv": "ffv1", "b.mp4": "h264"}.items():
            self.convert("a.mkv", output, "--encoder", encoder)
            for key in "color_primaries", "color_transfer", "color_space", "color_range":
                self.assertEqual(self.video(output).get(key), self.video("a.mkv").get(key), key)

    def test_pixel_aspect(self):
        self.draw("a.mkv", "-vf", "setsar=16/11", frames=3)
        self.convert("a.mkv", "b.mp4")
        self.assertEqual(self.video("b.mp4")["sample_aspect_ratio"], "16:11")

    def rotate(self, name, matrix):
        """Put a display matrix into the track header of an MP4 file."""
        data = bytearray((self.folder / name).read_bytes())
        place = data.index(b"tkhd") + 44  # version and flags (4), fields (40 behind the name)
        data[place:place + 36] = struct.pack(">9i", *matrix)
        (self.folder / name).write_bytes(data)

    def test_rotation(self):
        one, whole = 1 << 16, 1 << 30
        for degrees, matrix in {
            90: (0, one, 0, -one, 0, 0, 64 * one, 0, whole),
            180: (-one, 0, 0, 0, -one, 0, 96 * one, 64 * one, whole),
            270: (0, -one, 0, one, 0, 0, 0, 96 * one, whole),
        }.items():
            with self.subTest(degrees=degrees):
                self.draw("a.mp4", frames=3)
                self.rotate("a.mp4", matrix)
                self.assertIn("side_data_list", self.video("a.mp4"))
                self.convert("a.mp4", "b.mp4", "-y", "-f", "ml", "--divergence", "0")
                video = self.video("b.mp4")
                size = (96, 64) if degrees == 180 else (64, 96)
                self.assertEqual((video["width"], video["height"]), size)
                self.assertNotIn("side_data_list", video)
                # Upright like the picture that ffmpeg turns.
                psnr = self.ffmpeg("-i", "a.mp4", "-i", "b.mp4", "-lavfi",
                                   "psnr=stats_file=-", "-f", "null", "-").decode()
                self.assertGreater(float(psnr.split("psnr_avg:")[1].split()[0]), 30)

    def test_encoders(self):
        self.draw("a.mkv", frames=4)
        for encoder, output, codec in [("h264", "b.mp4", "h264"), ("h265", "b.mkv", "hevc"),
                                       ("av1", "b.mp4", "av1"), ("prores", "b.mov", "prores"),
                                       ("ffv1", "b.mkv", "ffv1")]:
            with self.subTest(encoder=encoder):
                self.convert("a.mkv", output, "--encoder", encoder, "-y")
                self.assertEqual(self.video(output)["codec_name"], codec)

    def test_cover_art_is_no_film(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64", "-frames:v", "1", "cover.png")
        self.draw("film.mp4", "-c:a", "aac", frames=5, sound=True)
        self.ffmpeg("-i", "film.mp4", "-i", "cover.png", "-map", "1", "-map", "0", "-c", "copy",
                    "-disposition:v:0", "attached_pic", "a.mp4")
        self.relief("a.mp4", "-o", "b.mp4")
        self.assertEqual(self.video("b.mp4")["codec_name"], "h264")
        self.assertEqual(self.video("b.mp4")["nb_frames"], "5")


if __name__ == "__main__":
    command.main()
