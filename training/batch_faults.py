# SPDX-License-Identifier: MIT
"""Random windows and the faults of faults.py for whole batches, on the device where they lie.

Pictures are sRGB float32 [N, 3, H, W] in 0..1, inverse depth is float32 [N, H, W], negative where
unknown; H and W are multiples of 32. Parameters are drawn on the CPU by a numpy generator, a few
numbers a picture, so that a card is never waited for. What costs a card nothing, and a processor
too much, is here alone: convolutions with random weights.
"""
import math

import cv2
import numpy as np
import torch
from torch.nn import functional as F

import faults
from data import draw_windows

WEIGHTS = 0.299, 0.587, 0.114           # of red, green and blue in luma
LETTERS = 256                           # burnt-in texts that are drawn beforehand
LETTERS_SIZE = 384, 224
# Quantisation of JPEG's luma and chroma at quality 50 (ITU-T T.81, annex K)
LUMA = """16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87
80 62 18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 98
112 100 103 99"""
CHROMA = """17 18 24 47 99 99 99 99 18 21 26 66 99 99 99 99 24 26 56 99 99 99 99 99 47 66 99 99 99
99 99 99""" + " 99" * 32


def cut(pictures, inverse, aspects, size, rng):
    """Windows of uint8 [N, H, W, 3] and inverse depth [N, H, W]: rgb [N, 3, h, w], inverse.

    Depth is taken at the nearest pixel: a mean across an edge would be a depth that is nowhere.
    """
    theta, shrink = draw_windows(aspects, size, rng)
    place = torch.from_numpy(theta.astype(np.float32)).to(pictures.device, non_blocking=True)
    grid = F.affine_grid(place, (len(theta), 3, size[1], size[0]), align_corners=False)
    rgb = pictures.permute(0, 3, 1, 2).float() / 255
    step = shrink * pictures.shape[1]           # rows of the picture to one of the window
    batch = Batch(rgb, inverse, rng)
    batch.apply(step > 1.2, blur, 0.35 * step)  # shrinking: blur first, as an area filter would
    rgb = F.grid_sample(batch.rgb, grid, padding_mode="border", align_corners=False)
    near = F.grid_sample(inverse[:, None].float(), grid, mode="nearest", padding_mode="border",
                         align_corners=False)
    return rgb, near[:, 0]


def blur(x, sigma, radius=4):
    """Gaussian blur of [N, C, H, W], sigma [N, 1, 1, 1] in pixels."""
    n, c, h, w = x.shape
    steps = torch.arange(-radius, radius + 1, device=x.device, dtype=x.dtype)
    kernel = torch.exp(-steps ** 2 / (2 * sigma.reshape(n, 1) ** 2 + 1e-6))
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(c, 0)
    y = F.pad(x, (radius,) * 4, mode="reflect").reshape(1, n * c, h + 2 * radius, w + 2 * radius)
    y = F.conv2d(y, kernel[:, None, None, :], groups=n * c)
    return F.conv2d(y, kernel[:, None, :, None], groups=n * c).reshape(n, c, h, w)


def to_linear(x):
    return torch.where(x <= 0.04045, x / 12.92, ((x.clamp(min=0) + 0.055) / 1.055) ** 2.4)


def to_srgb(x):
    x = x.clamp(0, 1)
    return torch.where(x <= 0.0031308, x * 12.92, 1.055 * x.clamp(min=1e-5) ** (1 / 2.4) - 0.055)


def grey(x):
    return sum(w * x[:, i:i + 1] for i, w in enumerate(WEIGHTS))


def fog(x, inverse, density, colour):
    clear = torch.exp(-density / inverse[:, None].clamp(min=1e-4))
    return x * clear + colour * (1 - clear)


def defocus(x, inverse, focus, strength):
    """Blur by |inverse - focus| * strength pixels (sigma): a stack of blurs, mixed per pixel."""
    ones = torch.ones_like(focus)
    wanted = ((inverse[:, None].clamp(min=0) - focus).abs() * strength).clamp(0, 4)
    wanted = blur(wanted, ones)
    level = torch.where(wanted < 1, wanted, torch.log2(wanted.clamp(min=1)) + 1)    # 0 1 2 4
    out = x * (1 - level).clamp(0, 1)
    for i, sigma in enumerate((1.0, 2.0, 4.0), 1):
        out = out + (1 - (level - i).abs()).clamp(0, 1) * blur(x, ones * sigma, int(2 * sigma) + 1)
    return out


def vignetting(x, amount):
    v = torch.linspace(-1, 1, x.shape[2], device=x.device)[:, None]
    u = torch.linspace(-1, 1, x.shape[3], device=x.device)[None]
    return x * (1 - amount * ((u * u + v * v) / 2) ** 1.5)


def tones(x, contrast, power):
    middle = x.mean((1, 2, 3), keepdim=True)
    return ((x - middle) * contrast + middle).clamp(1e-4, 1) ** power


def uneven(x, field):
    """Light stronger here than there: field [N, 3, cells, cells] of logarithms."""
    return x * torch.exp(F.interpolate(field, x.shape[2:], mode="bicubic", align_corners=False))


def curves(x, knots):
    """Each channel through its own rising line with knots [N, 3, K] at 0..1."""
    n, c, h, w = x.shape
    at = x.clamp(0, 1).reshape(n, c, -1) * (knots.shape[2] - 1)
    low = at.floor().clamp(max=knots.shape[2] - 2)
    index, rest = low.long(), at - low
    first, second = knots.gather(2, index), knots.gather(2, index + 1)
    return (first + (second - first) * rest).reshape(n, c, h, w)


def saturation(x, amount):
    middle = grey(x)
    return middle + (x - middle) * amount


def convolved(x, kernels):
    """Each picture with its own kernels: [N, C, K, K] on each channel, or [N, 3, 3, K, K]."""
    n, c, h, w = x.shape
    k = kernels.shape[-1]
    y = F.pad(x, (k // 2,) * 4, mode="reflect").reshape(1, n * c, h + k - 1, w + k - 1)
    groups = n if kernels.ndim == 5 else n * c
    return F.conv2d(y, kernels.reshape(n * c, -1, k, k), groups=groups).reshape(n, c, h, w)


def other_texture(x, kernels, share):
    """Mixed with itself after a random convolution, at its own mean and spread: shapes stay,
    colours and fine texture become others (Xu et al., "Robust and Generalizable Visual
    Representation Learning via Random Convolutions")."""
    y = convolved(x, kernels)
    mean = lambda v: v.mean((2, 3), keepdim=True)
    spread = lambda v: v.std((2, 3), keepdim=True) + 1e-3
    y = (y - mean(y)) / spread(y) * spread(x).mean(1, keepdim=True) + mean(x).mean(1, keepdim=True)
    return (x + (y - x) * share).clamp(0, 1)


def grain(x, sigma, size):
    noise = torch.randn_like(x)
    noise = noise * 0.6 + noise.mean(1, keepdim=True) * 0.8
    noise = torch.where(size > 0.4, blur(noise, size.clamp(min=0.1)) * (1 + 2 * size), noise)
    return x + noise * sigma * (1.3 - x.clamp(0, 1))


def jpeg(x, quality):
    """What JPEG with 4:2:0 makes of it; quality [N, 1, 1, 1], 1..100."""
    n, _, h, w = x.shape
    i = torch.arange(8, device=x.device)
    wave = torch.cos((2 * i[None] + 1) * i[:, None] * math.pi / 16) / 2
    wave[0] /= math.sqrt(2)
    scale = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality)

    def coded(plane, table):
        step = torch.tensor([float(v) for v in table.split()], device=x.device).reshape(8, 8)
        step = ((step * scale + 50) / 100).floor().clamp(1, 255)[:, :, None, None]
        c, height, width = plane.shape[1:]
        blocks = plane.reshape(n, c, height // 8, 8, width // 8, 8).transpose(3, 4)
        values = torch.round(wave @ blocks @ wave.T / step) * step
        return (wave.T @ values @ wave).transpose(3, 4).reshape(n, c, height, width)
    x = x.clamp(0, 1) * 255
    luma = grey(x)
    chroma = torch.cat([(x[:, 2:] - luma) * 0.564, (x[:, :1] - luma) * 0.713], 1)
    luma = coded(luma - 128, LUMA) + 128
    chroma = F.interpolate(coded(F.avg_pool2d(chroma, 2), CHROMA), (h, w), mode="bilinear")
    blue, red = luma + chroma[:, :1] / 0.564, luma + chroma[:, 1:] / 0.713
    green = (luma - WEIGHTS[0] * red - WEIGHTS[2] * blue) / WEIGHTS[1]
    return torch.cat([red, green, blue], 1).clamp(0, 255) / 255


def letters(count, rng):
    """Burnt-in texts: premultiplied colour and cover, float16 [count, 4, h, w]."""
    w, h = LETTERS_SIZE
    bank = np.zeros((count, 4, h, w), np.float16)
    for one in bank:
        seed = int(rng.integers(1 << 31))
        dark, bright = (faults.burnt_in(np.full((h, w, 3), v, np.float32),
                                        np.random.default_rng(seed)) for v in (0, 1))
        one[:3], one[3] = dark.transpose(2, 0, 1), 1 - (bright - dark).mean(2)
    return torch.from_numpy(bank)


class Batch:
    """A batch that faults happen to; `rng` draws whom and how much."""

    def __init__(self, rgb, inverse, rng):
        self.rgb, self.inverse, self.rng = rgb, inverse, rng

    def column(self, values):
        """numpy [K, ...] -> tensor on the device, with dimensions added up to four."""
        values = np.asarray(values, np.float32)
        values = values.reshape(values.shape + (1,) * max(0, 4 - values.ndim))
        return torch.from_numpy(values).to(self.rgb.device, non_blocking=True)

    def apply(self, chosen, fault, *parameters, depth=False):
        """rgb[chosen] = fault(rgb[chosen], [inverse[chosen],] parameters[chosen])."""
        if not chosen.any():
            return
        where = torch.from_numpy(np.flatnonzero(chosen)).to(self.rgb.device, non_blocking=True)
        inverse = (self.inverse[where],) if depth else ()
        columns = [self.column(np.asarray(p)[chosen]) for p in parameters]
        self.rgb[where] = fault(self.rgb[where], *inverse, *columns)

    def some(self, share, fault, *parameters, **how):
        self.apply(self.rng.random(len(self.rgb)) < share, fault, *parameters, **how)


def _light(batch):
    """Faults that act on light: fog, defocus, vignetting, exposure, white balance."""
    n, rng = len(batch.rgb), batch.rng
    u = lambda low, high, *shape: rng.uniform(low, high, (n, *shape))
    batch.rgb = to_linear(batch.rgb)
    batch.some(0.1, fog, u(0.003, 0.12), u(0.3, 0.85, 1) * u(0.9, 1.1, 3), depth=True)
    batch.some(0.18, defocus, np.where(rng.random(n) < 0.5, u(0, 1), 0.8), u(1, 6), depth=True)
    batch.some(0.2, vignetting, u(0.1, 0.7))
    gain = 2.0 ** rng.normal(0, 0.5, (n, 1)) * np.stack([u(0.8, 1.25), np.ones(n), u(0.8, 1.25)], 1)
    batch.some(0.7, torch.mul, gain)
    batch.rgb = to_srgb(batch.rgb)


def _colour(batch):
    n, rng = len(batch.rgb), batch.rng
    u = lambda low, high, *shape: rng.uniform(low, high, (n, *shape))
    batch.some(0.5, tones, u(0.7, 1.3), u(0.75, 1.35))
    cells = int(rng.integers(2, 5))
    batch.some(0.2, uneven, rng.normal(0, 1, (n, 1, cells, cells)) * u(0.1, 0.45, 1, 1, 1)
               + rng.normal(0, 1, (n, 3, cells, cells)) * u(0, 0.12, 1, 1, 1))
    rise = np.concatenate([np.zeros((n, 3, 1)), np.cumsum(u(0.35, 1.65, 3, 5), 2)], 2)
    low, high = u(0, 0.1, 3, 1), u(0.85, 1, 3, 1)
    batch.some(0.2, lambda x, k: curves(x, k[..., 0]), low + (high - low) * rise / rise[..., -1:])
    batch.some(0.6, saturation, np.where(rng.random(n) < 0.15, 0, u(0.5, 1.4)))
    k = int(rng.choice([1, 3, 5, 7]))
    batch.some(0.15, other_texture, rng.normal(0, 1, (n, 3, 3, k, k)), u(0.3, 0.9))


def _sharpness(batch):
    n, rng = len(batch.rgb), batch.rng
    kind = rng.random(n)
    batch.apply(kind < 0.2, blur, rng.uniform(0.3, 1.4, n))
    shakes = np.zeros((n, 3, 9, 9), np.float32)
    for kernel in shakes:
        one = np.zeros((9, 9), np.float32)
        length, angle = rng.uniform(1, 4.5), rng.uniform(0, math.pi)
        x, y = int(round(length * math.cos(angle))), int(round(length * math.sin(angle)))
        cv2.line(one, (4 - x, 4 - y), (4 + x, 4 + y), 1.0)
        kernel[:] = one / one.sum()
    batch.apply((kind > 0.2) & (kind < 0.3), convolved, shakes)
    dark = rng.random(n)
    batch.apply(dark < 0.1, torch.mul, rng.uniform(0.15, 0.5, n))
    batch.apply(dark < 0.37, grain, rng.uniform(0.005, 0.06, n), rng.choice([0.0, 0.6], n))


def _letterbox(batch, share):
    """Bars, as far away as the farthest of what is left between them."""
    n, rng = len(batch.rgb), batch.rng
    chosen = np.flatnonzero(rng.random(n) < share)
    for i in chosen:
        sideways, level = rng.random() < 0.3, rng.choice([0.0, 0.0, 0.05])
        size = batch.rgb.shape[3 if sideways else 2]
        bar = int(round(size * rng.uniform(0.05, 0.45 if sideways else 0.3) / 2))
        rgb, inverse = batch.rgb[i], batch.inverse[i]
        if sideways:
            rgb, inverse = rgb.transpose(1, 2), inverse.transpose(0, 1)
        inside = inverse[bar:size - bar][::4, ::4].flatten()
        inside = torch.where(inside < 0, 9, inside)         # unknown is not far
        far = inside.kthvalue(1 + len(inside) // 100).values
        for part in (slice(0, bar), slice(size - bar, size)):
            rgb[:, part], inverse[part] = float(level), far


class Faults:
    """degrade(rgb, inverse, rng): the batch as a camera and a film would have left it."""

    def __init__(self, device, seed=0):
        self.letters = letters(LETTERS, np.random.default_rng(seed)).to(device)

    def _burnt_in(self, rgb, which):
        size = rgb.shape[2:]
        text = F.interpolate(self.letters[which[:, 0, 0, 0].long()].float(), size, mode="bilinear")
        return rgb * (1 - text[:, 3:]) + text[:, :3]

    def degrade(self, rgb, inverse, rng):
        batch = Batch(rgb, inverse, rng)
        _light(batch)
        _colour(batch)
        _sharpness(batch)
        batch.some(0.08, self._burnt_in, rng.integers(LETTERS, size=len(rgb)))
        _letterbox(batch, 0.1)
        batch.some(0.4, jpeg, rng.uniform(25, 90, len(rgb)))
        return batch.rgb.clamp(0, 1), batch.inverse
