# SPDX-License-Identifier: MIT
"""Rendered pictures in the memory of the training device, while others are being rendered.

Renderer processes write chunks of pictures into a folder (best one in memory); a thread of the
trainer moves them into the pool and ends the renderers when it is full or their time is over, because
a card that renders trains at a quarter of its speed. Windows and faults are drawn anew for each sample, so that the
network sees each picture some twenty times and never the same.
"""
import multiprocessing
import os
import sys
import threading
import time

import cv2
import numpy as np
import torch

import data
from batch_faults import Faults, cut

SIZE = 512, 288             # of the pictures in the pool
CHUNK = 16                  # pictures in a file
WAITING = 64                # files in the folder from which renderers rest
VIEWS = 5                   # of each scene
OUTLINED = 0.06             # share of pictures that become drawn film


def render_for_ever(folder, number, size, seed):
    """The work of one renderer process: chunk files NUMBER_COUNT.npz of rgb and inverse."""
    os.nice(10)                                # the trainer goes first
    from render_set import pictures            # here: the GL context must live in this process
    import faults
    rng, kept, count = np.random.default_rng([seed, number]), [], 0
    while True:
        scene = int(rng.integers(1 << 31))
        if scene % 25 == 0:                    # data.held_out()
            continue
        try:
            for _, picture, inverse in pictures(scene, size, views=VIEWS):
                if rng.random() < OUTLINED:
                    picture = faults.cartoon(picture, inverse, rng)
                kept.append(((picture * 255 + 0.5).astype(np.uint8), inverse.astype(np.float16)))
        except Exception as error:             # one bad scene must not end a long run
            print(f"seed {scene}: {error!r}", file=sys.stderr, flush=True)
        while len(kept) >= CHUNK:
            rgb, inverse = (np.stack(v) for v in zip(*kept[:CHUNK]))
            path, kept = os.path.join(folder, f"{number}_{count}.npz"), kept[CHUNK:]
            np.savez(path + ".part.npz", rgb=rgb, inverse=inverse)
            os.replace(path + ".part.npz", path)
            count += 1
        while len(os.listdir(folder)) > WAITING:
            time.sleep(0.2)


def start_renderers(folder, processes, seed):
    """Processes that end with this one, or when Pool.fill() has enough."""
    os.makedirs(folder, exist_ok=True)
    spawn = multiprocessing.get_context("spawn")
    renderers = [spawn.Process(target=render_for_ever, args=(folder, number, SIZE, seed),
                               daemon=True) for number in range(processes)]
    for process in renderers:
        process.start()
    return renderers


class Pool:
    """Real pictures first, then the rendered ones, `capacity` at the most; all on `device`."""

    def __init__(self, folder, capacity, device, real=True, seed=0):
        self.folder, self.device = folder, device
        sources = list(data.real_pairs(data.DEPTH).values()) if real else []
        self.real = sum(len(s) for s in sources)
        share = np.concatenate([np.full(len(s), len(s) ** -0.5) for s in sources] or [[]])
        self.real_share = share / max(1e-9, share.sum())    # every source by the root of its size
        total, (w, h) = self.real + capacity, SIZE
        self.rgb = torch.zeros(total, h, w, 3, dtype=torch.uint8, device=device)
        self.inverse = torch.zeros(total, h, w, dtype=torch.float16, device=device)
        self.aspect = np.full(total, w / h)
        self.rng, self.faults = np.random.default_rng(seed), Faults(device, seed)
        self.capacity, self.rendered, self.enough = capacity, 0, False
        for place, pair in enumerate(p for s in sources for p in s):
            self._put_real(place, *pair)

    def _put_real(self, place, jpg, png):
        """Squeezed into the pool's shape; cut() stretches it back."""
        picture, inverse, mask = data.read_pair(jpg, png, zero_is_far=False)
        self.aspect[place] = picture.shape[1] / picture.shape[0]
        small = (cv2.resize(picture, SIZE, interpolation=cv2.INTER_AREA) * 255 + 0.5)
        self.rgb[place] = torch.from_numpy(small.astype(np.uint8)).to(self.device)
        inverse = cv2.resize(np.where(mask, inverse, -1), SIZE, interpolation=cv2.INTER_NEAREST)
        self.inverse[place] = torch.from_numpy(inverse).to(self.device)

    def fill(self, renderers, least, seconds=0):
        """Start the thread that takes what they make; wait for the first `least` pictures.

        With `seconds` the renderers have just so long from the first picture on, and training
        starts when they have ended.
        """
        thread = threading.Thread(target=self._take_until_full, args=(renderers,), daemon=True)
        thread.start()
        while self.rendered < min(least, self.capacity):
            time.sleep(0.1)
        if seconds:
            thread.join(seconds)
            self.enough = True
            thread.join()

    def _take_until_full(self, renderers):
        while self.rendered < self.capacity and not self.enough:
            names = [n for n in os.listdir(self.folder) if n.endswith(".npz") and ".part" not in n]
            for name in names:
                self._take(os.path.join(self.folder, name))
            time.sleep(0.05)
        for process in renderers:
            process.terminate()

    def _take(self, path):
        with np.load(path) as chunk:
            rgb, inverse = torch.from_numpy(chunk["rgb"]), torch.from_numpy(chunk["inverse"])
        start = self.real + self.rendered
        many = min(len(rgb), self.capacity - self.rendered)
        self.rgb[start:start + many] = rgb[:many].to(self.device)
        self.inverse[start:start + many] = inverse[:many].to(self.device)
        self.rendered += many
        os.remove(path)

    def batches(self, size, batch, real_share):
        """Endless (rgb, inverse, mask, exact) on the device; each batch has one of data.SHAPES."""
        while True:
            now = data.shape_of(size, self.rng.choice(data.SHAPES[0], p=data.SHAPES[1]))
            index = self.real + self.rng.integers(self.rendered, size=batch)
            if self.real:
                use = self.rng.random(batch) < real_share
                index[use] = self.rng.choice(self.real, use.sum(), p=self.real_share)
            where = torch.from_numpy(index).to(self.device)
            rgb, inverse = cut(self.rgb[where], self.inverse[where], self.aspect[index], now,
                               self.rng)
            rgb, inverse = self.faults.degrade(rgb, inverse, self.rng)
            yield rgb, inverse.clamp(min=0), inverse >= 0, rgb.new_ones(batch)
