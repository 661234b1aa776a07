# SPDX-License-Identifier: MIT
"""Every format from end to end: the output is decoded and compared with a composition of the same
two views (--keep) that is written here pixel by pixel, and with FFmpeg's stereo3d where that filter
is there and means the same."""

import json
import math
import subprocess

import command

WIDTH, HEIGHT = 96, 64
GREY = (.299, .587, .114)
NONE = (0, 0, 0)

# Rows R G B of the result; the left view's R G B, then the right one's.
MATRICES = {
    "arcc": [(1, 0, 0) + NONE, NONE + (0, 1, 0), NONE + (0, 0, 1)],
    "arch": [GREY + NONE, NONE + (0, 1, 0), NONE + (0, 0, 1)],
    "arcg": [GREY + NONE, NONE + GREY, NONE + GREY],
    "arbg": [GREY + NONE, NONE + NONE, NONE + GREY],
    "argg": [GREY + NONE, NONE + GREY, NONE + NONE],
    "wimmer": [(0, .7, .3) + NONE, NONE + (0, 1, 0), NONE + (0, 0, 1)],
    "agmc": [NONE + (1, 0, 0), (0, 1, 0) + NONE, NONE + (0, 0, 1)],
    "agmh": [NONE + (1, 0, 0), GREY + NONE, NONE + (0, 0, 1)],
    "agmg": [NONE + GREY, GREY + NONE, NONE + GREY],
    "aybc": [(1, 0, 0) + NONE, (0, 1, 0) + NONE, NONE + (0, 0, 1)],
    "aybh": [(1, 0, 0) + NONE, (0, 1, 0) + NONE, NONE + GREY],
    "aybg": [GREY + NONE, GREY + NONE, NONE + GREY],
    "arcd": [(.456, .500, .176, -.043, -.088, -.002), (-.040, -.038, -.016, .378, .734, -.018),
             (-.015, -.021, -.005, -.072, -.113, 1.226)],
    "agmd": [(-.062, -.158, -.039, .529, .705, .024), (.284, .668, .143, -.016, -.015, -.065),
             (-.015, -.027, .021, .009, .075, .937)],
    "aybd": [(1.062, -.205, .299, -.016, -.123, -.017), (-.026, .908, .068, .006, .062, -.017),
             (-.038, -.173, .022, .094, .185, .911)],
}


class Picture:
    """RGB bytes, row by row."""

    def __init__(self, width, height, data):
        self.width, self.height, self.data = width, height, data

    def at(self, x, y):
        place = 3 * (y * self.width + x)
        return self.data[place:place + 3]

    def row(self, y):
        return self.data[3 * y * self.width:3 * (y + 1) * self.width]


def build(width, height, pixel):
    data = bytearray()
    for y in range(height):
        for x in range(width):
            data += bytes(min(max(round(value), 0), 255) for value in pixel(x, y))
    return Picture(width, height, bytes(data))


def psnr(a, b):
    error = sum((p - q) ** 2 for p, q in zip(a.data, b.data)) / len(a.data)
    return 99 if not error else 10 * math.log10(255 ** 2 / error)


def mixed(matrix, left, right):
    def pixel(x, y):
        both = tuple(left.at(x, y)) + tuple(right.at(x, y))
        return [sum(f * v for f, v in zip(row, both)) for row in matrix]
    return build(left.width, left.height, pixel)


def optimised(left, right):
    """Wimmer's second one."""
    def raised(rgb):
        r, g, b = rgb
        return g + .45 * max(0, r - g), b + .25 * max(0, r - b)

    def pixel(x, y):
        (lg, lb), (rg, rb) = raised(left.at(x, y)), raised(right.at(x, y))
        return 255 * ((.75 * lg + .25 * lb) / 255) ** (1 / 1.6), rg, rb
    return build(left.width, left.height, pixel)


def stacked(*rows):
    return b"".join(rows)


def beside(a, b):
    return Picture(a.width + b.width, a.height,
                   stacked(*(a.row(y) + b.row(y) for y in range(a.height))))


def above(a, b):
    return Picture(a.width, a.height + b.height, a.data + b.data)


def narrowed(view):
    return build(view.width // 2, view.height, lambda x, y: [
        (p + q) / 2 for p, q in zip(view.at(2 * x, y), view.at(2 * x + 1, y))])


def lowered(view):
    return build(view.width, view.height // 2, lambda x, y: [
        (p + q) / 2 for p, q in zip(view.at(x, 2 * y), view.at(x, 2 * y + 1))])


def in_turn(left, right, turn):
    return build(left.width, left.height,
                 lambda x, y: (right if turn(x, y) % 2 else left).at(x, y))


PACKED = {
    "sbsl": lambda left, right: beside(left, right),
    "sbsr": lambda left, right: beside(right, left),
    "sbs2l": lambda left, right: beside(narrowed(left), narrowed(right)),
    "sbs2r": lambda left, right: beside(narrowed(right), narrowed(left)),
    "abl": lambda left, right: above(left, right),
    "abr": lambda left, right: above(right, left),
    "ab2l": lambda left, right: above(lowered(left), lowered(right)),
    "ab2r": lambda left, right: above(lowered(right), lowered(left)),
    "irl": lambda left, right: in_turn(left, right, lambda x, y: y),
    "irr": lambda left, right: in_turn(left, right, lambda x, y: y + 1),
    "icl": lambda left, right: in_turn(left, right, lambda x, y: x),
    "icr": lambda left, right: in_turn(left, right, lambda x, y: x + 1),
    "chl": lambda left, right: in_turn(left, right, lambda x, y: x + y),
    "chr": lambda left, right: in_turn(left, right, lambda x, y: x + y + 1),
    "ml": lambda left, right: left,
    "mr": lambda left, right: right,
    "wimmer2": optimised,
}

# FFmpeg exchanges the eyes of aybg, aybh and aybc, doubles interleaved pictures, and halves by
# leaving out every other sample.
SAME_IN_FFMPEG = ["arcg", "arch", "arcc", "arcd", "arbg", "argg", "agmg", "agmh", "agmc", "agmd",
                  "aybd", "sbsr", "abl", "abr", "ml", "mr"]


class Views(command.Case):
    def setUp(self):
        super().setUp()
        # RGB all the way, without loss: what differs is the composition's doing.
        self.draw("a.mkv", "-vf", "format=gbrp", "-c:v", "ffv1", frames=2)

    def convert(self, format, output, *words, source="a.mkv"):
        self.relief(source, "-f", format, "-o", output, "-y", "--progress", "none", *words)
        return output

    def frames(self, name, *filters):
        """All frames as pictures."""
        video = self.video(name)
        words = ["-vf", ",".join(filters)] if filters else []
        done = subprocess.run(
            ["ffmpeg", "-v", "error", "-nostdin", "-i", name, *words, "-pix_fmt", "rgb24",
             "-fps_mode", "passthrough", "-f", "rawvideo", "-"],
            cwd=self.folder, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        width, height = video["width"], video["height"]
        size = 3 * width * height
        return [Picture(width, height, done.stdout[at:at + size])
                for at in range(0, len(done.stdout), size)]

    def views(self, *words, source="a.mkv"):
        """The left and the right view of the first frame, as the compose stage gets them."""
        self.convert("ml", "views.mkv", "--encoder", "ffv1", "--keep", "parts", *words,
                     source=source)
        pair = []
        for eye in "left", "right":
            name = sorted((self.folder / "parts" / eye).iterdir())[0]
            pair.append(self.frames(str(name.relative_to(self.folder)))[0])
        self.assertLess(psnr(*pair), 40)  # they differ
        return pair

    def test_anaglyphs_are_their_matrices(self):
        left, right = self.views()
        for format, matrix in MATRICES.items():
            with self.subTest(format=format):
                self.convert(format, "b.mkv", "--encoder", "ffv1")
                self.assertGreater(psnr(self.frames("b.mkv")[0], mixed(matrix, left, right)), 50)

    def test_packings_and_turns(self):
        left, right = self.views()
        for format, compose in PACKED.items():
            with self.subTest(format=format):
                self.convert(format, "b.mkv", "--encoder", "ffv1")
                got, wanted = self.frames("b.mkv")[0], compose(left, right)
                self.assertEqual((got.width, got.height), (wanted.width, wanted.height))
                # Halves are made with a better filter than the mean of two samples.
                self.assertGreater(psnr(got, wanted), 25 if "2" in format[:-1] else 50)

    def test_ffmpeg_makes_the_same(self):
        done = subprocess.run(["ffmpeg", "-v", "error", "-filters"], capture_output=True, text=True)
        if "stereo3d" not in done.stdout:
            self.skipTest("this ffmpeg has no stereo3d")
        self.convert("sbsl", "pair.mkv", "--encoder", "ffv1")
        for format in SAME_IN_FFMPEG:
            with self.subTest(format=format):
                self.convert(format, "b.mkv", "--encoder", "ffv1")
                self.ffmpeg("-i", "pair.mkv", "-vf", f"format=rgb24,stereo3d=sbsl:{format}",
                            "-c:v", "ffv1", "-pix_fmt", "gbrp", "wanted.mkv")
                got, wanted = self.frames("b.mkv")[0], self.frames("wanted.mkv")[0]
                self.assertEqual((got.width, got.height), (wanted.width, wanted.height))
                self.assertGreater(psnr(got, wanted), 48)

    def test_hdmi(self):
        for height, blank in (720, 30), (1080, 45):
            self.draw("high.mkv", "-vf", "format=gbrp", "-c:v", "ffv1", frames=1,
                      size=f"16x{height}")
            self.convert("hdmi", "b.mkv", "--encoder", "ffv1", source="high.mkv")
            self.convert("abl", "c.mkv", "--encoder", "ffv1", source="high.mkv")
            got, pair = self.frames("b.mkv")[0], self.frames("c.mkv")[0]
            self.assertEqual(got.height, 2 * height + blank)
            middle = 3 * 16 * height
            self.assertEqual(got.data[:middle], pair.data[:middle])
            self.assertFalse(any(got.data[middle:middle + 3 * 16 * blank]))
            self.assertEqual(got.data[-middle:], pair.data[-middle:])
        done = self.relief("a.mkv", "-f", "hdmi", "-o", "x.mkv", code=2)
        self.assertIn("720 or 1080", done.stderr)
        self.assertNotIn("x.mkv", self.names())

    def test_views_in_turn(self):
        left, right = self.views()
        source = self.frame_times("a.mkv")
        for format, first, second in ("al", left, right), ("ar", right, left):
            for output in "b.mkv", "b.mov":
                self.convert(format, output, "--encoder", "h264", "--crf", "8", "--pix-fmt",
                             "yuv444p")
                frames, times = self.frames(output), self.frame_times(output)
                self.assertEqual(len(frames), 2 * len(source))
                self.assertGreater(psnr(frames[0], first), 32)
                self.assertGreater(psnr(frames[1], second), 32)
                for i, time in enumerate(source):
                    self.assertAlmostEqual(times[2 * i], time, delta=.0011)
                    self.assertAlmostEqual(times[2 * i + 1], time + .02, delta=.0011)
        told = json.loads(self.run_relief("info", "a.mkv", "-f", "al", "--json").stdout)
        self.assertEqual(told["output"]["frames"], 2 * len(source))
        done = self.relief("a.mkv", "-f", "al", "-o", "x.png", code=4)
        self.assertIn("views in turn", done.stderr)

    def test_wiggle(self):
        left, right = self.views()
        self.draw("long.mkv", frames=12)
        for output in "b.gif", "b.apng", "b.mp4":
            with self.subTest(output=output):
                self.convert("wiggle", output, source="long.mkv")
                self.assertEqual(len(self.frames(output)), 12)
        self.ffmpeg("-i", "a.mkv", "-frames:v", "1", "a.png")
        for output, count in ("b.gif", 2), ("b.apng", 2), ("b.mkv", 20):
            with self.subTest(output=output):
                self.convert("wiggle", output, "--crf", "10", source="a.png")
                frames = self.frames(output)
                self.assertEqual(len(frames), count)
                # 256 colours do for a test card; H.264 here is 4:4:4 of RGB.
                self.assertGreater(psnr(frames[0], left), 28)
                self.assertGreater(psnr(frames[1], right), 28)
                self.assertLess(psnr(frames[0], right), psnr(frames[0], left) - 3)
        gif = (self.folder / "b.gif").read_bytes()
        self.assertIn(b"NETSCAPE2.0\x03\x01\x00\x00\x00", gif)  # for ever
        apng = (self.folder / "b.apng").read_bytes()
        place = apng.index(b"acTL") + 4
        self.assertEqual(apng[place:place + 8], bytes([0, 0, 0, 2, 0, 0, 0, 0]))
        self.relief("a.png", "-f", "wiggle", "--progress", "none")
        self.assertIn("output_3d.gif", self.names())

    def test_gif_colours_stay_through_a_shot(self):
        # Many colours at rest, beside a field that changes its own; then a cut to quite others.
        parts = []
        for hue, name in (0, "first.mkv"), (120, "second.mkv"):
            parts += ["-i", name]
            self.ffmpeg("-f", "lavfi", "-i", "mandelbrot=s=96x64:rate=10:end_scale=3", "-frames:v",
                        "1", "-vf", f"hue=h={hue}", "still.png")
            self.ffmpeg("-loop", "1", "-framerate", "10", "-i", "still.png", "-f", "lavfi", "-i",
                        "color=red:s=48x64:rate=10,hue=h=40*n", "-filter_complex",
                        "[0][1]overlay=48:0", "-frames:v", "8", "-c:v", "ffv1", name)
        self.ffmpeg(*parts, "-filter_complex", "concat=n=2", "-c:v", "ffv1", "cut.mkv")
        self.relief("cut.mkv", "-f", "ml", "--anchor", "left", "-o", "b.gif")
        source, frames = self.frames("cut.mkv"), self.frames("b.gif")
        self.assertEqual(len(frames), 16)
        for i, frame in enumerate(frames):
            self.assertGreater(psnr(frame, source[i]), 28)
            first = frames[i // 8 * 8]
            for y in range(64):
                self.assertEqual(frame.row(y)[:3 * 40], first.row(y)[:3 * 40], (i, y))

    def test_depth_beside_the_picture(self):
        self.convert("rgbd", "b.mkv", "--encoder", "ffv1")
        self.convert("depth", "d.mkv", "--encoder", "ffv1")
        got = self.frames("b.mkv")[0]
        wanted = beside(self.frames("a.mkv")[0], self.frames("d.mkv")[0])
        self.assertGreater(psnr(got, wanted), 50)

    def test_vr180(self):
        self.convert("vr180", "b.mkv", "--encoder", "ffv1", "--fov", "60")
        left, right = self.views()
        got = self.frames("b.mkv")[0]
        size = got.height
        self.assertEqual((got.width, size), (2 * size, 144))
        f = WIDTH / 2 / math.tan(math.radians(30))

        def pixel(x, y):
            view = left if x < size else right
            lon = ((x % size + .5) / size - .5) * math.pi
            lat = ((y + .5) / size - .5) * math.pi
            u = f * math.tan(lon) + WIDTH / 2
            v = f * math.tan(lat) / math.cos(lon) + HEIGHT / 2
            inside = 0 <= u < WIDTH and 0 <= v < HEIGHT
            return view.at(int(u), int(v)) if inside else NONE
        # The reference takes the nearest sample; a picture of one eye would be 6 dB worse.
        self.assertGreater(psnr(got, build(2 * size, size, pixel)), 24)
        corner = got.at(3, 3) + got.at(2 * size - 3, size - 3) + got.at(size, size // 2)
        self.assertFalse(any(corner))

    def test_linear_light(self):
        left, right = self.views()
        matrix = [(.437, .449, .164, -.011, -.032, -.007), (-.062, -.062, -.024, .377, .761, .009),
                  (-.048, -.050, -.017, -.026, -.093, 1.234)]

        def to_light(value):
            value /= 255
            return value / 12.92 if value <= .04045 else ((value + .055) / 1.055) ** 2.4

        def to_code(light):
            light = min(max(light, 0), 1)
            return 255 * (12.92 * light if light <= .0031308 else 1.055 * light ** (1 / 2.4) - .055)

        def pixel(x, y):
            v = [to_light(value) for value in left.at(x, y) + right.at(x, y)]
            eyes = [[min(max(sum(row[i + k] * v[i + k] for k in range(3)), 0), 1) for i in (0, 3)]
                    for row in matrix]
            return [to_code(sum(both)) for both in eyes]
        self.convert("arcd", "b.mkv", "--encoder", "ffv1", "--linear")
        wanted = build(WIDTH, HEIGHT, pixel)
        self.assertGreater(psnr(self.frames("b.mkv")[0], wanted), 50)
        done = self.relief("a.mkv", "-f", "sbsl", "--linear", "-o", "x.mkv", code=2)
        self.assertIn("--linear", done.stderr)

    def test_lossy_files_hold_it_too(self):
        left, right = self.views()
        for format, wanted in ("arch", mixed(MATRICES["arch"], left, right)), \
                              ("sbsl", beside(left, right)):
            for encoder, output in ("h264", "b.mp4"), ("h265", "b.mkv"), ("av1", "b.mp4"), \
                                   ("prores", "b.mov"):
                with self.subTest(format=format, encoder=encoder):
                    words = [] if encoder == "prores" else ["--crf", "8"]
                    self.convert(format, output, "--encoder", encoder, *words)
                    # AV1 has 4:2:0 alone.
                    self.assertGreater(psnr(self.frames(output)[0], wanted),
                                       21 if encoder == "av1" else 30)


class Pictures(command.Case):
    def setUp(self):
        super().setUp()
        self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64", "-frames:v", "1", "a.png")

    def segment(self, data, marker, word):
        place = data.index(bytes([0xff, marker]))
        size = int.from_bytes(data[place + 2:place + 4], "big")
        self.assertEqual(data[place + 4:place + 4 + len(word)], word)
        return place + 4 + len(word), data[place + 4 + len(word):place + 2 + size]

    def test_kinds(self):
        for output in "b.png", "b.jpg", "b.webp", "b.tif":
            for format, width in ("arcd", 96), ("sbsl", 192), ("ab2l", 96):
                self.relief("a.png", "-f", format, "-o", output, "-y", "--progress", "none")
                self.assertEqual(self.video(output)["width"], width, (output, format))

    def test_jps(self):
        for words, flags in ([], 0), (["-f", "sbsl"], 4), (["-f", "sbsr"], 0):
            self.relief("a.png", "-o", "b.jps", "-y", *words)
            data = (self.folder / "b.jps").read_bytes()
            _, note = self.segment(data, 0xe3, b"_JPSJPS_")
            self.assertEqual(note, bytes([0, 4, 0, flags, 2, 1, 0, 0]))
            self.ffmpeg("-f", "image2", "-c:v", "mjpeg", "-i", "b.jps", "b.png")
            self.assertEqual(self.video("b.png")["width"], 192)

    def test_mpo(self):
        self.relief("a.png", "-o", "b.mpo")
        self.relief("a.png", "-f", "sbsr", "-o", "r.mpo")
        data = (self.folder / "b.mpo").read_bytes()
        self.assertEqual((self.folder / "r.mpo").read_bytes(), data)  # the order is MPO's own
        origin, note = self.segment(data, 0xe2, b"MPF\0")
        self.assertEqual(note[:8], b"MM\0*\0\0\0\x08")
        entries = note.index(bytes([0x20, 2, 0, 2]))  # the representative of a disparity pair
        numbers = [int.from_bytes(note[entries + 4 * i:entries + 4 * i + 4], "big")
                   for i in range(8)]
        self.assertEqual((numbers[2], numbers[4]), (0, 0x20002))
        self.assertEqual(numbers[1] + numbers[5], len(data))
        self.assertEqual(origin + numbers[6], numbers[1])
        for name, jpeg in ("1.jpg", data[:numbers[1]]), ("2.jpg", data[numbers[1]:]):
            self.assertEqual((jpeg[:2], jpeg[-2:]), (b"\xff\xd8", b"\xff\xd9"))
            (self.folder / name).write_bytes(jpeg)
        for name, format in ("1.jpg", "ml"), ("2.jpg", "mr"):
            self.relief("a.png", "-f", format, "-o", "c.jpg", "-y")
            raw = [self.ffmpeg("-i", file, "-f", "rawvideo", "-") for file in (name, "c.jpg")]
            self.assertEqual(*raw)

    def test_formats_that_do_not_fit(self):
        done = self.relief("a.png", "-f", "abl", "-o", "b.mpo", code=2)
        self.assertIn("side by side", done.stderr)

    def test_numbered_jpegs(self):
        self.draw("a.mp4", frames=4)
        self.relief("a.mp4", "-o", "f_%02d.jpg")
        self.assertEqual(len([name for name in self.names() if name.startswith("f_")]), 4)


if __name__ == "__main__":
    command.main()
