#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether relief finds the cuts of an edited film, on their very frames.

    bench/cuts.py [--relief build/src/cli/relief] [--pieces 60] [--seed 5] CLIP...

Puts pieces of the clips in a row, with hard cuts, dissolves over eight frames, and single bright
frames within pieces, and compares what relief takes for the first frame of a shot with what was
cut. The clips have to be without cuts themselves. Needs numpy and ffmpeg; no network runs.
"""
import argparse
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import numpy as np

WIDTH, HEIGHT, DISSOLVE = 480, 270, 8


def read(clip):
    command = ['ffmpeg', '-v', 'error', '-i', clip, '-map', '0:v:0', '-frames:v', '150',
               '-fps_mode', 'passthrough', '-vf', f'scale={WIDTH}:{HEIGHT}', '-f', 'rawvideo',
               '-pix_fmt', 'gray', '-']
    raw = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH)


def edit(clips, pieces):
    """The film, and the frames that begin a shot by a hard cut."""
    film, cuts, last = [], set(), None
    for number in range(pieces):
        last = random.choice([i for i in range(len(clips)) if i != last])
        length = random.randint(10, 32)
        begin = random.randint(0, max(0, len(clips[last]) - length - DISSOLVE))
        piece = list(clips[last][begin:begin + length + DISSOLVE].astype(np.float32))
        dissolved = number and random.random() < .2
        if dissolved:
            for i in range(DISSOLVE):
                share = (i + 1) / (DISSOLVE + 1)
                film[i - DISSOLVE] = film[i - DISSOLVE] * (1 - share) + piece[i] * share
            piece = piece[DISSOLVE:]
        elif number:
            cuts.add(len(film))
        film += piece[:length]
        if not dissolved and random.random() < .25:
            film[-6] = film[-6] * .2 + 200
    return np.clip(np.stack(film), 0, 255).astype(np.uint8), cuts


def found_by(relief, film):
    with tempfile.TemporaryDirectory() as folder:
        clip = pathlib.Path(folder) / 'edited.mkv'
        subprocess.run(['ffmpeg', '-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'gray', '-s',
                        f'{WIDTH}x{HEIGHT}', '-r', '25', '-i', '-', '-c:v', 'ffv1', '-pix_fmt',
                        'yuv420p', clip], input=film.tobytes(), check=True)
        said = subprocess.run([relief, clip, '--device', 'dummy', '-f', 'depth', '--log', 'trace',
                               '--progress', 'none', '-o', clip.with_name('depth.mkv')],
                              stderr=subprocess.PIPE, text=True, check=True).stderr
    return {int(n) for n in re.findall(r'frame (\d+) begins a shot', said)} - {0}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--relief', default='build/src/cli/relief')
    parser.add_argument('--pieces', type=int, default=60)
    parser.add_argument('--seed', type=int, default=5)
    parser.add_argument('clips', nargs='+')
    args = parser.parse_args()
    random.seed(args.seed)
    film, cuts = edit([read(clip) for clip in args.clips], args.pieces)
    found = found_by(args.relief, film)
    hits = len(found & cuts)
    print(f'{len(film)} frames, {len(cuts)} cuts; found {len(found)}: '
          f'precision {hits / max(len(found), 1):.3f}, recall {hits / max(len(cuts), 1):.3f}; '
          f'missed {sorted(cuts - found)}, not cuts {sorted(found - cuts)}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
