#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether relief finds the cuts of an edited film, on their very frames.

    bench/cuts.py [--relief build/src/cli/relief] [--pieces 60] [--seed 5] CLIP...
    bench/cuts.py [--relief build/src/cli/relief] --list bench/cuts.tsv CLIP...

Puts pieces of the clips in a row, with hard cuts and dissolves over eight frames, and in some of
them a single bright frame, a fast pan (a twelfth of the width a frame) or a strobe, and compares
what relief takes for the first frame of a shot with what was cut. The clips have to be without cuts
themselves. With --list each clip is taken as it is, and compared with the cuts that were marked in
it by eye. Needs numpy and ffmpeg; no network runs.
"""
import argparse
import csv
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


def panned(piece):
    wide = [np.concatenate([frame, frame[:, ::-1]], 1) for frame in piece]
    return [np.roll(frame, -i * (WIDTH // 12), 1)[:, :WIDTH] for i, frame in enumerate(wide)]


def strobed(piece):
    return [frame * .15 if i // 2 % 2 else frame for i, frame in enumerate(piece)]


def edit(clips, pieces):
    """The film, and the frames that begin a shot by a hard cut."""
    film, cuts, last = [], set(), None
    for number in range(pieces):
        last = random.choice([i for i in range(len(clips)) if i != last])
        length = random.randint(10, 32)
        begin = random.randint(0, max(0, len(clips[last]) - length - DISSOLVE))
        piece = list(clips[last][begin:begin + length + DISSOLVE].astype(np.float32))
        effect = random.random()
        piece = panned(piece) if effect < .1 else strobed(piece) if effect < .2 else piece
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


def found_in(relief, clip):
    """The frames that relief says begin a shot, the first one aside."""
    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.run([relief, clip, '--device', 'dummy', '-f', 'depth', '--log', 'trace',
                               '--progress', 'none', '-o', pathlib.Path(folder) / 'depth.mkv'],
                              stderr=subprocess.PIPE, text=True, check=True).stderr
    return {int(n) for n in re.findall(r'frame (\d+) begins a shot', said)} - {0}


def found_in_film(relief, film):
    with tempfile.TemporaryDirectory() as folder:
        clip = pathlib.Path(folder) / 'edited.mkv'
        subprocess.run(['ffmpeg', '-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'gray', '-s',
                        f'{WIDTH}x{HEIGHT}', '-r', '25', '-i', '-', '-c:v', 'ffv1', '-pix_fmt',
                        'yuv420p', clip], input=film.tobytes(), check=True)
        return found_in(relief, clip)


def marked(path):
    """What was marked by eye: for each clip's name without ending, the frames that begin a shot."""
    with open(path, newline='') as file:
        rows = csv.DictReader(file, delimiter='\t')
        return {row['clip']: {int(n) for n in row['cuts'].split()} for row in rows}


def compare(what, cuts, found):
    hits = len(found & cuts)
    shares = [hits / len(all_) if all_ else 1 for all_ in (found, cuts)]
    print(f'{what}: {len(cuts)} cuts, found {len(found)}: '
          f'precision {shares[0]:.3f}, recall {shares[1]:.3f}; '
          f'missed {sorted(cuts - found)}, not cuts {sorted(found - cuts)}', flush=True)


def compare_list(args):
    all_cuts, all_found, known = set(), set(), marked(args.list)
    for clip in args.clips:
        name = pathlib.Path(clip).stem
        cuts, found = known[name], found_in(args.relief, clip)
        compare(name, cuts, found)
        all_cuts |= {(name, n) for n in cuts}
        all_found |= {(name, n) for n in found}
    compare('all', all_cuts, all_found)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--relief', default='build/src/cli/relief')
    parser.add_argument('--pieces', type=int, default=60)
    parser.add_argument('--seed', type=int, default=5)
    parser.add_argument('--list', type=pathlib.Path)
    parser.add_argument('clips', nargs='+')
    args = parser.parse_args()
    if args.list:
        compare_list(args)
        return 0
    random.seed(args.seed)
    film, cuts = edit([read(clip) for clip in args.clips], args.pieces)
    compare(f'{len(film)} frames', cuts, found_in_film(args.relief, film))
    return 0


if __name__ == '__main__':
    sys.exit(main())
