# SPDX-License-Identifier: MIT
"""Render short moving sequences with exact depth: OUT/KIND_SEED/0000.jpg, 0000.png, ..., film.json.

The camera travels, by hand or on a rail; people, animals and vehicles go where they face. The png
is inverse depth in one scale for the whole sequence: value / 65535 * inv_near is 1 / metres, 0 is
infinitely far. Exposure, white balance and tone are one for the sequence, as in one shot.
"""
import argparse
import dataclasses
import json
import math
import os

for threads in ("LP_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import cv2
import numpy as np

import faults
from render_set import spoilt, tools

SPEEDS = {"people": (0.7, 1.8), "animals": (0.3, 2.5), "vehicles": (3.0, 16.0)}     # m/s


def heading(row):
    """The way a model faces: +z, vehicles along their longer side."""
    return 0 if row["category"] == "vehicles" and row["size"][0] > row["size"][2] else 2


def moved_scene(scene, velocities, seconds):
    """The scene `seconds` later."""
    instances = list(scene.instances)
    for index, velocity in velocities:
        parts, matrix, swatch = instances[index]
        later = matrix.copy()
        later[:3, 3] += velocity * np.float32(seconds)
        instances[index] = parts, later, swatch
    return dataclasses.replace(scene, instances=instances)


def velocities_of(scene, rng):
    """[(instance, velocity [3] in m/s)] of those that move: three in five."""
    chosen = []
    for index, row in scene.movers:
        if row["category"] in SPEEDS and rng.random() < 0.6:
            way = scene.instances[index][1][:3, heading(row)]
            speed = rng.uniform(*SPEEDS[row["category"]])
            chosen.append((index, (way / np.linalg.norm(way) * speed).astype(np.float32)))
    return chosen


def camera_path(first, last, count, rng, by_hand):
    """`count` cameras from `first` towards `last`, with the unrest of a hand."""
    phase, rate = rng.uniform(0, 2 * math.pi, 5), rng.uniform(0.05, 0.25, 5)
    reach = np.linalg.norm(np.subtract(first.target, first.eye))
    for frame in range(count):
        t = frame / max(1, count - 1)
        t = t * t * (3 - 2 * t)                # starts and stops gently
        mix = lambda a, b: np.add(np.multiply(a, 1 - t), np.multiply(b, t))
        unrest = by_hand * np.sin(phase + rate * frame)
        target = mix(first.target, last.target) + np.append(unrest[:2], 0) * reach * 0.02
        eye = mix(first.eye, last.eye) + np.append(unrest[2:4], 0) * reach * 0.004
        yield dataclasses.replace(first, eye=tuple(eye), target=tuple(target),
                                  fov=float(mix(first.fov, last.fov)),
                                  roll=float(first.roll + unrest[4] * 0.7))


def film(seed, size, kind, count, rate):
    """(pictures sRGB [n, H, W, 3], inverse depth in 1/m [n, H, W]) of one shot; None: spoilt."""
    from scenes import compose
    library, renderer = tools(size)
    scene = compose(library, seed, kind, 2)
    rng = np.random.default_rng(seed)
    velocities, by_hand = velocities_of(scene, rng), rng.choice([0.0, 1.0])
    light, inverse = [], []
    for frame, camera in enumerate(camera_path(*scene.cameras, count, rng, by_hand)):
        linear, z = renderer.render(moved_scene(scene, velocities, frame / rate), camera)
        if spoilt(z, scene.kind):
            return None
        light.append(linear)
        inverse.append(np.where(np.isfinite(z), 1 / np.maximum(z, 1e-3), 0).astype(np.float32))
    shot = faults.develop(np.concatenate(light), seed, dark=scene.sky_gain < 0.3)
    return shot.reshape(count, *light[0].shape), np.stack(inverse)


def store(folder, pictures, inverse, notes):
    """Write the frames, then film.json: a folder without it is not finished."""
    os.makedirs(folder, exist_ok=True)
    top = float(np.quantile(inverse, 0.999))
    for index, (picture, depth) in enumerate(zip(pictures, inverse)):
        base = os.path.join(folder, f"{index:04d}")
        cv2.imwrite(base + ".jpg", (picture[..., ::-1] * 255 + 0.5).astype(np.uint8),
                    [cv2.IMWRITE_JPEG_QUALITY, 93])
        cv2.imwrite(base + ".png", (np.minimum(depth / top, 1) * 65535 + 0.5).astype(np.uint16))
    with open(os.path.join(folder, "film.json"), "w", encoding="utf-8") as f:
        json.dump(dict(notes, frames=len(pictures), inv_near=top), f)


def main():
    from scenes import KINDS
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--count", type=int, default=4, help="sequences")
    parser.add_argument("--frames", type=int, default=25)
    parser.add_argument("--rate", type=float, default=25, help="frames a second")
    parser.add_argument("--size", default="384x224")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument("--kind", nargs="*", choices=list(KINDS), default=list(KINDS))
    args = parser.parse_args()
    size = tuple(int(v) for v in args.size.split("x"))
    for seed in range(args.seed, args.seed + args.count):
        kind = args.kind[seed % len(args.kind)]
        folder = os.path.join(args.out, f"{kind}_{seed}")
        if os.path.exists(os.path.join(folder, "film.json")):
            continue
        shot = film(seed, size, kind, args.frames, args.rate)
        if shot:
            store(folder, *shot, dict(kind=kind, seed=seed, rate=args.rate))
        print(folder, "written" if shot else "spoilt: the camera stands in something", flush=True)


if __name__ == "__main__":
    main()
