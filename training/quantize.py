# SPDX-License-Identifier: MIT
"""The network in 8 bits, for processors with VNNI: python quantize.py MODEL.onnx OUT.onnx --data FOLDER

Pointwise convolutions of the encoder from stride 8 on, and the last but one layer, compute in
integers; the range of what flows through them is that of rendered pictures and their mirror images.
All else stays float: what comes first and last, where steps of 8 bits would show in the map; and
what gains nothing, since OpenVINO's depthwise convolutions compute in float all the same.
"""
import argparse

import cv2
import nncf
import numpy as np

import data
import onnx_file

FLOAT = ("stem", r"blocks\.[012]/", "depthwise", "top", "context", "fuse", "last", "Resize", "Relu")


def inputs(folders):
    """{"image": float [1, 3, H, W]} of each picture of the folders, and of its mirror image."""
    for held_out in (False, True):
        for _, pairs in sorted(data.rendered_pairs(folders, held_out).items()):
            for jpg, _ in pairs:
                picture = cv2.imread(jpg, cv2.IMREAD_COLOR)[..., ::-1].astype(np.float32) / 255
                planes = picture.transpose(2, 0, 1)[None]
                yield {"image": np.ascontiguousarray(planes)}
                yield {"image": np.ascontiguousarray(planes[..., ::-1])}


def quantized(net, samples):
    """The network as ONNX with pairs of QuantizeLinear and DequantizeLinear, weights as integers.

    Only processors without VNNI add products in 16 bits, which would ask for smaller weights.
    """
    return nncf.quantize(
        onnx_file.traced(net), nncf.Dataset(samples), subset_size=len(samples),
        preset=nncf.QuantizationPreset.MIXED,
        ignored_scope=nncf.IgnoredScope(patterns=[f".*{name}.*" for name in FLOAT]),
        advanced_parameters=nncf.AdvancedQuantizationParameters(
            overflow_fix=nncf.OverflowFix.DISABLE))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help=".onnx of export.py")
    parser.add_argument("out")
    parser.add_argument("--data", nargs="+", required=True,
                        help="folders of render_set.py; a hundred pictures of all kinds will do")
    args = parser.parse_args()
    samples = list(inputs(args.data))
    onnx_file.write(quantized(onnx_file.load(args.model), samples), args.out)
    print(f"{args.out}: ranges from {len(samples)} pictures")


if __name__ == "__main__":
    main()
