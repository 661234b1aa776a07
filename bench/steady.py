#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How still depth is over time, and what that costs in accuracy.

    bench/steady.py [--tool build/tests/unit/steady/bench_steady] [--work FOLDER]
                    [--every N] [--bf16] [--levels off,normal] [--strips] CLIP...
    bench/steady.py --truth FOLDER_OF_SEQUENCES ...
    bench/steady.py --drawn

Needs numpy and opencv-python-headless from PyPI, and ffmpeg.

Flicker is the mean of |D(t) - D(t-1) carried along optical flow|, over pixels where the flow there
and back agrees, divided by the standard deviation of D; pairs across a cut are left out. The flow
is OpenCV's DIS at the maps' size, not relief's own motion. 'aligned' is 'off' after each frame has
been brought to the one before by the best scale and shift (least squares on the same pixels).
Where a camera drives, depth along the flow changes in truth: every point of the road comes nearer.
'jitter' is blind to what changes evenly: the mean of |D(t) - 2 D(t-1) + D(t-2)| along the flow,
divided by the square root of 3 (which makes it that of flicker where each frame errs by itself) and
by the same deviation. Pictures without contrast (deviation of luma below 2) count for neither:
nobody sees whether black moves.

Accuracy compares with measured or rendered depth: AbsRel after the best scale and shift in inverse
depth for each frame, and for the whole sequence at once; WHDR is the share of random pairs of
pixels, whose true depths differ by more than 5 %, that the map orders wrongly.

--drawn draws a walk through a room with exact depth and poses (drawn_room.py) and prints the
temporal alignment error of Chen et al., "Video Depth Anything" (2025): maps become depth by one
scale and shift in inverse depth for the whole film; each frame's depth is carried by the true poses
to the next one and back, point by point, the nearest winning; TAE is the mean of
|carried / own - 1| over what is hit, both ways, in per cent.

--strips writes pictures: one row of every frame's depth, frame under frame; flicker shows as bars.
"""
import argparse
import csv
import pathlib
import subprocess
import sys

import cv2
import drawn_room
import numpy as np


def read_frames(folder):
    lines = (folder / 'frames.txt').read_text().split('\n')
    width, height = map(int, lines[0].split())
    marks = np.array([list(map(int, line.split())) for line in lines[1:] if line])
    return width, height, marks[:, 0].astype(bool), marks[:, 1].astype(bool)


def read_maps(folder, level, width, height):
    data = np.fromfile(folder / f'{level}.d16', np.uint16)
    return data.reshape(-1, height, width).astype(np.float32) / 65535


def read_pictures(clip, width, height):
    command = ['ffmpeg', '-v', 'error', '-i', clip, '-map', '0:v:0', '-fps_mode', 'passthrough',
               '-vf', f'scale={width}:{height}:flags=area', '-f', 'rawvideo', '-pix_fmt', 'gray',
               '-']
    raw = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width)


def grid(height, width):
    return np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))


def carried(picture, flow):
    x, y = grid(*picture.shape[:2])
    return cv2.remap(picture, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR,
                     borderMode=cv2.BORDER_CONSTANT, borderValue=np.nan)


def flows(clip, folder, width, height):
    """From each frame to the one before, and where it holds; kept in the folder."""
    store = folder / 'flow.npz'
    if store.exists():
        kept = np.load(store)
        return kept['flow'].astype(np.float32), kept['good']
    pictures = read_pictures(clip, width, height)
    dis = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    dis.setFinestScale(0)
    flow, good = [], []
    black = pictures.std((1, 2)) < 2
    for a, b in zip(pictures[1:], pictures[:-1]):
        there, back = dis.calc(a, b, None), dis.calc(b, a, None)
        again = there + carried(back, there)
        error = (again ** 2).sum(2)
        size = (there ** 2).sum(2)
        ok = error < .25 + .01 * size
        ok &= np.abs(carried(b.astype(np.float32), there) - a) < 20
        flow.append(there.astype(np.float16))
        good.append(ok & ~black[len(good)] & ~black[len(good) + 1])
    flow, good = np.array(flow), np.array(good)
    np.savez(store, flow=flow, good=good)
    return flow.astype(np.float32), good


def flicker(maps, flow, good, cuts, align=False):
    total, pixels, spread = 0., 0, []
    for t in range(1, len(maps)):
        if cuts[t] or t > len(flow):
            continue
        before, now, ok = carried(maps[t - 1], flow[t - 1]), maps[t], good[t - 1]
        ok = ok & np.isfinite(before)
        if ok.sum() < 100:
            continue
        a, b = now[ok], before[ok]
        if align:
            scale, shift = np.polyfit(a.astype(np.float64), b.astype(np.float64), 1)
            a = scale * a + shift
        total += np.abs(a - b).sum(dtype=np.float64)
        pixels += len(a)
        spread.append(maps[t].std())
    return total / max(pixels, 1) / max(float(np.mean(spread)), 1e-9) if spread else float('nan')


def jitter(maps, flow, good, cuts):
    total, pixels, spread, before = 0., 0, [], None
    for t in range(1, min(len(maps), len(flow) + 1)):
        step = maps[t] - carried(maps[t - 1], flow[t - 1])
        step[~good[t - 1]] = np.nan
        if cuts[t]:
            before = None
            continue
        if before is not None:
            change = np.abs(step - carried(before, flow[t - 1]))
            known = change[np.isfinite(change)]
            if len(known) >= 100:
                total += known.sum(dtype=np.float64) / np.sqrt(3)
                pixels += len(known)
                spread.append(maps[t].std())
        before = step
    return total / max(pixels, 1) / max(float(np.mean(spread)), 1e-9) if spread else float('nan')


def run_tool(args, clip, folder):
    folder.mkdir(parents=True, exist_ok=True)
    every = {'auto': '0'}.get(args.every, args.every)
    command = [args.tool, clip, folder] + (['--every', every] if every else [])
    command += ['--bf16'] if args.bf16 else []
    return subprocess.run(command + args.levels, check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def strips(folder, level, maps, cuts):
    height = maps.shape[1]
    for share in (.35, .6, .85):
        strip = maps[:, int(height * share)].copy()
        strip[np.flatnonzero(cuts)[1:]] = 1
        rows = np.repeat(strip, max(1, 400 // len(maps)), 0)
        cv2.imwrite(str(folder / f'strip_{level}_{int(share * 100)}.png'), rows * 255)


def measure_clip(args, clip):
    folder = pathlib.Path(args.work) / pathlib.Path(clip).stem
    said = run_tool(args, clip, folder)
    width, height, cuts, skipped = read_frames(folder)
    flow, good = flows(clip, folder, width, height)
    row = {'clip': pathlib.Path(clip).stem, 'frames': len(cuts), 'runs': int((~skipped).sum())}
    for level in args.levels:
        maps = read_maps(folder, level, width, height)
        row[level] = flicker(maps, flow, good, cuts)
        row['jitter ' + level] = jitter(maps, flow, good, cuts)
        if level == 'off':
            row['aligned'] = flicker(maps, flow, good, cuts, True)
        if args.strips:
            strips(folder, level, maps, cuts)
    texts = [f'{k} {v:.4f}' if isinstance(v, float) else f'{k} {v}' for k, v in row.items()]
    if 'off' in row and 'normal' in row:
        texts.append(f"off/normal {row['off'] / row['normal']:.2f}")
        texts.append(f"aligned/normal {row['aligned'] / row['normal']:.2f}")
        texts.append(f"jitter {row['jitter off'] / row['jitter normal']:.2f}")
    print('  '.join(texts), ' |', said, flush=True)
    return row


# ---------------------------------------------------------------------------------------------
# Accuracy


def truths(folder):
    """For each sequence: its name, and true inverse depth of each frame, 0 where unknown."""
    with open(folder / 'MANIFEST.tsv', newline='') as file:
        rows = list(csv.DictReader(file, delimiter='\t'))
    for name in dict.fromkeys(row['sequence'] for row in rows):
        maps = []
        for row in (row for row in rows if row['sequence'] == name):
            v = cv2.imread(str(folder / row['depth']), cv2.IMREAD_UNCHANGED).astype(np.float64)
            near, far = float(row['inv_near']), float(row['inv_far'])
            maps.append(np.where(v > 0, far + (v - 1) / 65534 * (near - far), 0))
        yield name, np.array(maps)


def best_fit(a, b):
    matrix = np.stack([a, np.ones_like(a)], 1)
    return np.linalg.lstsq(matrix, b, rcond=None)[0]


def abs_rel(prediction, truth, least):
    scale, shift = best_fit(prediction, truth)
    inverse = np.maximum(scale * prediction + shift, least)
    return float(np.mean(np.abs(truth / inverse - 1)))


def whdr(prediction, truth, random):
    i, j = random.integers(0, len(truth), (2, 20000))
    ratio = truth[i] / truth[j]
    clear = (ratio > 1.05) | (ratio < 1 / 1.05)
    return float(np.mean((prediction[i] > prediction[j])[clear] != (ratio > 1)[clear]))


def accuracy(maps, truth):
    random = np.random.default_rng(1)
    per_frame, orders, all_p, all_t = [], [], [], []
    for map_, true in zip(maps, truth):
        known = true > 0
        p = cv2.resize(map_, true.shape[::-1], interpolation=cv2.INTER_LINEAR)[known]
        t = true[known]
        per_frame.append(abs_rel(p.astype(np.float64), t, np.percentile(t, 1)))
        orders.append(whdr(p, t, random))
        all_p.append(p[::7])
        all_t.append(t[::7])
    p, t = np.concatenate(all_p).astype(np.float64), np.concatenate(all_t)
    return np.mean(per_frame), abs_rel(p, t, np.percentile(t, 1)), np.mean(orders)


def measure_truth(args, root):
    for name, truth in truths(root):
        clip, folder = str(root / name / '%04d.jpg'), pathlib.Path(args.work) / f'truth-{name}'
        run_tool(args, clip, folder)
        width, height, cuts, skipped = read_frames(folder)
        flow, good = flows(clip, folder, width, height)
        for level in args.levels:
            maps = read_maps(folder, level, width, height)
            frame, whole, order = accuracy(maps, truth)
            still = flicker(maps, flow, good, cuts)
            print(f'{name:9} {level:7} AbsRel {frame:.4f} (one scale {whole:.4f})  '
                  f'WHDR {order:.4f}  flicker {still:.4f}  cuts {cuts.sum()}  '
                  f'runs {int((~skipped).sum())}/{len(skipped)}', flush=True)


def alignment_error(maps, depth, poses):
    inverse = np.array([cv2.resize(1 / z, maps[0].shape[::-1], interpolation=cv2.INTER_AREA)
                        for z in depth])
    scale, shift = best_fit(maps.ravel().astype(np.float64), inverse.ravel())
    z = 1 / np.maximum(scale * maps.astype(np.float64) + shift, inverse.min())
    errors = []
    for k in range(len(z) - 1):
        for a, b in ((k, k + 1), (k + 1, k)):
            found = drawn_room.project(z[a], poses[a], poses[b])
            hit = np.isfinite(found)
            errors.append(np.mean(np.abs(found[hit] / z[b][hit] - 1)))
    return 100 * float(np.mean(errors))


def measure_drawn(args):
    folder = pathlib.Path(args.work) / 'drawn'
    folder.mkdir(parents=True, exist_ok=True)
    depth, poses = drawn_room.walk(folder / 'walk.mkv')
    run_tool(args, folder / 'walk.mkv', folder)
    width, height, cuts, _ = read_frames(folder)
    truth = np.array([cv2.resize(1 / z, (width, height), interpolation=cv2.INTER_AREA)
                      for z in depth])
    print(f'drawn     truth   TAE {alignment_error(truth, depth, poses):.2f} %', flush=True)
    for level in args.levels:
        maps = read_maps(folder, level, width, height)
        frame, whole, order = accuracy(maps, 1 / depth)
        print(f'drawn     {level:7} TAE {alignment_error(maps, depth, poses):.2f} %  '
              f'AbsRel {frame:.4f} (one scale {whole:.4f})  WHDR {order:.4f}  cuts {cuts.sum()}',
              flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--tool', default='build/tests/unit/steady/bench_steady')
    parser.add_argument('--work', default='build/bench-steady')
    parser.add_argument('--every')
    parser.add_argument('--bf16', action='store_true', help='the network, in a new --work folder')
    parser.add_argument('--levels', default='off,normal', type=lambda text: text.split(','))
    parser.add_argument('--strips', action='store_true')
    parser.add_argument('--truth', type=pathlib.Path)
    parser.add_argument('--drawn', action='store_true')
    parser.add_argument('clips', nargs='*')
    args = parser.parse_args()
    if args.truth:
        measure_truth(args, args.truth)
    if args.drawn:
        measure_drawn(args)
    rows = [measure_clip(args, clip) for clip in args.clips]
    done = [row for row in rows if 'off' in row and 'normal' in row]
    if len(done) > 1:
        for name in ('off', 'aligned'):
            ratios = [row[name] / row['normal'] for row in done]
            print(f'{name}/normal: geometric mean {np.exp(np.mean(np.log(ratios))):.2f}, '
                  f'least {min(ratios):.2f}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
