# SPDX-License-Identifier: MIT
"""Training pictures: rendered folders and the real ones that may be trained on, as random samples.

A picture is NAME.jpg (sRGB) and NAME.png (16 bit, inverse depth, 65535 = nearest). In rendered ones
0 is infinitely far, in real ones (RELIEF_DEPTH) it means that nothing is known there.
"""
import csv
import os

import cv2
import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

import faults

DEPTH = os.environ.get("RELIEF_DEPTH", "")
cv2.setNumThreads(1)                            # the loader's processes are the parallelism
REAL, GUESSED = 0, 1                            # where StoredStream takes a sample from; 2: rendered
RELIST = 400                                    # samples after which the folders are listed again
# width / height of training windows, and how often; the shape is one for a whole batch
SHAPES = (16 / 9, 4 / 3, 3 / 4, 9 / 16, 12 / 5, 3.3), (0.45, 0.2, 0.1, 0.07, 0.12, 0.06)


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


def draw_windows(aspects, size, rng):
    """Random windows: theta [N, 2, 3] for affine_grid, how much each shrinks its picture [N].

    aspects [N]: width / height of the pictures. 45 to 100 % of the height or width, a quarter of
    them turned, half mirrored. Shrinking: heights of the picture to one row of the window.
    """
    n, w = len(aspects), np.asarray(aspects, float)
    aspect = size[0] / size[1] * np.exp(rng.uniform(-0.25, 0.25, n))
    angle = np.radians(np.where(rng.random(n) < 0.25, rng.normal(0, 12, n), 0))
    ch = np.minimum(1.0, w / aspect) * rng.uniform(0.45, 1.0, n)
    cw = ch * aspect
    c, s = np.cos(angle), np.sin(angle)
    fit = np.minimum(1.0, np.minimum(w / (cw * abs(c) + ch * abs(s)),
                                     1.0 / (cw * abs(s) + ch * abs(c))))
    cw, ch = cw * fit, ch * fit
    bw, bh = cw * abs(c) + ch * abs(s), cw * abs(s) + ch * abs(c)
    cx = bw / 2 + rng.random(n) * np.maximum(0, w - bw)
    cy = bh / 2 + rng.random(n) * np.maximum(0, 1 - bh)
    flip = np.where(rng.random(n) < 0.5, -1, 1)
    theta = np.array([[c * flip * cw / w, -s * ch / w, 2 * cx / w - 1],
                      [s * flip * cw, c * ch, 2 * cy - 1]])
    return theta.transpose(2, 0, 1), ch / size[1]


def random_crop(picture, inverse, mask, size, rng):
    """Random window, resized to size = (w, h), perhaps mirrored and sometimes turned.

    Depth is taken at the nearest pixel: a mean across an edge would be a depth that is nowhere.
    """
    h, w = inverse.shape
    theta, shrink = draw_windows([w / h], size, rng)
    # theta has -1..1 from border to border on both sides; warpAffine() counts pixel centres
    scale = np.array([w, h]) / 2
    matrix = np.zeros((2, 3), np.float32)
    matrix[:, :2] = scale[:, None] * theta[0][:, :2] * 2 / np.array(size)
    corner = theta[0] @ [1 / size[0] - 1, 1 / size[1] - 1, 1]
    matrix[:, 2] = scale * (corner + 1) - 0.5
    step = float(shrink[0]) * h                # rows of the picture to one of the window
    if step > 1.2:                             # shrinking: blur first, as an area filter would
        picture = cv2.GaussianBlur(picture, (0, 0), 0.35 * step)
    warp = lambda image, how: cv2.warpAffine(image, matrix, size, flags=how | cv2.WARP_INVERSE_MAP,
                                             borderMode=cv2.BORDER_REPLICATE)
    return (warp(picture, cv2.INTER_LINEAR), warp(inverse, cv2.INTER_NEAREST),
            warp(mask.astype(np.uint8), cv2.INTER_NEAREST) > 0)


def shape_of(size, aspect):
    """(w, h) of about the area of `size` with the shape w / h = aspect, multiples of 32."""
    height = (size[0] * size[1] / aspect) ** 0.5
    return tuple(max(64, int(round(v / 32)) * 32) for v in (height * aspect, height))


def sample(picture, inverse, mask, size, rng):
    """One training sample: rgb [3, h, w], inverse depth [h, w], mask [h, w]."""
    picture, inverse, mask = random_crop(picture, inverse, mask, size, rng)
    picture, inverse = faults.degrade(picture, inverse, int(rng.integers(1 << 31)))
    return (torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))),
            torch.from_numpy(inverse), torch.from_numpy(mask))


def worker_rng(seed):
    info = get_worker_info()
    return np.random.default_rng([seed, info.id if info else 0])


def batches(samples, size, batch, rng):
    """Endless batches from samples(size) -> one sample, a tuple of tensors; each batch has a shape of SHAPES."""
    while True:
        now = shape_of(size, rng.choice(SHAPES[0], p=SHAPES[1]))
        parts = [samples(now) for _ in range(batch)]
        yield tuple(torch.stack(column) for column in zip(*parts))


class StoredStream(IterableDataset):
    """Endless batches: a scene kind or real source by the root of its size, then a picture of it.

    `shares` are of real pictures and of those in the folders `guessed`, which a teacher labelled.
    The folders are listed again now and then, so pictures rendered meanwhile join in.
    """

    def __init__(self, folders, guessed, shares, size, seed, batch):
        self.folders, self.guessed, self.shares = folders, guessed, shares
        self.size, self.seed, self.batch = size, seed, batch

    def __iter__(self):
        rng = worker_rng(self.seed)
        real, guess = self.shares
        shares = real, guess, 1 - real - guess
        count, groups = 0, []

        def draw(size):
            nonlocal count, groups
            while True:
                if count % RELIST == 0:
                    groups = [real_pairs(DEPTH) if real else {},
                              rendered_pairs(self.guessed), rendered_pairs(self.folders)]
                count += 1
                which = rng.choice(3, p=shares)
                group = list(groups[which].values())
                weights = np.sqrt([len(g) for g in group])
                pairs = group[rng.choice(len(group), p=weights / weights.sum())]
                try:
                    pair = read_pair(*pairs[rng.integers(len(pairs))], zero_is_far=which != REAL)
                except OSError:                # just being written
                    continue
                return *sample(*pair, size, rng), torch.tensor(float(which != GUESSED))
        yield from batches(draw, self.size, self.batch, rng)
