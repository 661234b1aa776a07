# SPDX-License-Identifier: MIT
"""Letterboxed films from end to end: bars stay where they are, the picture between them comes out as
if there were none, dark pictures are not taken for bars."""

import command

WIDTH, HEIGHT, TOP = 320, 180, 24
INNER = HEIGHT - 2 * TOP


def difference(a, b):
    """Mean difference of two planes' samples."""
    a, b = b"".join(a), b"".join(b)
    return sum(abs(x - y) for x, y in zip(a, b, strict=True)) / len(a)


class Bars(command.Case):
    def luma(self, name, width, height):
        """Luma of every frame, row by row."""
        raw = self.ffmpeg("-i", name, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-")
        size = width * height * 3 // 2
        return [[raw[at + y * width:at + (y + 1) * width] for y in range(height)]
                for at in range(0, len(raw), size)]

    def views(self, name, height, *words):
        """Left and right luma of every frame."""
        self.relief(name, "-y", "-f", "sbsl", "--encoder", "ffv1", "-o", "out.mkv",
                    "--divergence", "5", *words)
        frames = self.luma("out.mkv", 2 * WIDTH, height)
        return [([row[:WIDTH] for row in f], [row[WIDTH:] for row in f]) for f in frames]

    def setUp(self):
        super().setUp()
        size = f"{WIDTH}x{INNER}"
        self.draw("plain.mkv", "-pix_fmt", "yuv420p", "-c:v", "ffv1", frames=6, size=size)
        self.ffmpeg("-i", "plain.mkv", "-vf", f"pad={WIDTH}:{HEIGHT}:0:{TOP}:black", "-c:v", "ffv1",
                    "boxed.mkv")

    def test_bars_stay_and_the_picture_is_as_without(self):
        source = self.luma("boxed.mkv", WIDTH, HEIGHT)
        plain = self.views("plain.mkv", INNER)
        boxed = self.views("boxed.mkv", HEIGHT)
        self.assertEqual(len(boxed), 6)
        for rows, without, views in zip(source, plain, boxed):
            self.assertNotEqual(views[0], views[1])
            for eye in 0, 1:
                self.assertEqual(views[eye][:TOP], rows[:TOP])
                self.assertEqual(views[eye][-TOP:], rows[-TOP:])
                # What steadies depth over time looks at the picture as a whole: not to the bit.
                self.assertLess(difference(views[eye][TOP:-TOP], without[eye]), 0.5)
                self.assertGreater(difference(views[eye][TOP:-TOP], rows[TOP:-TOP]), 5)

    def test_off_takes_them_for_picture(self):
        with_bars = self.views("boxed.mkv", HEIGHT)
        without = self.views("boxed.mkv", HEIGHT, "--bars", "off")
        self.assertNotEqual(with_bars, without)

    def test_depth_has_black_bars_and_the_whole_range(self):
        self.relief("boxed.mkv", "-f", "depth", "--encoder", "h264", "--crf", "0", "-o", "d.mp4")
        for rows in self.luma("d.mp4", WIDTH, HEIGHT):
            self.assertEqual(set(b"".join(rows[:TOP] + rows[-TOP:])), {16})
            inside = b"".join(rows[TOP:-TOP])
            self.assertLess(min(inside), 20)
            self.assertGreater(max(inside), 230)

    def test_maps_that_were_stored_give_the_same_again(self):
        first = self.views("boxed.mkv", HEIGHT, "--depth-out", "maps.mkv")
        again = self.views("boxed.mkv", HEIGHT, "--depth-in", "maps.mkv")
        self.assertEqual(len(first), len(again))
        for a, b in zip(first, again):  # but for the rounding to 16 bits
            for eye in 0, 1:
                self.assertLess(difference(a[eye], b[eye]), 0.1)

    def test_maps_keep_their_size_in_a_video(self):
        # Where bars come or go the map has another number of cells; a video has one size.
        self.ffmpeg("-f", "lavfi", "-i", f"testsrc2=s={WIDTH}x{HEIGHT}:r=25", "-frames:v", "8",
                    "-c:v", "ffv1", "-pix_fmt", "yuv420p", "whole.mkv")
        for films in ("whole.mkv", "boxed.mkv"), ("boxed.mkv", "whole.mkv"):
            self.ffmpeg("-i", films[0], "-i", films[1], "-filter_complex", "concat=n=2", "-c:v",
                        "ffv1", "both.mkv")
            first = self.views("both.mkv", HEIGHT, "--depth-out", "maps.mkv")
            again = self.views("both.mkv", HEIGHT, "--depth-in", "maps.mkv")
            self.assertEqual(len(again), len(self.frame_times("both.mkv")))
            self.assertEqual(len(again), len(self.frame_times("maps.mkv")))
            for i, (a, b) in enumerate(zip(first, again, strict=True)):
                for eye in 0, 1:
                    self.assertLess(difference(a[eye], b[eye]), 0.1, (films, i))

    def test_a_dark_picture_is_no_bar(self):
        # A bright stripe over half of the width, black above and below.
        self.ffmpeg("-f", "lavfi", "-i", f"color=black:s={WIDTH}x{HEIGHT}:r=25,"
                    f"drawbox=60:40:{WIDTH // 2}:90:white:t=fill", "-frames:v", "4", "-c:v", "ffv1",
                    "-pix_fmt", "yuv420p", "dark.mkv")
        done = self.relief("dark.mkv", "-v", "-o", "dark_3d.mkv")
        self.assertNotIn("bars:", done.stderr)
        done = self.relief("boxed.mkv", "-v", "-o", "boxed_3d.mkv")
        self.assertIn(f"bars: from frame 0 on the picture is {WIDTH}x{INNER} at 0,{TOP}",
                      done.stderr)


if __name__ == "__main__":
    command.main()
