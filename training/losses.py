# SPDX-License-Identifier: MIT
"""Losses in disparity space, after Ranftl et al., "Towards Robust Monocular Depth Estimation".

All maps are [N, H, W]; `mask` is bool, true where the truth is known. Prediction and truth are
relative inverse depth (sky = 0); each picture's scale and shift are free.
"""
import torch
from torch.nn import functional as F

WINDOW = 32             # pixels, side of the windows of local_order()
PAIRS = 3000            # of each picture and reach, for ranking()
NEARBY = 24             # pixels, reach of the pairs across edges
DIFFER = 1.05           # ratio of inverse depths from which a pair has an order
FLAT = 0.05             # spread of inverse depth (0..1) below which a picture counts for less


def normalise(x, mask):
    """Subtract each picture's median, divide by its mean absolute deviation (equations 5-6)."""
    flat = x.masked_fill(~mask, float("nan")).flatten(1)
    shift = flat.nanmedian(dim=1).values.nan_to_num()[:, None, None]
    count = mask.sum((1, 2)).clamp(min=1)
    scale = ((x - shift).abs() * mask).sum((1, 2)) / count
    return (x - shift) / scale.clamp(min=1e-4)[:, None, None]


def mean_over(x, mask):
    """Mean of each map over its mask: [N]."""
    return (x * mask).sum((1, 2)) / mask.sum((1, 2)).clamp(min=1)


def gradient_matching(residual, mask, scales=4):
    """Gradients of the residual at `scales` resolutions, each half the one before (eq. 11): [N]."""
    total = residual.new_zeros(len(residual))
    for level in range(scales):
        step = 2 ** level
        r, m = residual[:, ::step, ::step], mask[:, ::step, ::step]
        dx = (r[:, :, 1:] - r[:, :, :-1]).abs() * (m[:, :, 1:] & m[:, :, :-1])
        dy = (r[:, 1:] - r[:, :-1]).abs() * (m[:, 1:] & m[:, :-1])
        total = total + (dx.sum((1, 2)) + dy.sum((1, 2))) / m.sum((1, 2)).clamp(min=1)
    return total


def windows(x):
    """[N, H, W] -> [N, windows, WINDOW * WINDOW]; H and W are multiples of WINDOW."""
    n, h, w = x.shape
    x = x.reshape(n, h // WINDOW, WINDOW, w // WINDOW, WINDOW)
    return x.permute(0, 1, 3, 2, 4).reshape(n, -1, WINDOW * WINDOW)


def local_order(residual, truth, mask, least=0.08):
    """What is in front of what inside each window, however far away the window is: [N].

    The residual's mean in the window is taken off and the rest measured in units of the truth's
    own spread there (at least `least` of the picture's). Without it the nearest thing outweighs
    all that is far: a person at 15 m before a wall at 30 m hardly counts in inverse depth.
    """
    r, t, m = windows(residual), windows(truth), windows(mask)
    count = m.sum(2).clamp(min=1)
    centred = lambda x: (x - (x * m).sum(2, keepdim=True) / count[..., None]) * m
    spread = centred(t).abs().sum(2) / count
    size = centred(r).abs().sum(2) / count / spread.clamp(min=least)
    useful = (m.sum(2) > WINDOW) & (spread > least / 8)
    return (size * useful).sum(1) / useful.sum(1).clamp(min=1)


def ranking(guess, truth, mask, margin=0.25):
    """How many pairs of pixels are in the wrong order, made smooth: [N].

    `guess` is normalised. Half of the pairs are anywhere, half within NEARBY pixels, where the
    edges are. The measure is blind to how large a difference is, so that what is far counts as much
    as what is near; the softplus dies out where a pair is told apart by more than `margin`.
    """
    n, h, w = truth.shape
    take = lambda x, at: x.flatten(1).gather(1, at)
    y, x = torch.randint(h, (n, 2 * PAIRS), device=truth.device), \
        torch.randint(w, (n, 2 * PAIRS), device=truth.device)
    far = torch.stack([torch.randint(h, (n, PAIRS), device=truth.device),
                       torch.randint(w, (n, PAIRS), device=truth.device)])
    step = torch.randint(-NEARBY, NEARBY + 1, (2, n, PAIRS), device=truth.device)
    other_y = torch.cat([far[0], (y[:, PAIRS:] + step[0]).clamp(0, h - 1)], 1)
    other_x = torch.cat([far[1], (x[:, PAIRS:] + step[1]).clamp(0, w - 1)], 1)
    a, b = y * w + x, other_y * w + other_x
    t_a, t_b = take(truth, a), take(truth, b)
    ordered = torch.maximum(t_a, t_b) > DIFFER * torch.minimum(t_a, t_b) + 0.001
    useful = ordered & take(mask, a) & take(mask, b)
    apart = (take(guess, a) - take(guess, b)) * torch.sign(t_a - t_b)
    wrong = F.softplus(-apart / margin) * useful
    return wrong.sum(1) / useful.sum(1).clamp(min=1)


def weight_of(truth, mask):
    """Weight of each picture by how much depth there is in it: [N]. Near-flat ones count little."""
    middle = mean_over(truth, mask)[:, None, None]
    spread = mean_over((truth - middle).abs(), mask)
    return (spread / FLAT).clamp(0.1, 1.0) * (mask.flatten(1).float().mean(1) > 0.02)


def depth_loss(prediction, truth, mask, gradient=1.0, local=0.25, rank=0.0, exact=None):
    """Scale-and-shift-invariant loss: absolute error, gradient matching (eq. 9), order.

    The truth is exact, so that no residuals are trimmed as MiDaS does for noisy ones. Where it is a
    teacher's guess, `exact` [N] is 0: its edges are blurred, and gradients there are not learnt.
    """
    if exact is not None:
        gradient = gradient * exact
    prediction, truth = prediction.float(), truth.float()
    goal = normalise(truth, mask)
    guess = normalise(prediction, mask)
    residual = (guess - goal).masked_fill(~mask, 0.0)
    each = mean_over(residual.abs(), mask) / 2 + gradient * gradient_matching(residual, mask) \
        + local * local_order(residual, goal, mask)
    if rank:
        each = each + rank * ranking(guess, truth, mask)
    weight = weight_of(truth, mask)
    return (each * weight).sum() / weight.sum().clamp(min=1)
