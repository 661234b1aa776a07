# SPDX-License-Identifier: MIT
"""Judge models on measured pictures and on held-out renders, beside baselines.

WHDR: share of random pixel pairs in the wrong order, among pairs whose true values differ by more
than 5 %. AbsRel and delta: depth after the best scale and shift in inverse depth (pictures with a
metric truth only). Means are per source, then over sources, because sources differ in size.
Edges, on held-out renders: F-score of depth jumps found within one pixel, and sharpness, the share
of the truth's jump at its edges that the model shows between neighbouring pixels. On photographs:
how far the map's edges lie from the picture's.

The 21 sources are in two halves. Checkpoints are chosen on `development`; `test` is only told.
"""
import argparse
import csv
import os
import zlib
from collections import defaultdict

import cv2
import numpy as np

import card
import data
from measures import (aligned, constant, edge_scores, mean, picture_edge_distance, ramp, whdr)
from sheets import frames, sheet

AREA = 384 * 224            # relief-small.json: pixels of the input, whatever its shape
# By origin, so that no data set stands in both halves but KITTI's roads, which nothing else shows.
# Development has Middlebury and its kin, bins, desks; the rest is for the test.
DEVELOPMENT = ("2b-t/stereo-matching", "Batshaw/Real-Time-Stereo-Matching-",
               "BerkeleyAutomation/gqcnn", "DepthAnything/PromptDA", "Inoriros/RGBD_map_stitching",
               "PRiME-project/PRiMEStereoMatch", "kuixu/kitti_object_vis", "liwuaa/ImageRelocation",
               "mli0603/stereo-transformer", "udacity/SFND_3D_Object_Tracking")


def net_size(w, h):
    """Input size (w, h) as relief chooses it: about AREA pixels, multiples of 32."""
    scale = (AREA / (w * h)) ** 0.5
    return tuple(max(32, int(v * scale / 32 + 0.5) * 32) for v in (w, h))


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
        how = cv2.INTER_AREA if size[0] <= w else cv2.INTER_LINEAR
        small = cv2.resize(picture, size, interpolation=how)
        return cv2.resize(run(np.ascontiguousarray(small.transpose(2, 0, 1)[None])), (w, h))
    return predict


def with_mirror(predict):
    """The mean over a picture and its mirror image, as relief's --tta does."""
    return lambda picture: (predict(picture)
                            + predict(np.ascontiguousarray(picture[:, ::-1]))[:, ::-1]) / 2


def read(path):
    return cv2.imread(path, cv2.IMREAD_COLOR)[..., ::-1].astype(np.float32) / 255


def truth_of(row):
    """Inverse depth in 1/m or disparity in px, float [H, W]; NaN where there is no truth."""
    path = os.path.join(data.DEPTH, row["depth"])
    stored = cv2.imread(path, cv2.IMREAD_UNCHANGED).astype(np.float32)
    near, far = float(row["inv_near"]), float(row["inv_far"])
    return np.where(stored > 0, far + (stored - 1) / 65534 * (near - far), np.nan)


def rows_of(half):
    """Manifest rows that training may not use, of one half ("development", "test") or of both."""
    with open(os.path.join(data.DEPTH, "MANIFEST.tsv"), newline="") as f:
        rows = [r for r in csv.DictReader(f, delimiter="\t") if r["train_ok"] != "yes"]
    return [r for r in rows if half == "both" or (r["source"] in DEVELOPMENT) == (half != "test")]


def measure(row, models):
    """{model: (WHDR, AbsRel, delta, edge distance, its chance)} of one picture; NaN: undefined."""
    picture = read(os.path.join(data.DEPTH, row["file"]))
    truth, seed, scores = truth_of(row), zlib.crc32(row["file"].encode()), {}
    for name, predict in models.items():
        guess = predict(picture)
        depth = aligned(guess, truth) if row["unit"] == "1/m" else (np.nan, np.nan)
        scores[name] = (whdr(guess, truth, seed), *depth, *picture_edge_distance(guess, picture))
    return scores


def measure_real(rows, models):
    """[(source, domain, {model: scores})] of all pictures."""
    return [(r["source"], r["domain"].split()[0], measure(r, models)) for r in rows]


def by_group(scores, models, key):
    """{group: ({model: mean over its sources}, its sources)}; key(source, domain) -> group."""
    cells = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for source, domain, each in scores:
        for name in models:
            cells[key(source, domain)][source][name].append(each[name])
    return {group: ({n: mean([mean(c[n]) for c in sources.values()]) for n in models}, len(sources))
            for group, sources in sorted(cells.items())}


def measure_renders(folders, models, most):
    """{kind: {model: (WHDR, edge F-score, sharpness)}} on renders that training never sees."""
    kinds = {}
    for kind, pairs in sorted(data.rendered_pairs(folders, validation=True).items()):
        scores = defaultdict(list)
        for jpg, png in pairs[:most]:
            picture, inverse, _ = data.read_pair(jpg, png, zero_is_far=True)
            for name, predict in models.items():
                guess = predict(picture)
                order = whdr(guess, inverse, zlib.crc32(os.path.basename(jpg).encode()))
                scores[name].append((order, *edge_scores(guess, inverse)))
        kinds[kind] = {n: mean(scores[n]) for n in models}
    return kinds


def table(title, names, lines):
    """Print lines of (label, [scores of each model]); scores are tuples."""
    print(title.ljust(46) + "".join(n[-22:].rjust(28) for n in names))
    for label, cells in lines:
        print(label[:45].ljust(46)
              + "".join("/".join(f"{v:.3f}" for v in c).rjust(28) for c in cells))
    print()


def show_real(title, scores, models):
    """Print tables per source and domain and the mean over sources."""
    groups = [by_group(scores, models, key) for key in (lambda s, d: s, lambda s, d: "domain " + d,
                                                        lambda s, d: "MEAN OVER SOURCES")]
    lines = [(f"{name} ({count})" if part == 2 else name, [means[m][:4] for m in models])
             for part, group in enumerate(groups) for name, (means, count) in group.items()]
    table(title + ": WHDR/AbsRel/delta/edge px", list(models), lines)


def show_renders(kinds, models):
    """Print the table per kind and the mean over kinds."""
    lines = [(kind, [cells[m] for m in models]) for kind, cells in kinds.items()]
    lines.append((f"MEAN OVER {len(lines)} KINDS",
                  [mean([c[i] for _, c in lines]) for i in range(len(models))]))
    table("WHDR/edge F-score/sharpness", list(models), lines)


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("model", nargs="*", help=".onnx files or checkpoints of train.py; the first is the model")
    add("--half", choices=("development", "test", "both"), default="development")
    add("--renders", nargs="*", default=[], help="folders of render_set.py: edge scores")
    add("--most", type=int, default=12, help="held-out renders of each kind")
    add("--tta", action="store_true", help="judge all models with mirrored pictures, too")
    add("--card", help="write the tables into this file, between its markers (implies --half both)")
    add("--sheet", help="write a contact sheet of the models' depth")
    add("--frames", help="folder of pictures and films for the sheet (no tables)")
    add("--per-film", type=int, default=2, help="frames of each film of --frames")
    return parser.parse_args()


def judge(args, models):
    """Print the tables, and write the card when it is asked for."""
    everyone = dict(models, ramp=ramp, constant=constant)
    kinds = measure_renders(args.renders, models, args.most) if args.renders else {}
    if kinds:
        show_renders(kinds, models)
    halves = ("development", "test") if args.card or args.half == "both" else (args.half,)
    scores = {half: measure_real(rows_of(half), everyone) for half in halves}
    for half in halves:
        show_real(half, scores[half], everyone)
    if args.card:
        tables = {half: (by_group(s, everyone, lambda _, d: d),
                         by_group(s, everyone, lambda _, d: "all")["all"])
                  for half, s in scores.items()}
        card.write(args.card, list(everyone), tables, kinds)


def main():
    args = parse()
    models = {os.path.basename(p) if p.endswith(".onnx") else p: load_model(p) for p in args.model}
    if args.tta:
        models = {name + " --tta": with_mirror(predict) for name, predict in models.items()}
    if not args.frames:
        judge(args, models)
    if args.sheet and models:
        if args.frames:
            items = list(frames(args.frames, args.per_film))
        else:
            chosen = {r["source"]: r for r in rows_of("both")}.values()
            items = [(read(os.path.join(data.DEPTH, r["file"])), truth_of(r)) for r in chosen]
        sheet(items, models.values(), args.sheet, columns=6 // (1 + len(models)) + 1)


if __name__ == "__main__":
    main()
