# SPDX-License-Identifier: MIT
"""Depth as a stage of its own: maps go in and come out to the last bit, in every container and
size; a painted map does what was painted; bars have no depth."""

import random
import struct
import zlib

import command

FRAMES = 3


def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data +
            struct.pack(">I", zlib.crc32(kind + data)))


def png(width, height, values):
    """A 16-bit grey PNG of `values`, row by row."""
    rows = b"".join(b"\0" + struct.pack(f">{width}H", *values[y * width:(y + 1) * width])
                    for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 16, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) +
            chunk(b"IEND", b""))


class Maps(command.Case):
    def store(self, pattern, width, height, maps):
        for number, values in enumerate(maps):
            name = pattern % number if "%" in pattern else pattern
            (self.folder / name).write_bytes(png(width, height, values))

    def values(self, name, *words):
        """All samples of a film of maps, frame after frame."""
        raw = self.ffmpeg(*words, "-i", name, "-f", "rawvideo", "-pix_fmt", "gray16le", "-")
        return list(struct.unpack(f"<{len(raw) // 2}H", raw))

    def random_maps(self, width, height, count=FRAMES):
        source = random.Random(width)
        return [[0, 65535, 1, 65534] + [source.randrange(65536) for _ in range(width * height - 4)]
                for _ in range(count)]

    def luma(self, name, width, height):
        raw = self.ffmpeg("-i", name, "-f", "rawvideo", "-pix_fmt", "gray", "-")
        return [[raw[at + y * width:at + (y + 1) * width] for y in range(height)]
                for at in range(0, len(raw), width * height)]


class RoundTrip(Maps):
    def assert_read(self, name, size, wanted):
        """What --depth-in makes of maps, as --keep shows it."""
        self.relief("a.mkv", "-y", "-o", "b.mkv", "--depth-in", name, "--keep", "kept")
        first = self.video("kept/depth/000000.png")
        self.assertEqual((first["width"], first["height"]), size)
        self.assertTrue(self.values("kept/depth/%06d.png", "-start_number", "0") == wanted)

    def test_what_is_stored_is_read(self):
        self.draw("a.mkv", frames=FRAMES)
        self.relief("a.mkv", "-y", "-o", "b.mkv", "--depth-out", "maps.mkv", "--keep", "made")
        self.relief("a.mkv", "-y", "-o", "b.mkv", "--depth-out", "map_%03d.png")
        made = self.values("made/depth/%06d.png", "-start_number", "0")
        video = self.video("maps.mkv")
        size = video["width"], video["height"]
        self.assertEqual(len(made), FRAMES * size[0] * size[1])
        self.assertGreater(len(set(made)), 256)
        self.assertTrue(self.values("maps.mkv") == made)
        self.assert_read("maps.mkv", size, made)
        self.assert_read("map_%03d.png", size, made)

    def test_films_and_sequences_of_any_size(self):
        self.draw("a.mkv", frames=FRAMES)
        for width, height in (37, 23), (96, 64), (200, 131):
            with self.subTest(size=(width, height)):
                maps = self.random_maps(width, height)
                wanted = [value for values in maps for value in values]
                self.store("in_%03d.png", width, height, maps)
                self.ffmpeg("-start_number", "0", "-i", "in_%03d.png", "-c:v", "ffv1", "-pix_fmt",
                            "gray16le", "in.mkv")
                self.assert_read("in_%03d.png", (width, height), wanted)
                self.assert_read("in.mkv", (width, height), wanted)

    def test_one_map_for_all_frames(self):
        self.draw("a.mkv", frames=FRAMES)
        values, = self.random_maps(61, 40, 1)
        self.store("map.png", 61, 40, [values])
        self.assert_read("map.png", (61, 40), FRAMES * values)


class Painted(Maps):
    def test_what_is_painted_is_moved(self):
        width, height = 320, 48
        self.ffmpeg("-f", "lavfi", "-i", f"nullsrc=s={width}x{height}:r=25:d=0.04,"
                    "geq=lum='16+random(1)*200':cb=128:cr=128", "-pix_fmt", "yuv444p", "-c:v",
                    "ffv1", "a.mkv")
        # A map of the picture's size, painted black on the left and white on the right.
        self.store("map.png", width, height,
                   [([0] * (width // 2) + [65535] * (width // 2)) * height])
        self.relief("a.mkv", "-o", "views.mkv", "-f", "sbsl", "--encoder", "ffv1", "--divergence",
                    "10", "--depth-in", "map.png")
        source = self.luma("a.mkv", width, height)[0]
        views = self.luma("views.mkv", 2 * width, height)[0]
        for y in range(height):
            left, right = views[y][:width], views[y][width:]
            for x in range(20, width - 20):
                if abs(x - width // 2) > 40:
                    moved = 8 if x > width // 2 else -8  # half of 10 % of 320, half of it at 0.5
                    self.assertEqual(left[x + moved], source[y][x], (x, y))
                    self.assertEqual(right[x - moved], source[y][x], (x, y))

    def test_bars_have_no_depth(self):
        width, height, bar = 320, 180, 24
        self.draw("plain.mkv", "-pix_fmt", "yuv420p", "-c:v", "ffv1", frames=6,
                  size=f"{width}x{height - 2 * bar}")
        # Text in the bar would show any movement.
        self.ffmpeg("-i", "plain.mkv", "-vf", f"pad={width}:{height}:0:{bar}:black,"
                    f"drawbox=x=100:y={height - 16}:w=120:h=6:c=white:t=fill", "-c:v", "ffv1",
                    "boxed.mkv")
        self.store("map.png", 40, 24, [[65535] * (40 * 24)])
        self.relief("boxed.mkv", "-o", "views.mkv", "-f", "sbsl", "--encoder", "ffv1",
                    "--divergence", "10", "--depth-in", "map.png")
        for rows, views in zip(self.luma("boxed.mkv", width, height),
                               self.luma("views.mkv", 2 * width, height), strict=True):
            for y in range(height):
                left, right = views[y][:width], views[y][width:]
                if y < bar or y >= height - bar:
                    self.assertEqual((left, right), (rows[y], rows[y]), y)
                else:
                    self.assertNotEqual(left, right, y)


if __name__ == "__main__":
    command.main()
