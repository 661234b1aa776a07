# SPDX-License-Identifier: MIT
"""Average the weights of checkpoints and ONNX files: python mix.py OUT.pt A.pt=0.5 B.onnx=0.3 ...

Runs that began from the same weights lie in one valley: their mean errs less on photographs, which
none of them has seen, than each does, and loses little on renders. OUT.pt is a checkpoint.
"""
import argparse

import onnx_file
from train import averaged, store


def weights_of(path):
    net = onnx_file.load(path) if path.endswith(".onnx") else averaged(path)
    return net.state_dict()


def mixed(parts):
    """Weighted mean of the weights of [(path, share), ...]."""
    total = sum(share for _, share in parts)
    result = {}
    for path, share in parts:
        for key, value in weights_of(path).items():
            result[key] = result.get(key, 0) + value * (share / total)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("parts", nargs="+", metavar="FILE=SHARE")
    args = parser.parse_args()
    parts = [(path, float(share)) for path, share in (p.rsplit("=", 1) for p in args.parts)]
    ema = mixed(parts)
    store(dict(net=ema, ema=ema, channels=ema["top.weight"].shape[0], step=0, samples=0,
               minutes=0.0), args.out)


if __name__ == "__main__":
    main()
