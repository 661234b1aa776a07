# SPDX-License-Identifier: MIT
"""Depth that is steadied over time, and shots that are found: as they are at any thread count."""

import re

import command

BEGINS = re.compile(r"frame (\d+) begins a shot")


class Steady(command.Case):
    def test_threads_change_neither_depth_nor_cuts(self):
        size = "192x108"
        self.ffmpeg("-f", "lavfi", "-i", f"testsrc2=s={size}:r=25", "-f", "lavfi", "-i",
                    f"mandelbrot=s={size}:r=25", "-filter_complex",
                    "[0]trim=end_frame=16[a];[1]trim=end_frame=16[b];[a][b]concat", "-c:v", "ffv1",
                    "-pix_fmt", "yuv420p", "film.mkv")
        for every in "1", "auto":
            found = {}
            for threads in "1", "2", "4":
                done = self.relief("film.mkv", "-y", "--depth-out", "maps.mkv",
                                   "--depth-every", every, "--threads", threads,
                                   "--log", "trace", "--progress", "none", "-o", "out.mkv")
                maps = self.ffmpeg("-i", "maps.mkv", "-f", "rawvideo", "-pix_fmt", "gray16le", "-")
                found[threads] = maps, BEGINS.findall(done.stderr)
            maps, cuts = found["1"]
            self.assertEqual(cuts, ["0", "16"])
            self.assertGreater(len(set(maps[-192 * 108:])), 50)
            self.assertEqual(found["2"], found["1"])
            self.assertEqual(found["4"], found["1"])


if __name__ == "__main__":
    command.main()
