# SPDX-License-Identifier: MIT
"""Training pictures: rendered folders and the real ones that may be trained on, as random samples.

A picture is NAME.jpg (sRGB) and NAME.png (16 bit, inverse depth, 65535 = nearest). In rendered ones
0 is infinitely far, in real ones (RELIEF_DEPTH) it means that nothing is known there.
"""
import csv
import math
import os

import cv2
import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

import faults

DEPTH = os.environ.get("RELIEF_DEPTH", "")
cv2.setNumThreads(1)                            # the loader's processes are the parallelism
RELIST = 400                                    # samples after which the folders are listed again


def held_out(name):
    """Pictures of every 25th seed (KIND_SEED_VIEW) are for validation, never for training."""
    return int(name.split("_")[-2]) % 25 == 0


def rendered_pairs(folders, validation=False):
    """{kind: [(jpg, png), ...]} of the finished pictures in the folders."""
    kinds = {}
    for folder in folders:
        names = set(os.listdir(folder))
        for name in sorted(n[:-4] for n in names if n.endswith(".png")):
            if name + ".jpg" in names and held_out(name) == validation:
                base = os.path.join(folder, name)
                kinds.setdefault(name.split("_")[0], []).append((base + ".jpg", base + ".png"))
    return kinds


def real_pairs(folder):
    """{source: [(jpg, png), ...]} of the pictures whose manifest line says train_ok."""
    sources = {}
    with open(os.path.join(folder, "MANIFEST.tsv"), newline="") as f:
        for row in csv.DictReader(f, delimiter="\t"):
            if row["train_ok"] == "yes":
                pair = (os.path.join(folder, row["file"]), os.path.join(folder, row["depth"]))
                sources.setdefault(row["source"], []).append(pair)
    return sources


def read_pair(jpg, png, zero_is_far):
    """sRGB float [H, W, 3] in 0..1, inverse depth float [H, W] in 0..1, mask bool [H, W]."""
    picture = cv2.imread(jpg, cv2.IMREAD_COLOR)
    depth = cv2.imread(png, cv2.IMREAD_UNCHANGED)
    if picture is None or depth is None or picture.shape[:2] != depth.shape[:2]:
        raise OSError("unreadable pair " + jpg)
    mask = np.ones(depth.shape, bool) if zero_is_far else depth > 0
    return picture[..., ::-1].astype(np.float32) / 255, depth.astype(np.float32) / 65535, mask


def random_crop(picture, inverse, mask, size, rng):
    """Random window, resized to size = (w, h), perhaps mirrored and sometimes turned.

    Depth is taken at the nearest pixel: a mean across an edge would be a depth that is nowhere.
    """
    h, w = inverse.shape
    aspect = size[0] / size[1] * math.exp(rng.uniform(-0.25, 0.25))
    share = rng.uniform(0.45, 1.0)
    angle = rng.normal(0, 12) if rng.random() < 0.25 else 0.0
    ch = min(h, w / aspect) * share
    cw = ch * aspect
    c, s = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    fit = min(1.0, w / (cw * c + ch * s), h / (cw * s + ch * c))    # the turned window stays inside
    cw, ch = cw * fit, ch * fit
    bw, bh = cw * c + ch * s, cw * s + ch * c
    cx = bw / 2 + rng.uniform(0, max(0.0, w - bw))
    cy = bh / 2 + rng.uniform(0, max(0.0, h - bh))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    kx, ky = cw / size[0], ch / size[1]
    t = math.radians(angle)
    matrix = np.array([[math.cos(t) * kx * flip, -math.sin(t) * ky, 0],
                       [math.sin(t) * kx * flip, math.cos(t) * ky, 0]], np.float32)
    middle = matrix[:, :2] @ [(size[0] - 1) / 2, (size[1] - 1) / 2]
    matrix[:, 2] = (cx - 0.5 - middle[0], cy - 0.5 - middle[1])
    if kx > 1.2:                               # shrinking: blur first, as an area filter would
        picture = cv2.GaussianBlur(picture, (0, 0), 0.35 * kx)
    warp = lambda image, how: cv2.warpAffine(image, matrix, size, flags=how | cv2.WARP_INVERSE_MAP,
                                             borderMode=cv2.BORDER_REPLICATE)
    return (warp(picture, cv2.INTER_LINEAR), warp(inverse, cv2.INTER_NEAREST),
            warp(mask.astype(np.uint8), cv2.INTER_NEAREST) > 0)


def sample(picture, inverse, mask, size, rng):
    """One training sample: rgb [3, h, w], inverse depth [h, w], mask [h, w]."""
    picture, inverse, mask = random_crop(picture, inverse, mask, size, rng)
    picture, inverse = faults.degrade(picture, inverse, int(rng.integers(1 << 31)))
    return (torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))),
            torch.from_numpy(inverse), torch.from_numpy(mask))


def worker_rng(seed):
    info = get_worker_info()
    return np.random.default_rng([seed, info.id if info else 0])


class StoredStream(IterableDataset):
    """Endless samples: a scene kind or real source by the root of its size, then a picture of it.

    The folders are listed again now and then, so pictures rendered meanwhile join in.
    """

    def __init__(self, folders, size, real_share, seed):
        self.folders, self.size, self.real_share, self.seed = folders, size, real_share, seed

    def __iter__(self):
        rng = worker_rng(self.seed)
        real = list(real_pairs(DEPTH).values()) if self.real_share else []
        for count in range(1 << 60):
            if count % RELIST == 0:
                kinds = list(rendered_pairs(self.folders).values())
            use_real = real and rng.random() < self.real_share
            groups = real if use_real else kinds
            weights = np.sqrt([len(g) for g in groups])
            group = groups[rng.choice(len(groups), p=weights / weights.sum())]
            try:
                data = read_pair(*group[rng.integers(len(group))], zero_is_far=not use_real)
            except OSError:                    # just being written
                continue
            yield sample(*data, self.size, rng)


class RenderStream(IterableDataset):
    """Endless samples rendered in the worker itself through EGL; several crops per picture."""

    def __init__(self, size, real_share, seed, render_size=(512, 288), crops=2):
        self.size, self.real_share, self.seed = size, real_share, seed
        self.render_size, self.crops = render_size, crops

    def __iter__(self):
        from render_set import pictures        # in the worker: the GL context must live there
        rng = worker_rng(self.seed)
        real = [p for v in real_pairs(DEPTH).values() for p in v] if self.real_share else []
        seed = int(rng.integers(1 << 40))
        while True:
            for _, picture, inverse in pictures(seed, self.render_size):
                known = np.ones(inverse.shape, bool)
                for _ in range(self.crops):
                    yield sample(picture, inverse, known, self.size, rng)
                if rng.random() < self.real_share:
                    data = read_pair(*real[rng.integers(len(real))], zero_is_far=False)
                    yield sample(*data, self.size, rng)
            seed += 1
