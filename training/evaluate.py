# SPDX-License-Identifier: MIT
"""Judge models on measured pictures and on held-out renders, beside two baselines.

WHDR: share of random pixel pairs in the wrong order, among pairs whose true values differ by more
than 5 %. AbsRel and delta: depth after the best scale and shift in inverse depth (pictures with a
metric truth only). Means are per source, then over sources, because sources differ in size.
Edges, on held-out renders: F-score of depth jumps found within one pixel, and sharpness, the share
of the truth's jump at its edges that the model shows between neighbouring pixels.
"""
import argparse
import csv
import os
import zlib
from collections import defaultdict

import cv2
import numpy as np

import data

PAIRS = 20000
AREA = 384 * 224
JUMPS = (1.05, 1.1, 1.25)       # ratios of neighbouring inverse depths that count as an edge


def net_size(w, h, area=AREA):
    """Input size of about `area` pixels with the picture's shape, multiples of 32."""
    scale = (area / (w * h)) ** 0.5
    return tuple(max(64, int(round(v * scale / 32)) * 32) for v in (w, h))


def load_model(path):
    """Function sRGB float [H, W, 3] in 0..1 -> inverse depth [H, W], from .onnx or checkpoint."""
    if path.endswith(".onnx"):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(path, options)
        run = lambda x: session.run(None, {session.get_inputs()[0].name: x})[0][0]
    else:
        import torch
        from train import averaged
        torch.set_num_threads(1)
        net = averaged(path)
        run = lambda x: net(torch.from_numpy(x))[0].detach().numpy()

    def predict(picture):
        h, w = picture.shape[:2]
        size = net_size(w, h)
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        return cv2.resize(run(np.ascontiguousarray(small.transpose(2, 0, 1)[None])), (w, h))
    return predict


def constant(picture):
    return np.ones(picture.shape[:2], np.float32)


def ramp(picture):
    """The lower in the picture, the nearer."""
    h, w = picture.shape[:2]
    return np.repeat(np.linspace(0, 1, h, dtype=np.float32)[:, None], w, 1)


def read(path):
    return cv2.imread(path, cv2.IMREAD_COLOR)[..., ::-1].astype(np.float32) / 255


def truth_of(row):
    """Inverse depth in 1/m or disparity in px, float [H, W]; NaN where there is no truth."""
    path = os.path.join(data.DEPTH, row["depth"])
    stored = cv2.imread(path, cv2.IMREAD_UNCHANGED).astype(np.float32)
    near, far = float(row["inv_near"]), float(row["inv_far"])
    return np.where(stored > 0, far + (stored - 1) / 65534 * (near - far), np.nan)


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


def rows_of(only_held_out):
    with open(os.path.join(data.DEPTH, "MANIFEST.tsv"), newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    return [r for r in rows if not only_held_out or r["train_ok"] != "yes"]


def measure(row, models):
    """{model: (WHDR, AbsRel, delta)} of one picture; NaN where not defined."""
    picture = read(os.path.join(data.DEPTH, row["file"]))
    truth, seed, scores = truth_of(row), zlib.crc32(row["file"].encode()), {}
    for name, predict in models.items():
        guess = predict(picture)
        depth = aligned(guess, truth) if row["unit"] == "1/m" else (np.nan, np.nan)
        scores[name] = (whdr(guess, truth, seed), *depth)
    return scores


def mean(values):
    values = np.array(values, float)
    known = np.isfinite(values)
    return np.where(known, values, 0).sum(0) / np.where(known.any(0), known.sum(0), np.nan)


def table(title, names, lines):
    """Print lines of (label, [scores of each model]); scores are tuples."""
    print(title.ljust(46) + "".join(n[-22:].rjust(24) for n in names))
    for label, cells in lines:
        print(label[:45].ljust(46) +
     "".join("/".join(f"{v:.3f}" for v in c).rjust(24) for c in cells))
    print()


def report_real(rows, models):
    """Tables per source and domain, and the means over sources."""
    by_source, by_domain = (defaultdict(lambda: defaultdict(list)) for _ in range(2))
    for row in rows:
        for name, score in measure(row, models).items():
            by_source[row["source"]][name].append(score)
            by_domain[row["domain"].split()[0]][(name, row["source"])].append(score)
    lines = [(f"{source} ({len(next(iter(s.values())))})", [mean(s[n]) for n in models])
             for source, s in sorted(by_source.items())]
    of = lambda scores, name: mean([mean(v) for (m, _), v in scores.items() if m == name])
    lines += [("domain " + domain, [of(s, n) for n in models])
              for domain, s in sorted(by_domain.items())]
    lines.append((f"MEAN OVER {len(by_source)} SOURCES",
                  [mean([mean(s[n]) for s in by_source.values()]) for n in models]))
    table("WHDR / AbsRel / delta>1.25", list(models), lines)


def report_renders(folders, models, most):
    """Table per kind on renders that training never sees: WHDR, edge F-score, sharpness."""
    lines = []
    for kind, pairs in sorted(data.rendered_pairs(folders, validation=True).items()):
        scores = defaultdict(list)
        for jpg, png in pairs[:most]:
            picture, inverse, _ = data.read_pair(jpg, png, zero_is_far=True)
            for name, predict in models.items():
                guess = predict(picture)
                order = whdr(guess, inverse, zlib.crc32(os.path.basename(jpg).encode()))
                scores[name].append((order, *edge_scores(guess, inverse)))
        lines.append((f"{kind} ({len(pairs[:most])})", [mean(scores[n]) for n in models]))
    cells = [mean([c[i] for _, c in lines]) for i in range(len(models))]
    lines.append((f"MEAN OVER {len(lines)} KINDS", cells))
    table("WHDR / edge F-score / sharpness", list(models), lines)


def coloured(inverse):
    low, high = np.nanquantile(inverse, [0.01, 0.99])
    grey = np.nan_to_num((inverse - low) / max(high - low, 1e-6))
    return cv2.applyColorMap((np.clip(grey, 0, 1) * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)


def sheet(items, predicts, out, width=240, height=160, columns=4):
    """Contact sheet of (picture, truth or None): picture, truth, guesses from left to right."""
    tiles = []
    for picture, truth in items:
        panes = [(picture[..., ::-1] * 255).astype(np.uint8)]
        panes += [coloured(truth)] if truth is not None else []
        panes += [coloured(predict(picture)) for predict in predicts]
        fit = min(width / picture.shape[1], height / picture.shape[0])
        size = (int(picture.shape[1] * fit), int(picture.shape[0] * fit))
        tile = np.zeros((height, width * len(panes), 3), np.uint8)
        for i, pane in enumerate(panes):
            pane = cv2.resize(pane, size, interpolation=cv2.INTER_AREA)
            tile[:size[1], i * width:i * width + size[0]] = pane
        tiles.append(tile)
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[i:i + columns]) for i in range(0, len(tiles), columns)]
    cv2.imwrite(out, np.vstack(rows))


def frames(folder, per_film=2):
    """Pictures of a folder, and frames of its films at even distances, as (picture, None)."""
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.lower().endswith((".jpg", ".jpeg", ".png")):
            yield read(path), None
            continue
        film = cv2.VideoCapture(path)
        count = int(film.get(cv2.CAP_PROP_FRAME_COUNT))
        for k in range(per_film if count > 0 else 0):
            film.set(cv2.CAP_PROP_POS_FRAMES, count * (k + 1) // (per_film + 1))
            good, frame = film.read()
            if good:
                yield frame[..., ::-1].astype(np.float32) / 255, None


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="*", help=".onnx files or checkpoints of train.py")
    parser.add_argument("--all", action="store_true", help="also pictures that training may use")
    parser.add_argument("--renders", nargs="*", default=[],
                        help="folders of render_set.py: edge scores")
    parser.add_argument("--most", type=int, default=24, help="held-out renders of each kind")
    parser.add_argument("--sheet", help="write a contact sheet of the models' depth")
    parser.add_argument("--frames", help="folder of pictures and films for the sheet (no tables)")
    args = parser.parse_args()
    models = {os.path.basename(p) if p.endswith(".onnx") else p: load_model(p) for p in args.model}
    if args.frames:
        items = list(frames(args.frames))
    else:
        if args.renders:
            report_renders(args.renders, models, args.most)
        rows = rows_of(not args.all)
        report_real(rows, dict(models, ramp=ramp, constant=constant))
        chosen = {r["source"]: r for r in rows}.values()
        items = [(read(os.path.join(data.DEPTH, r["file"])), truth_of(r)) for r in chosen]
    if args.sheet and models:
        sheet(items, models.values(), args.sheet, columns=6 // (1 + len(models)) + 1)


if __name__ == "__main__":
    main()
