# SPDX-License-Identifier: MIT
"""Render pictures with depth: NAME.jpg (sRGB) and NAME.png (16 bit, inverse depth, 65535 = nearest,
0 = infinitely far). NAME is KIND_SEED_VIEW. Pictures that exist already are not rendered again.
"""
import argparse
import multiprocessing
import os
import sys
import time

for threads in ("LP_NUM_THREADS", "OMP_NUM_THREADS"):    # processes are the parallelism
    os.environ.setdefault(threads, "1")

import cv2
import numpy as np

import faults

VIEWS = 3
_tools = {}


def tools(size):
    """This process's library and renderer."""
    if size not in _tools:
        from assets import Library
        from raster import Renderer
        cv2.setNumThreads(1)
        _tools[size] = Library(), Renderer(size)
    return _tools[size]


def relative_inverse(z):
    """z [H, W] in metres -> inverse depth in 0..1, or None when it is all but flat."""
    inverse = np.where(np.isfinite(z), 1 / np.maximum(z, 1e-3), 0).astype(np.float32)
    top = float(np.quantile(inverse, 0.999))
    if top <= 0:
        return None
    inverse = np.minimum(inverse / top, 1)
    return inverse if inverse.std() > 0.012 else None


def spoilt(z, kind):
    """The camera stands in a tree or before a wall, or looks out of a room that lacks a wall."""
    from scenes import NEAR
    near = np.quantile(np.minimum(z, 1e6), 0.35) < (0.15 if kind in NEAR else 0.4)
    return near or (kind == "interior" and np.isinf(z).mean() > 0.1)


def pictures(seed, size, kind=None, views=VIEWS):
    """Yield (name, sRGB float [H, W, 3], inverse depth [H, W]) of the views of one scene."""
    from scenes import compose
    library, renderer = tools(size)
    scene = compose(library, seed, kind, views)
    for view, camera in enumerate(scene.cameras):
        linear, z = renderer.render(scene, camera)
        inverse = relative_inverse(z)
        if inverse is not None and not spoilt(z, scene.kind):
            yield (f"{scene.kind}_{seed}_{view}",
                   faults.develop(linear, seed * views + view, dark=scene.sky_gain < 0.3), inverse)


def work(job):
    """Render one seed into a folder. Returns how many pictures were written."""
    seed, size, kind, out = job
    count = 0
    try:
        for name, picture, inverse in pictures(seed, size, kind):
            base = os.path.join(out, name)
            cv2.imwrite(base + ".jpg", (picture[..., ::-1] * 255 + 0.5).astype(np.uint8),
                        [cv2.IMWRITE_JPEG_QUALITY, 93])
            cv2.imwrite(base + ".png", (inverse * 65535 + 0.5).astype(np.uint16),
                        [cv2.IMWRITE_PNG_COMPRESSION, 1])
            count += 1
    except Exception as error:                 # one bad scene must not end a long run
        print(f"seed {seed}: {error!r}", file=sys.stderr, flush=True)
    return count


def main():
    from scenes import KINDS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--count", type=int, default=300, help="pictures wanted (about)")
    parser.add_argument("--size", default="384x224")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument("--kind", nargs="*", choices=list(KINDS), default=list(KINDS),
                        help="only these")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    size = tuple(int(v) for v in args.size.split("x"))
    done = {name.rsplit("_", 1)[0] for name in os.listdir(args.out) if name.endswith(".png")}
    kind = lambda seed: args.kind[seed % len(args.kind)]
    seeds = range(args.seed, args.seed + args.count // VIEWS)
    seeds = [s for s in seeds if f"{kind(s)}_{s}" not in done]
    jobs = [(seed, size, kind(seed), args.out) for seed in seeds]
    start, total = time.time(), 0
    with multiprocessing.get_context("spawn").Pool(args.processes, maxtasksperchild=200) as pool:
        for number, count in enumerate(pool.imap_unordered(work, jobs), 1):
            total += count
            if number % 50 == 0 or number == len(jobs):
                rate = (time.time() - start) / max(1, total)
                print(f"{number}/{len(jobs)} scenes, {total} pictures, {rate:.2f} s each",
                      flush=True)


if __name__ == "__main__":
    main()
