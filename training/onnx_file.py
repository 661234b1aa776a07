# SPDX-License-Identifier: MIT
"""The network as an ONNX file, there and back: the shipped model is also a checkpoint.

Weights are stored in half precision with a Cast in front, which halves the file; runtimes fold the
casts away when they load it, and all arithmetic stays float32.
"""
import io

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from net import Context, DepthNet
from onnx_tail import BIAS, WEIGHT, merge_double

LEAST = 64          # smaller tensors stay float32: they save nothing


def layers_in_order(net):
    """The network's convolutions in the order in which they run: also that of the ONNX graph."""
    order, hooks = [], []
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d):
            hooks.append(layer.register_forward_hook(lambda module, *_: order.append(module)))
    with torch.no_grad():
        net(torch.zeros(1, 3, 64, 64))
    for hook in hooks:
        hook.remove()
    return order


def arrays_of(model):
    """{name: float32 array} of all weights, looking through casts and names of equal ones."""
    stored = {t.name: numpy_helper.to_array(t).astype(np.float32) for t in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type in ("Cast", "Identity") and node.input[0] in stored:
            stored[node.output[0]] = stored[node.input[0]]
    return stored


def stored_pairs(model, arrays):
    """Names of weight and bias of each convolution in order, "" where there is no bias.

    merge_double() computes kernels from the last convolution's weight, which it keeps.
    """
    pairs = [(*node.input[1:], "")[:2] for node in model.graph.node if node.op_type == "Conv"]
    stored = [pair for pair in pairs if pair[0] in arrays]
    return stored if len(stored) == len(pairs) else stored + [(WEIGHT, BIAS)]


@torch.no_grad()
def load(path):
    """DepthNet with the weights of an ONNX file that export() wrote, in float32 and eval mode.

    A file from before Context was there gives a network that computes the same, with Context.
    """
    model = onnx.load(path)
    arrays = arrays_of(model)
    pairs = stored_pairs(model, arrays)
    channels = arrays[pairs[-2][0]].shape[1]
    net, wide = DepthNet(channels), Context.KERNEL
    layers = layers_in_order(net)
    if not any(arrays[weight].shape[-1] == wide for weight, _ in pairs):
        inside = {layer for block in net.context for layer in block.modules()}
        layers = [layer for layer in layers if layer not in inside]
    for layer, (weight, bias) in zip(layers, pairs, strict=True):
        layer.weight.copy_(torch.from_numpy(arrays[weight]))
        if layer.bias is not None:
            layer.bias.copy_(torch.from_numpy(arrays[bias]))
    return net.eval()


def store_half(model):
    """Replace the larger weights of the model by float16 ones and a Cast each."""
    casts = []
    for tensor in model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or array.size < LEAST:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(array.astype(np.float16), name + "_half"))
        casts.append(helper.make_node("Cast", [name + "_half"], [name], to=TensorProto.FLOAT))
    for node in reversed(casts):
        model.graph.node.insert(0, node)


def merge_padding(model, net):
    """Give each convolution the padding that runs before it, and drop what nobody uses then.

    PyTorch writes a one-sided padding as a dozen nodes; ONNX convolutions know it themselves.
    """
    made_by = {output: node for node in model.graph.node for output in node.output}
    nodes = [n for n in model.graph.node if n.op_type == "Conv"]
    for layer, node in zip(layers_in_order(net), nodes, strict=True):
        pad = made_by.get(node.input[0])
        if pad is not None and pad.op_type == "Pad":
            left, right, top, bottom = layer.border
            node.input[0] = pad.input[0]
            next(a for a in node.attribute if a.name == "pads").ints[:] = [top, left, bottom, right]
    used, kept = {output.name for output in model.graph.output}, []
    for node in reversed(model.graph.node):
        if used & set(node.output):
            used |= set(node.input)
            kept.append(node)
    del model.graph.node[:]
    model.graph.node.extend(reversed(kept))


def traced(net):
    """The network in ONNX, layer for layer, with whole weights."""
    stream = io.BytesIO()
    axes = {"image": {2: "height", 3: "width"}, "inverse_depth": {1: "height", 2: "width"}}
    torch.onnx.export(net.eval().cpu(), (torch.rand(1, 3, 224, 384),), stream,
                      input_names=["image"], output_names=["inverse_depth"], dynamic_axes=axes,
                      opset_version=17, dynamo=False)
    model = onnx.load_from_string(stream.getvalue())
    merge_padding(model, net)
    return model


def write(model, path, half=True):
    """Write what traced() gave: input `image` [1,3,H,W], output `inverse_depth` [1,H,W]."""
    merge_double(model)
    if half:
        store_half(model)
    model.metadata_props.add(key="input", value="RGB 0..1, multiples of 32, no normalisation")
    model.metadata_props.add(key="output", value="relative inverse depth, larger is nearer")
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def export(net, path, half=True):
    """Write ONNX: input `image` [1,3,H,W], output `inverse_depth` [1,H,W], H and W dynamic."""
    write(traced(net), path, half)
