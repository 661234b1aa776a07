# SPDX-License-Identifier: MIT
"""Camera and transmission faults, all deterministic: parameters or a seed in, picture out.

`linear` is scene-linear RGB and `srgb` display RGB, both float32 [H, W, 3]; `inverse` is relative
inverse depth, float32 [H, W], 0 = infinitely far, 1 = about the nearest point.
"""
import cv2
import numpy as np


def to_linear(srgb):
    return np.where(srgb <= 0.04045, srgb / 12.92,
                    ((srgb + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_srgb(linear):
    x = np.clip(linear, 0, 1)
    curve = 1.055 * np.power(x, 1 / 2.4) - 0.055
    return np.where(x <= 0.0031308, x * 12.92, curve).astype(np.float32)


def exposure(linear, stops):
    return linear * np.float32(2.0 ** stops)


def white_balance(linear, red, blue):
    """Gains of the red and blue channels; green stays."""
    return linear * np.array([red, 1.0, blue], np.float32)


def tone_curve(linear):
    """Filmic shoulder and toe (rational fit), 0..inf -> 0..1, still linear."""
    return np.clip(linear * (2.51 * linear + 0.03) / (linear * (2.43 * linear + 0.59) + 0.14), 0, 1)


def saturation(picture, amount):
    """amount 0 is black and white, 1 leaves the picture as it is."""
    grey = picture @ np.array([0.299, 0.587, 0.114], np.float32)
    return grey[..., None] + (picture - grey[..., None]) * np.float32(amount)


def contrast(srgb, amount):
    mean = srgb.mean()
    return (srgb - mean) * np.float32(amount) + mean


def gamma(srgb, power):
    return np.power(np.clip(srgb, 0, 1), np.float32(power))


def vignetting(linear, amount):
    """Darken towards the corners; amount is the share of light lost there."""
    h, w = linear.shape[:2]
    y, x = np.mgrid[-1:1:h * 1j, -1:1:w * 1j].astype(np.float32)
    return linear * (1 - amount * ((x * x + y * y) / 2) ** 1.5)[..., None]


def fog(linear, inverse, density, colour):
    """Mix with `colour` by 1 - exp(-density / inverse depth); density 0.1 hides the far tenth."""
    clear = np.exp(-density / np.maximum(inverse, 1e-4))[..., None].astype(np.float32)
    return linear * clear + np.asarray(colour, np.float32) * (1 - clear)


def blur(picture, sigma):
    """Gaussian blur, sigma in pixels."""
    return cv2.GaussianBlur(picture, (0, 0), sigma) if sigma > 0.1 else picture


def motion_blur(picture, length, angle):
    """Straight camera shake: `length` pixels at `angle` radians."""
    n = max(1, int(round(length))) | 1
    kernel = np.zeros((n, n), np.float32)
    c = n // 2
    end = (int(round(c + c * np.cos(angle))), int(round(c + c * np.sin(angle))))
    cv2.line(kernel, (2 * c - end[0], 2 * c - end[1]), end, 1.0)
    return cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)


def defocus(linear, inverse, focus, strength):
    """Blur by |inverse - focus| * strength pixels (sigma): a stack of blurs, mixed per pixel."""
    sigmas = [0.0, 1.0, 2.0, 4.0]
    wanted = np.clip(np.abs(inverse - focus) * strength, 0, sigmas[-1])
    wanted = cv2.GaussianBlur(wanted.astype(np.float32), (0, 0), 1.0)
    level = np.interp(wanted, sigmas, range(len(sigmas)))
    out = np.zeros_like(linear)
    for i, sigma in enumerate(sigmas):
        weight = np.clip(1 - np.abs(level - i), 0, 1)[..., None].astype(np.float32)
        if weight.any():
            out += weight * blur(linear, sigma)
    return out


def grain(srgb, sigma, seed, size=1.0):
    """Film grain or sensor noise, stronger in the dark; size is the clump's sigma in pixels."""
    noise = np.random.default_rng(seed).normal(size=srgb.shape).astype(np.float32)
    noise = noise * 0.6 + noise.mean(2, keepdims=True) * 0.8
    if size > 0.4:
        noise = blur(noise, size) * (1 + 2 * size)
    return srgb + noise * np.float32(sigma) * (1.3 - np.clip(srgb, 0, 1))


def jpeg(srgb, quality):
    """Round trip through JPEG at `quality` 1..100."""
    data = (np.clip(srgb[..., ::-1], 0, 1) * 255 + 0.5).astype(np.uint8)
    packed = cv2.imencode(".jpg", data, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1]
    return cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1].astype(np.float32) / 255


def letterbox(srgb, inverse, share, sideways=False, level=0.0):
    """Bars covering `share` of the height (or width), as far away as the farthest of what is left.

    Depth is defined in them, so that the network says something harmless there and needs no mask.
    """
    size = srgb.shape[1 if sideways else 0]
    bar = int(round(size * share / 2))
    keep = np.zeros(srgb.shape[:2], bool)
    part = slice(bar, size - bar)
    keep[(slice(None), part) if sideways else part] = True
    far = np.float32(np.quantile(inverse[keep], 0.01))
    return np.where(keep[..., None], srgb, np.float32(level)), np.where(keep, inverse, far)


FONTS = cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX
WORDS = """the and of to where is he she we they it was not never again home night wait come back
look at this I know you what time tell me about nothing more good morning yes no 12:45 REC 1984 LIVE
CHAPTER ONE news today -- ... ?""".split()


def burnt_in(srgb, rng):
    """Subtitles, a title or a corner mark; the depth stays that of the picture behind them."""
    h, w = srgb.shape[:2]
    out = (np.clip(srgb, 0, 1) * 255).astype(np.uint8)
    font = int(rng.choice(FONTS))
    colours = (255, 255, 255), (240, 220, 60), (int(rng.integers(256)), 200, 255)
    colour = colours[rng.choice(3, p=[0.7, 0.2, 0.1])]
    style = rng.random()
    scale = h / 224 * rng.uniform(0.35, 0.7) * (1.8 if style > 0.85 else 1)
    for line in range(int(rng.integers(1, 3))):
        text = " ".join(rng.choice(WORDS, int(rng.integers(1, 3 if style > 0.6 else 7))))
        (tw, th), _ = cv2.getTextSize(text, font, scale, 1)
        if style < 0.6:                        # subtitle
            at = ((w - tw) // 2, int(h * 0.95) - line * int(th * 1.6))
        elif style < 0.85:                     # mark in a corner
            at = (int(rng.choice([w * 0.03, max(0, w * 0.97 - tw)])),
                  int(h * 0.12) + line * int(th * 1.6))
        else:                                  # title
            at = ((w - tw) // 2, int(h * rng.uniform(0.3, 0.7)) + line * int(th * 1.6))
        cv2.putText(out, text, at, font, scale, (0, 0, 0),
                    3 if rng.random() < 0.7 else 1, cv2.LINE_AA)
        cv2.putText(out, text, at, font, scale, colour, 1, cv2.LINE_AA)
    return out.astype(np.float32) / 255


def cartoon(srgb, inverse, rng):
    """Flat colours, dark outlines, as drawn film has: few tones, lines where the depth jumps."""
    x = (np.clip(srgb, 0, 1) * 255).astype(np.uint8)
    for _ in range(2):
        x = cv2.bilateralFilter(x, 7, 40, 5)
    x = x.astype(np.float32) / 255
    tones = rng.uniform(4, 9)
    grey = x @ np.array([0.299, 0.587, 0.114], np.float32)
    flat = (np.floor(grey * tones) + 0.5) / tones
    x = x * (flat / np.maximum(grey, 0.02))[..., None]
    x = saturation(x, rng.uniform(1.0, 1.8))
    if rng.random() < 0.6:
        near = np.log(np.maximum(inverse, 0.01))
        edge = cv2.Laplacian(near, cv2.CV_32F, ksize=3)
        line = cv2.GaussianBlur((np.abs(edge) > 0.25).astype(np.float32), (0, 0), 0.6)
        x = x * (1 - 0.9 * np.clip(line * 1.3, 0, 1))[..., None]
    return np.clip(x, 0, 1)


def develop(linear, seed, auto=0.6, dark=False):
    """Renderer's linear light -> sRGB: rough auto exposure, white balance, tone curve."""
    rng = np.random.default_rng(seed)
    target = 0.06 if dark else 0.3
    level = max(1e-3, float(np.median(linear.mean(2))))
    out = linear * np.float32((target / level) ** auto * rng.uniform(0.6, 1.5))
    out = white_balance(out, *rng.uniform(0.85, 1.18, 2))
    return to_srgb(tone_curve(out) if rng.random() < 0.6 else out)


def _light(srgb, inverse, rng):
    """Faults that act on light: fog, defocus, vignetting, exposure, white balance."""
    x = to_linear(srgb)
    if rng.random() < 0.12:
        colour = rng.uniform(0.3, 0.85) * rng.uniform(0.9, 1.1, 3)
        x = fog(x, inverse, rng.uniform(0.003, 0.12), colour)
    if rng.random() < 0.25:
        x = defocus(x, inverse, rng.choice([rng.random(), 0.8]), rng.uniform(1, 6))
    if rng.random() < 0.3:
        x = vignetting(x, rng.uniform(0.1, 0.7))
    x = white_balance(exposure(x, rng.normal(0, 0.5)), *rng.uniform(0.8, 1.25, 2))
    return to_srgb(x)


def uneven_light(srgb, rng):
    """Light that is stronger here than there, and its colour with it: a smooth random field."""
    h, w = srgb.shape[:2]
    cells = int(rng.integers(2, 5))
    field = rng.normal(0, rng.uniform(0.1, 0.45), (cells, cells, 1)) \
        + rng.normal(0, rng.uniform(0, 0.12), (cells, cells, 3))
    field = cv2.resize(field.astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
    return srgb * np.exp(field)


def odd_curves(srgb, rng):
    """Another film stock: each channel through a rising curve of its own."""
    x, knots = np.clip(srgb, 0, 1), np.linspace(0, 1, 6)
    for channel in range(3):
        rise = np.cumsum(np.concatenate([[0], rng.uniform(0.35, 1.65, 5)]))
        low, high = rng.uniform(0, 0.1), rng.uniform(0.85, 1)
        x[..., channel] = np.interp(x[..., channel], knots, low + (high - low) * rise / rise[-1])
    return x


def degrade(srgb, inverse, seed):
    """Random faults for training. Returns sRGB [H, W, 3] in 0..1 and inverse depth [H, W]."""
    rng = np.random.default_rng(seed)
    if rng.random() < 0.07:
        x = cartoon(srgb, inverse, rng)
    else:
        x = _light(srgb, inverse, rng) if rng.random() < 0.7 else srgb
    if rng.random() < 0.5:
        x = gamma(contrast(x, rng.uniform(0.7, 1.3)), rng.uniform(0.75, 1.35))
    if rng.random() < 0.2:
        x = uneven_light(x, rng)
    if rng.random() < 0.2:
        x = odd_curves(x, rng)
    if rng.random() < 0.6:
        x = saturation(x, 0.0 if rng.random() < 0.15 else rng.uniform(0.5, 1.4))
    if rng.random() < 0.2:
        x = blur(x, rng.uniform(0.3, 1.4))
    elif rng.random() < 0.12:
        x = motion_blur(x, rng.uniform(2, 9), rng.uniform(0, np.pi))
    if rng.random() < 0.1:                     # low light: dark, and the noise that comes with it
        x = np.clip(x, 0, 1) * np.float32(rng.uniform(0.15, 0.5))
        x = grain(x, rng.uniform(0.01, 0.05), seed, 0.6)
    elif rng.random() < 0.3:
        x = grain(x, rng.uniform(0.005, 0.06), seed, rng.choice([0.0, 0.6]))
    if rng.random() < 0.08:
        x = burnt_in(x, rng)
    if rng.random() < 0.1:
        sideways = rng.random() < 0.3
        x, inverse = letterbox(x, inverse, rng.uniform(0.05, 0.45 if sideways else 0.3), sideways,
                               rng.choice([0.0, 0.0, 0.05]))
    if rng.random() < 0.4:
        x = jpeg(x, rng.uniform(25, 90))
    return np.clip(x, 0, 1).astype(np.float32), inverse.astype(np.float32)
