# SPDX-License-Identifier: MIT
"""test_convert.py CONVERT DRAW_CLIP: the example converts a film, and says why it cannot."""

import pathlib
import subprocess
import sys
import tempfile

convert, draw_clip = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=60)


with tempfile.TemporaryDirectory() as folder:
    film, output = folder + "/film.mkv", folder + "/film_3d.mkv"
    assert run(draw_clip, "8", film).returncode == 0

    done = run(convert, film, output, "format=sbs2l", "encoder=ffv1", "device=dummy")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert pathlib.Path(output).stat().st_size > 1000

    refused = run(convert, film, output, "device=dummy")
    assert refused.returncode == 4 and "exists already" in refused.stderr, refused.stderr
    refused = run(convert, film, output, "divergence=99")
    assert refused.returncode == 2 and "divergence" in refused.stderr, refused.stderr
    assert run(convert).returncode == 2
