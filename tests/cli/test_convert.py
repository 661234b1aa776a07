# SPDX-License-Identifier: MIT
"""What a user does with the command: names of outputs, pipes, pictures, sequences, depth maps."""

import json
import os

import command


class Names(command.Case):
    def setUp(self):
        super().setUp()
        self.draw("a.mp4", frames=3)

    def test_one_input(self):
        done = self.relief("a.mp4")
        self.assertEqual(self.names(), ["a.mp4", "output_3d_video.mp4"])
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"^relief: output_3d_video.mp4: 3 frames in 0:0\d, .* fps\n$")
        self.relief("convert", "a.mp4", code=4)
        self.relief("convert", "a.mp4", "-y")

    def test_several_inputs(self):
        self.draw("b.mkv", frames=3)
        self.draw("c.avi", frames=3)
        self.relief("a.mp4", "b.mkv", "c.avi")
        self.assertEqual(self.names(), ["a.mp4", "a_3d.mp4", "b.mkv", "b_3d.mkv", "c.avi",
                                        "c_3d.mp4"])

    def test_folders(self):
        (self.folder / "there").mkdir()
        self.relief("a.mp4", "-o", "there")
        self.relief("a.mp4", "-o", "new/deep/")
        self.assertEqual(self.names(), ["a.mp4", "new/deep/a_3d.mp4", "there/a_3d.mp4"])

    def test_a_folder_of_films(self):
        """Each of them, 2 before 10, with posters and what relief made left alone."""
        (self.folder / "films" / "deeper").mkdir(parents=True)
        for name in ["2.mp4", "10.mkv", "deeper/3.mp4"]:
            self.draw("films/" + name, frames=3)
        (self.folder / "films" / ".hidden.mp4").write_text("no film")
        (self.folder / "films" / "poster.jpg").write_text("no picture")
        made = self.relief("films", "-o", "out/")
        order = [line.split()[1] for line in made.stderr.splitlines()]
        self.assertEqual(order, ["out/2_3d.mp4:", "out/10_3d.mkv:"])
        self.relief("films", "-o", "films")
        self.relief("films", "-o", "films", "-y")
        self.relief("films/", "-o", "one.mp4", code=2)
        self.assertEqual(self.names(), [
            "a.mp4", "films/.hidden.mp4", "films/10.mkv", "films/10_3d.mkv", "films/2.mp4",
            "films/2_3d.mp4", "films/deeper/3.mp4", "films/poster.jpg", "out/10_3d.mkv",
            "out/2_3d.mp4"])

    def test_what_is_done_is_left_out(self):
        self.draw("b.mp4", frames=3)
        self.relief("a.mp4", "-o", "out/")
        before = (self.folder / "out" / "a_3d.mp4").read_bytes()
        again = self.relief("a.mp4", "b.mp4", "-o", "out/", "--skip-existing", "--divergence", "3")
        self.assertEqual(before, (self.folder / "out" / "a_3d.mp4").read_bytes())
        self.assertIn("out/a_3d.mp4: exists already", again.stderr)
        self.assertEqual(self.names(), ["a.mp4", "b.mp4", "out/a_3d.mp4", "out/b_3d.mp4"])
        self.relief("a.mp4", "b.mp4", "-o", "out/", "--skip-existing")
        self.relief("a.mp4", "b.mp4", "-o", "out/", code=4)

    def test_a_folder_of_films_with_tokens(self):
        (self.folder / "films").mkdir()
        self.draw("films/b.mp4", frames=3)
        self.draw("films/b_3dfx.mp4", frames=3)
        for _ in range(2):
            self.relief("films", "-o", "films", "-y", "--name-tokens", "-f", "sbsl")
        self.assertEqual(self.names(), [
            "a.mp4", "films/b.mp4", "films/b_3D_LRF_Full_SBS.mp4", "films/b_3dfx.mp4",
            "films/b_3dfx_3D_LRF_Full_SBS.mp4"])

    def test_a_film_in_3d_is_told(self):
        """By the container, and by the stream alone."""
        self.relief("a.mp4", "-f", "sbsl", "-o", "b.mkv")
        self.relief("a.mp4", "-f", "abl", "-o", "c.ts")
        for name, kind in [("b.mkv", "side by side"), ("c.ts", "top and bottom")]:
            said = self.relief(name, "-o", name + ".mp4").stderr
            self.assertIn(f"relief: warning: {name}: is in 3D already ({kind})", said)
        self.assertNotIn("3D already", self.relief("a.mp4", "-o", "d.mp4").stderr)

    def test_a_folder_with_one_film(self):
        (self.folder / "films").mkdir()
        self.draw("films/b.mov", frames=3)
        self.relief("films")
        self.assertEqual(self.names(), ["a.mp4", "b_3d.mov", "films/b.mov"])

    def test_the_encoder_has_a_word(self):
        self.relief("a.mp4", "--encoder", "ffv1")
        self.assertEqual(self.names(), ["a.mp4", "output_3d_video.mkv"])
        self.assertEqual(self.video("output_3d_video.mkv")["codec_name"], "ffv1")

    def test_a_failed_input_does_not_stop_the_others(self):
        self.draw("b.mp4", frames=3)
        (self.folder / "bad.mp4").write_text("no film")
        done = self.relief("bad.mp4", "a.mp4", "missing.mp4", "b.mp4", "-q", code=3)
        self.assertEqual(len(done.stderr.splitlines()), 2, done.stderr)
        self.assertEqual(self.names(), ["a.mp4", "a_3d.mp4", "b.mp4", "b_3d.mp4", "bad.mp4"])

    def test_the_first_failure_gives_the_exit_code(self):
        self.relief("a.mp4", "-o", "out/")
        self.relief("a.mp4", "missing.mp4", "-o", "out/", code=4)
        self.relief("missing.mp4", "a.mp4", "-o", "out/", code=3)

    def test_odd_names(self):
        for name in ["-film.mp4", "a film.mp4", "ünï→.mp4", "100%.mp4", "new\nline.mp4",
                     "a:b.mp4", os.fsdecode(b"latin1-\xfc.mp4")]:
            (self.folder / name).write_bytes((self.folder / "a.mp4").read_bytes())
            with self.subTest(name=name):
                done = self.run_relief("-o", "out/", "--device", "dummy", "--", name)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertTrue((self.folder / "out" / name.replace(".mp4", "_3d.mp4")).exists())


class Pipes(command.Case):
    def test_from_standard_input_to_standard_output(self):
        self.draw("a.mkv", frames=5)
        done = self.relief("-", "-o", "-", input=(self.folder / "a.mkv").read_bytes(), text=False)
        (self.folder / "b.mkv").write_bytes(done.stdout)
        self.assert_plays("b.mkv")
        self.assertEqual(len(self.frame_times("b.mkv")), 5)
        self.assertEqual(self.names(), ["a.mkv", "b.mkv"])

    def test_standard_input_that_is_no_film(self):
        done = self.relief("-", input="no film", code=3)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.relief("-", input="", code=3)
        # Its index is at the end: what a pipe does not come back from.
        self.draw("a.mp4", "-crf", "1", size="640x360", frames=25)
        done = self.relief("-", input=(self.folder / "a.mp4").read_bytes(), code=3, text=False)
        self.assertIn(b"needs its index in front", done.stderr)


class Pictures(command.Case):
    def test_a_picture_gives_a_picture(self):
        for name, output in {"a.png": "output_3d.png", "a.jpg": "output_3d.jpg",
                             "a.bmp": "output_3d.png"}.items():
            self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64", "-frames:v", "1", name)
            self.relief(name, "-y", "-f", "sbsl")
            video = self.video(output)
            self.assertEqual((video["width"], video["height"]), (192, 64))
        self.assertEqual(self.names(),
                         ["a.bmp", "a.jpg", "a.png", "output_3d.jpg", "output_3d.png"])

    def test_a_picture_gives_a_film_when_asked(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64", "-frames:v", "1", "a.png")
        self.relief("a.png", "-o", "b.mp4")
        self.assertEqual(len(self.frame_times("b.mp4")), 1)

    def test_deep_pictures_stay_deep(self):
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64", "-frames:v", "1", "-pix_fmt", "rgb48",
                    "a.png")
        self.relief("a.png", "-o", "b.png")
        self.assertIn("48", self.video("b.png")["pix_fmt"])

    def test_sequences(self):
        (self.folder / "in").mkdir()
        self.draw("in/f_%03d.png", "-start_number", "7", frames=4)
        self.relief("in/f_%03d.png", "-o", "a.mkv")
        self.relief("in", "-o", "b.mkv")
        self.assertEqual(len(self.frame_times("a.mkv")), 4)
        self.assertEqual(self.frame_times("a.mkv"), self.frame_times("b.mkv"))
        self.relief("a.mkv", "-o", "out_%04d.png")
        pictures = [name for name in self.names() if name.startswith("out_")]
        self.assertEqual(len(pictures), 4)


class Depth(command.Case):
    def setUp(self):
        super().setUp()
        self.draw("a.mkv", frames=4)

    def md5(self, name):
        return self.ffmpeg("-i", name, "-map", "0:v", "-f", "md5", "-")

    def test_stored_depth_gives_the_same_film(self):
        self.relief("a.mkv", "-o", "b.mkv", "--encoder", "ffv1", "--depth-out", "d.mkv")
        self.assertEqual(self.video("d.mkv")["pix_fmt"], "gray16le")
        self.assertEqual(len(self.frame_times("d.mkv")), 4)
        self.relief("a.mkv", "-o", "b2.mkv", "--encoder", "ffv1", "--depth-out", "d_%04d.png")
        self.assertEqual(len([n for n in self.names() if n.startswith("d_")]), 4)
        self.relief("a.mkv", "-o", "c.mkv", "--encoder", "ffv1", "--depth-in", "d.mkv")
        self.relief("a.mkv", "-o", "e.mkv", "--encoder", "ffv1", "--depth-in", "d_%04d.png")
        self.assertEqual(self.md5("b.mkv"), self.md5("b2.mkv"))
        self.assertEqual(self.md5("c.mkv"), self.md5("e.mkv"))

    def test_one_picture_of_depth_serves_for_all(self):
        self.ffmpeg("-f", "lavfi", "-i", "color=gray:s=48x32", "-pix_fmt", "gray", "-frames:v", "1",
                    "d.png")
        self.relief("a.mkv", "-o", "b.mkv", "--depth-in", "d.png")
        self.assertEqual(len(self.frame_times("b.mkv")), 4)

    def test_threads_do_not_change_a_pixel(self):
        sums = set()
        for threads in "1", "2", "5":
            for mask in "0", "-1":
                self.relief("a.mkv", "-o", "b.mkv", "-y", "--encoder", "ffv1", "--threads", threads,
                            "--cpu-mask", mask)
                sums.add(self.md5("b.mkv"))
        self.assertEqual(len(sums), 1)

    def test_kept_pictures(self):
        self.relief("a.mkv", "-o", "b.mkv", "--keep", "kept")
        for kind in "frames", "depth", "known", "left", "right":
            kept = [name for name in self.names() if name.startswith(f"kept/{kind}/")]
            self.assertEqual(len(kept), 4, kind)
            video = self.video(kept[0])
            self.assertEqual(video["codec_name"], "png")
        depth = next(name for name in self.names() if name.startswith("kept/depth/"))
        self.assertIn("gray16", self.video(depth)["pix_fmt"])

    def test_report(self):
        self.relief("a.mkv", "-o", "b.mkv", "--report", "r.json", "--divergence", "3")
        report = json.loads((self.folder / "r.json").read_text())
        self.assertEqual(report["frames"], 4)
        self.assertEqual(report["status"], "ok")
        self.assertIn("divergence=3", report["options"])
        (self.folder / "bad.mkv").write_text("no film")
        self.relief("bad.mkv", "-o", "c.mkv", "--report", "r.json", "-y", code=3)
        self.assertEqual(json.loads((self.folder / "r.json").read_text())["status"], "input")

    def test_formats_have_their_size(self):
        for name, size in {"arcc": (96, 64), "arcd": (96, 64), "sbsl": (192, 64),
                           "sbs2r": (96, 64), "abl": (96, 128), "ab2r": (96, 64), "ml": (96, 64),
                           "mr": (96, 64), "depth": (96, 64)}.items():
            self.relief("a.mkv", "-o", "b.mkv", "-y", "-f", name)
            video = self.video("b.mkv")
            self.assertEqual((video["width"], video["height"]), size, name)
            info = json.loads(self.run_relief("info", "a.mkv", "-f", name, "--json").stdout)
            self.assertEqual((info["output"]["width"], info["output"]["height"]), size, name)


class Span(command.Case):
    def test_max_height(self):
        self.draw("b.mkv", frames=3, size="192x108")
        for height, eyes, width, lines in ((60, "sbsl", 212, 60), (61, "ml", 106, 60),
                                           (54, "abl", 96, 108), (1, "mr", 28, 16),
                                           (108, "ml", 192, 108), (2000, "ml", 192, 108)):
            with self.subTest(height=height):
                words = ["b.mkv", "--max-height", str(height), "-f", eyes]
                done = self.relief(*words, "-o", "c.mkv", "-y", "--log", "warn")
                self.assertNotIn("warning", done.stderr)
                video = self.video("c.mkv")
                self.assertEqual((video["width"], video["height"]), (width, lines))
                told = json.loads(self.run_relief("info", "--json", *words).stdout)
                self.assertEqual((told["output"]["width"], told["output"]["height"]),
                                 (width, lines))
        # A limit that is none changes nothing.
        self.relief("b.mkv", "-o", "d.mkv", "-f", "ml", "--encoder", "ffv1")
        self.relief("b.mkv", "-o", "e.mkv", "-f", "ml", "--encoder", "ffv1", "--max-height", "108")
        self.assertEqual(*(self.ffmpeg("-i", name, "-map", "0:v", "-f", "framemd5", "-")
                           for name in ("d.mkv", "e.mkv")))
        # It is the picture that is smaller, not a part of it.
        self.relief("b.mkv", "-o", "f.mkv", "-f", "ml", "--divergence", "0", "--max-height", "54",
                    "--encoder", "ffv1")
        psnr = self.ffmpeg("-i", "b.mkv", "-i", "f.mkv", "-filter_complex",
                           "[0:v]scale=96:54:flags=bicubic[a];[a][1:v]psnr=stats_file=-", "-f",
                           "null", "-").decode()
        self.assertGreater(float(psnr.split("psnr_avg:")[1].split()[0]), 38)

    def test_a_film_that_changes_size(self):
        # FFmpeg's decoder of MPEG-2 loses a picture at such a place.
        pieces = [self.draw(f"{size}.ts", "-c:v", "libx264", "-output_ts_offset", at, frames=3,
                            size=size) for size, at in (("192x108", "0"), ("96x64", "0.5"))]
        data = b"".join((self.folder / piece).read_bytes() for piece in pieces)
        (self.folder / "a.ts").write_bytes(data)
        for words, size in (([], (192, 108)), (["--max-height", "54"], (96, 54))):
            done = self.relief("a.ts", "-o", "b.mkv", "-y", "-f", "ml", *words)
            self.assertEqual(done.stderr.count("changes size from 192x108 to 96x64"), 1)
            video = self.video("b.mkv")
            self.assertEqual((video["width"], video["height"]), size)
            self.assertEqual(len(self.frame_times("b.mkv")), 6)

    def test_start_and_duration(self):
        self.draw("a.mkv", "-g", "5", "-c:a", "flac", frames=50, sound=True)
        whole = self.frame_times("a.mkv")
        for words, wanted in {
            ("--start", "0.5"): whole[12:],  # the picture that is on screen then comes first
            ("--duration", "0.4"): whole[:10],
            ("--start", "0:00:00.6", "--duration", "0.32"): whole[15:23],
        }.items():
            with self.subTest(words=words):
                self.relief("a.mkv", "-o", "b.mkv", "-y", *words)
                times = self.frame_times("b.mkv")
                self.assertEqual(len(times), len(wanted), times)
                steps = [b - a for a, b in zip(times, times[1:])]
                for step in steps:
                    self.assertAlmostEqual(step, 0.04, delta=0.0011)
                self.assert_plays("b.mkv")
                sound = self.ffprobe("b.mkv", "-select_streams", "a", "-show_packets")["packets"]
                seconds = sum(float(packet["duration_time"]) for packet in sound)
                self.assertAlmostEqual(seconds, len(wanted) * 0.04, delta=0.2)
                info = json.loads(self.run_relief("info", "a.mkv", *words, "--json").stdout)
                self.assertAlmostEqual(info["output"]["frames"], len(wanted), delta=1)


class Info(command.Case):
    def test_what_is_in_a_file(self):
        self.draw("a.mkv", "-c:a", "flac", "-metadata:s:a:0", "language=fra", sound=True)
        info = json.loads(self.run_relief("info", "a.mkv", "--json").stdout)
        self.assertEqual((info["kind"], info["width"], info["height"]), ("video", 96, 64))
        self.assertEqual((info["frame_rate"], info["pix_fmt"]), ([25, 1], "yuv420p"))
        self.assertEqual([s["kind"] for s in info["streams"]], ["video", "audio"])
        self.assertEqual(info["streams"][1]["language"], "fra")
        self.assertEqual(info["output"]["name"], "output_3d_video.mp4")
        text = self.run_relief("info", "a.mkv", "-f", "sbsl").stdout
        self.assertIn("96x64", text)
        self.assertIn("192x64, sbsl, h264", text)
        self.assertEqual(self.names(), ["a.mkv"])

    def test_devices(self):
        done = self.run_relief("devices", "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        devices = {device["name"]: device for device in json.loads(done.stdout)}
        self.assertTrue(devices["dummy"]["usable"])
        self.assertIn("dummy", self.run_relief("devices").stdout)


if __name__ == "__main__":
    command.main()
