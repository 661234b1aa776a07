#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""MiDaS v2.1 small with random weights, as the ONNX file that is published: 256x256, RGB in 0..1,
normalisation in the graph. For timing, where the real weights cannot be had.

    midas_small.py OUT.onnx       needs torch, onnx and efficientnet_lite_pytorch

An EfficientNet-Lite3 encoder with features of 32, 48, 136 and 384 channels, four fusion blocks of
64, 128, 256 and 512 channels that halve on the way up, and a head (MiDaS's midas_net_custom.py).
"""
import json
import pathlib
import sys

import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import nn
from torch.nn import functional


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return self.second(torch.relu(self.first(torch.relu(x)))) + x


class Fusion(nn.Module):
    def __init__(self, channels, out):
        super().__init__()
        self.side, self.main = Residual(channels), Residual(channels)
        self.out = nn.Conv2d(channels, out, 1)

    def forward(self, x, side=None):
        if side is not None:
            x = x + self.side(side)
        x = functional.interpolate(self.main(x), scale_factor=2, mode="bilinear",
                                   align_corners=True)
        return self.out(x)


class MidasSmall(nn.Module):
    CHANNELS = 32, 48, 136, 384
    WIDTHS = 64, 128, 256, 512

    def __init__(self):
        super().__init__()
        self.encoder = EfficientNet.from_name("efficientnet-lite3")
        self.reduce = nn.ModuleList(nn.Conv2d(c, w, 3, padding=1, bias=False)
                                    for c, w in zip(self.CHANNELS, self.WIDTHS))
        outs = (64, 64, 128, 256)
        self.fuse = nn.ModuleList(Fusion(w, o) for w, o in zip(self.WIDTHS, outs))
        self.head = nn.Sequential(
            nn.Conv2d(64, 32, 3, padding=1), nn.Upsample(scale_factor=2, mode="bilinear"),
            nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 1, 1), nn.ReLU())
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))

    def features(self, x):
        """The last map of each of the sizes 1/4, 1/8, 1/16 and 1/32."""
        found = {}
        net = self.encoder
        x = functional.relu6(net._bn0(net._conv_stem(x)))
        for block in net._blocks:
            x = block(x)
            found[int(x.shape[-1])] = x
        return [found[size] for size in sorted(found, reverse=True)][-4:]

    def forward(self, x):
        sides = [r(f) for r, f in zip(self.reduce, self.features((x - self.mean) / self.std))]
        y = self.fuse[3](sides[3])
        for i in (2, 1, 0):
            y = self.fuse[i](y, sides[i])
        return self.head(y).squeeze(1)


def main():
    path = pathlib.Path(sys.argv[1])
    torch.manual_seed(1)
    net = MidasSmall().eval()
    torch.onnx.export(net, torch.zeros(1, 3, 256, 256), str(path), opset_version=17,
                      input_names=["image"], output_names=["inverse_depth"], dynamo=False)
    path.with_suffix(".json").write_text(json.dumps(
        {"size": 256, "fit": "exact", "normalisation": "inside", "output": "inverse_depth"}))
    print(f"{sum(p.numel() for p in net.parameters()) / 1e6:.1f} million weights")


if __name__ == "__main__":
    main()
