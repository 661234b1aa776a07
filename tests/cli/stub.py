# SPDX-License-Identifier: MIT
"""Writes ONNX files without the onnx package: networks that undo an entry's normalisation and weigh
the colours, so that what comes out of relief tells what it fed them."""

import struct

FLOAT, INT64, HALF = 1, 7, 10  # TensorProto.DataType
WEIGHTS = (0.5, 0.3, 0.2)      # of red, green, blue


def varint(number):
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def field(number, value):
    """One field of a protobuf message: int, float, str, bytes, or a list of these."""
    if isinstance(value, list):
        return b"".join(field(number, one) for one in value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def pack(kind, values):
    return b"".join(struct.pack({FLOAT: "<f", INT64: "<q", HALF: "<e"}[kind], v) for v in values)


def tensor(name, kind, shape, values, beside=None):
    """TensorProto; with `beside` (a file's name and a bytearray) the values go into that file."""
    data = pack(kind, values)
    head = field(1, list(shape)) + field(2, kind) + field(8, name)
    if not beside:
        return head + field(9, data)
    file, content = beside
    entries = {"location": file, "offset": str(len(content)), "length": str(len(data))}
    content += data
    return head + field(13, [field(1, k) + field(2, v) for k, v in entries.items()]) + field(14, 1)


def info(name, kind, shape):
    """ValueInfoProto; sides that are text are free."""
    dims = [field(2, side) if isinstance(side, str) else field(1, side) for side in shape]
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, field(1, dims))))


def node(kind, inputs, outputs, **attributes):
    packed = []
    for key, value in attributes.items():
        if isinstance(value, int):
            packed.append(field(1, key) + field(3, value) + field(20, 2))
        else:
            packed.append(field(1, key) + field(8, list(value)) + field(20, 7))
    return field(1, inputs) + field(2, outputs) + field(4, kind) + field(5, packed)


def network(path, inputs, outputs, shape, result, mean, std, *, kind=FLOAT, near_is_small=False,
            beside=None):
    """picture = clip(input * std + mean); map = 0.1 + picture^2 . WEIGHTS, or one over that.

    `shape` is the input's, channels before rows; `result` the map's. What is normalised twice, or
    not at all, does not survive clip and square. `outputs` names the map last; the others are something
    else of the same shape. `beside` is the name of a file for the weights.
    """
    axis = len(shape) - 3
    sides = [1] * axis + [3, 1, 1]
    content = bytearray()
    where = (beside, content) if beside else None
    one = [1] * len(sides)
    constants = [
        tensor("std", kind, sides, std, where), tensor("mean", kind, sides, mean, where),
        tensor("weights", kind, sides, WEIGHTS, where), tensor("zero", kind, [], [0.0]),
        tensor("full", kind, [], [1.0]), tensor("tenth", kind, one[:1], [0.1]),
        tensor("axis", INT64, [1], [axis]),
    ]
    nodes = [
        node("Mul", [inputs, "std"], ["scaled"]), node("Add", ["scaled", "mean"], ["moved"]),
        node("Clip", ["moved", "zero", "full"], ["picture"]),
        node("Mul", ["picture", "picture"], ["squared"]),
        node("Mul", ["squared", "weights"], ["weighed"]),
        node("ReduceSum", ["weighed", "axis"], ["sum"], keepdims=int(len(result) == len(shape))),
        node("Add", ["sum", "tenth"], ["near"]),
        node("Reciprocal" if near_is_small else "Identity", ["near"], [outputs[-1]]),
    ]
    nodes += [node("Neg", ["near"], [name]) for name in outputs[:-1]]
    graph = (field(1, nodes) + field(2, "stub") + field(5, constants) +
             field(11, info(inputs, kind, shape)) +
             field(12, [info(name, kind, result) for name in outputs]))
    model = field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))
    path.write_bytes(model)
    if beside:
        (path.parent / beside).write_bytes(content)


def ir(path, side, mean, std):
    """The same as OpenVINO IR: `path` is the XML, the weights lie beside it as .bin."""
    content, layers, edges = bytearray(), [], []

    def port(number, dims, inner=""):
        return f'<port id="{number}" precision="FP32">{inner}' + "".join(
            f"<dim>{d}</dim>" for d in dims) + "</port>"

    def layer(kind, name, data, inputs, dims, kind_of_port="FP32"):
        """Appends it; `inputs` are (layer, its output port, dims)."""
        number = len(layers)
        into = "".join(port(i, d) for i, (_, _, d) in enumerate(inputs))
        out = port(len(inputs), dims).replace("FP32", kind_of_port) if dims is not None else ""
        layers.append(f'<layer id="{number}" name="{name}" type="{kind}" version="opset1">{data}'
                      + (f"<input>{into}</input>" if inputs else "")
                      + (f"<output>{out}</output>" if out else "") + "</layer>")
        for i, (source, source_port, _) in enumerate(inputs):
            edges.append(f'<edge from-layer="{source}" from-port="{source_port}" '
                         f'to-layer="{number}" to-port="{i}"/>')
        return number, len(inputs), dims

    def constant(name, kind, dims, values):
        data = pack(kind, values)
        word = "f32" if kind == FLOAT else "i64"
        row = (f'<data element_type="{word}" shape="{",".join(map(str, dims))}" '
               f'offset="{len(content)}" size="{len(data)}"/>')
        content.extend(data)
        return layer("Const", name, row, [], dims, "FP32" if kind == FLOAT else "I64")

    def join(kind, name, a, b, dims):
        return layer(kind, name, '<data auto_broadcast="numpy"/>', [a, b], dims)

    full = [1, 3, side, side]
    picture = layer("Parameter", "input", '<data shape="{}" element_type="f32"/>'.format(
        ",".join(map(str, full))), [], full)
    scaled = join("Multiply", "scaled", picture, constant("std", FLOAT, [1, 3, 1, 1], std), full)
    moved = join("Add", "moved", scaled, constant("mean", FLOAT, [1, 3, 1, 1], mean), full)
    clipped = layer("Clamp", "picture", '<data min="0" max="1"/>', [moved], full)
    squared = join("Multiply", "squared", clipped, clipped, full)
    weighed = join("Multiply", "weighed", squared, constant("weights", FLOAT, [1, 3, 1, 1], WEIGHTS),
                   full)
    near = layer("ReduceSum", "near", '<data keep_dims="false"/>',
                 [weighed, constant("axis", INT64, [1], [1])], [1, side, side])
    layer("Result", "result", "", [near], None)
    path.write_text('<?xml version="1.0"?><net name="stub" version="11"><layers>'
                    + "".join(layers) + "</layers><edges>" + "".join(edges) + "</edges></net>")
    path.with_suffix(".bin").write_bytes(content)
