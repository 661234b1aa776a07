# SPDX-License-Identifier: MIT
"""What a depth map is judged by: order, depth after alignment, edges. Maps are float [H, W]."""
import cv2
import numpy as np

PAIRS = 20000
JUMPS = (1.05, 1.1, 1.25)       # ratios of neighbouring inverse depths that count as an edge
STEEPEST = 0.02                 # share of a map's pixels that count as edges on photographs
FARTHEST = 10.0                 # pixels at which the distance to a picture edge stops growing


def constant(picture):
    return np.ones(picture.shape[:2], np.float32)


def ramp(picture):
    """The lower in the picture, the nearer."""
    h, w = picture.shape[:2]
    return np.repeat(np.linspace(0, 1, h, dtype=np.float32)[:, None], w, 1)


def whdr(guess, truth, seed):
    """Share of wrongly ordered pairs; a tie in the guess counts half."""
    g, t = guess[np.isfinite(truth)], truth[np.isfinite(truth)]
    a, b = np.random.default_rng(seed).integers(0, len(t), (2, PAIRS))
    differ = np.abs(t[a] - t[b]) > 0.05 * np.maximum(t[a], t[b])
    if not differ.any():
        return np.nan
    order = np.sign(t[a] - t[b])[differ] * np.sign(g[a] - g[b])[differ]
    return float(np.mean(0.5 - 0.5 * order))


def fitted(guess, truth):
    """The guess with the scale and shift that bring it nearest to the truth where that is known."""
    known = np.isfinite(truth)
    g, t = guess[known].astype(np.float64), truth[known].astype(np.float64)
    scale, shift = np.linalg.lstsq(np.stack([g, np.ones_like(g)], 1), t, rcond=None)[0]
    return guess * scale + shift


def aligned(guess, truth):
    """Depth errors after least squares in inverse depth: AbsRel, share with ratio > 1.25."""
    known = np.isfinite(truth) & (truth > 0)
    t = truth[known].astype(np.float64)
    fit = fitted(guess, np.where(known, truth, np.nan))[known]
    depth, true = 1 / np.maximum(fit, t.min()), 1 / t    # no farther than the farthest truth
    ratio = np.maximum(depth / true, true / depth)
    return float(np.mean(np.abs(depth - true) / true)), float(np.mean(ratio > 1.25))


def jumps(inverse):
    """Greatest log ratio to the right and the lower neighbour, [H, W]; far away it is damped."""
    x = np.log(np.maximum(inverse, 0) + 0.03)
    right, down = np.zeros_like(x), np.zeros_like(x)
    right[:, :-1], down[:-1] = np.abs(np.diff(x, axis=1)), np.abs(np.diff(x, axis=0))
    return np.maximum(right, down)


def edge_scores(guess, truth):
    """(F-score within one pixel, sharpness) of the depth edges; truth is 0..1, known everywhere."""
    g, t = jumps(fitted(guess, truth)), jumps(truth)
    near, scores = np.ones((3, 3), np.uint8), []
    for ratio in JUMPS:
        a, b = (g > np.log(ratio)).astype(np.uint8), (t > np.log(ratio)).astype(np.uint8)
        if not b.any():
            continue
        precision = (a & cv2.dilate(b, near)).sum() / max(1, a.sum())
        recall = (b & cv2.dilate(a, near)).sum() / b.sum()
        scores.append(2 * precision * recall / max(1e-9, precision + recall))
    strong = t > np.log(JUMPS[-1])
    shown = np.minimum(cv2.dilate(g, near), t)[strong].sum()
    sharp = shown / t[strong].sum() if strong.any() else np.nan
    return (float(np.mean(scores)) if scores else np.nan), float(sharp)


def thin_edges(inverse):
    """The steepest pixels of a depth map that are also the steepest across their edge: bool."""
    smooth = cv2.GaussianBlur(inverse.astype(np.float32), (0, 0), 1.0)
    x, y = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    steep = np.hypot(x, y)
    across = np.where(np.abs(x) > np.abs(y),
                      np.maximum(np.roll(steep, 1, 1), np.roll(steep, -1, 1)),
                      np.maximum(np.roll(steep, 1, 0), np.roll(steep, -1, 0)))
    least = max(np.quantile(steep, 1 - 3 * STEEPEST), 2 * np.median(steep))    # ground is no edge
    edge = (steep >= across) & (steep > least)
    edge[:3] = edge[-3:] = edge[:, :3] = edge[:, -3:] = False
    return edge


def picture_edge_distance(guess, picture, longest=384):
    """(mean distance in pixels from the depth map's edges to the picture's, the same by chance).

    At `longest` pixels on the longer side. The chance is that of the mirrored map's edges.
    """
    scale = longest / max(guess.shape)
    size = round(guess.shape[1] * scale), round(guess.shape[0] * scale)
    edges = thin_edges(cv2.resize(guess.astype(np.float32), size, interpolation=cv2.INTER_AREA))
    grey = cv2.cvtColor((cv2.resize(picture, size, interpolation=cv2.INTER_AREA) * 255)
                        .astype(np.uint8), cv2.COLOR_RGB2GRAY)
    canny = cv2.Canny(cv2.GaussianBlur(grey, (0, 0), 1.0), 40, 100)
    if not edges.any() or not canny.any():
        return np.nan, np.nan
    away = np.minimum(cv2.distanceTransform(255 - canny, cv2.DIST_L2, 5), FARTHEST)
    return float(away[edges].mean()), float(away[edges[:, ::-1]].mean())


def mean(values):
    """Mean of each column of tuples, leaving out what is not a number."""
    values = np.array(values, float)
    known = np.isfinite(values)
    return np.where(known, values, 0).sum(0) / np.where(known.any(0), known.sum(0), np.nan)
