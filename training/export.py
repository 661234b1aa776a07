# SPDX-License-Identifier: MIT
"""Write a checkpoint's averaged weights as ONNX, compare the two, and time the file.

An ONNX file may stand for the checkpoint: the same weights are written as the graph is today.

The time is the median of OpenVINO on this machine at 384x224 (two threads, float32), beside that
of --beside in the same minutes: on a busy machine only the ratio means something.
"""
import argparse
import os
import statistics
import time

import numpy as np
import onnxruntime
import torch

import onnx_file
from train import averaged


def greatest_difference(net, path, size):
    """Between the network and the file, on a random smooth picture of size (w, h)."""
    torch.manual_seed(0)
    small = torch.rand(1, 3, size[1] // 32, size[0] // 32)
    picture = torch.nn.functional.interpolate(small, size=size[::-1], mode="bicubic").clamp(0, 1)
    with torch.no_grad():
        ours = net(picture).numpy()
    theirs = onnxruntime.InferenceSession(path).run(None, {"image": picture.numpy()})[0]
    return float(np.abs(ours - theirs).max()), float(ours.max())


def seconds(paths, size=(384, 224), rounds=60):
    """Median seconds per picture of each file; the files take turns."""
    import openvino
    core, runs = openvino.Core(), []
    for path in paths:
        model = core.read_model(path)
        model.reshape([1, 3, size[1], size[0]])
        options = {"INFERENCE_NUM_THREADS": 2, "INFERENCE_PRECISION_HINT": "f32"}
        runs.append(core.compile_model(model, "CPU", options).create_infer_request())
    picture = np.random.default_rng(0).random((1, 3, size[1], size[0]), np.float32)
    times = [[] for _ in paths]
    for _ in range(rounds):
        for run, kept in zip(runs, times):
            start = time.perf_counter()
            run.infer([picture])
            kept.append(time.perf_counter() - start)
    return [(statistics.median(t), min(t)) for t in times]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("out")
    parser.add_argument("--float32", action="store_true", help="keep the weights in float32")
    parser.add_argument("--beside", help="another ONNX file to time")
    args = parser.parse_args()
    net = onnx_file.load(args.checkpoint) if args.checkpoint.endswith(".onnx") else \
        averaged(args.checkpoint)
    onnx_file.export(net, args.out, half=not args.float32)
    print(f"{args.out}: {os.path.getsize(args.out)} bytes")
    for size in ((384, 224), (320, 192), (224, 384)):
        print("greatest difference at %dx%d: %.5f (outputs to %.2f)"
              % (*size, *greatest_difference(net, args.out, size)))
    try:
        paths = [args.out] + ([args.beside] if args.beside else [])
        for path, (middle, least) in zip(paths, seconds(paths)):
            print("%s: median %.1f ms, least %.1f ms" % (path, middle * 1000, least * 1000))
    except ImportError:
        print("openvino is not installed: no times")


if __name__ == "__main__":
    main()
