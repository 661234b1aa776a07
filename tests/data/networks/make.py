#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the tiny networks beside it, which the depth tests read. Needs the onnx package.

All but the refused ones weigh the channels: map = R / 2 + G / 4 + B / 8.
"""
import os

import numpy as np
from onnx import TensorProto as T, checker, helper, numpy_helper, save

HERE = os.path.dirname(os.path.abspath(__file__))
WEIGHTS = np.array([0.5, 0.25, 0.125], np.float32)


def write(name, nodes, inputs, outputs, constants=(), kind=T.FLOAT):
    graph = helper.make_graph(
        nodes, "tiny",
        [helper.make_tensor_value_info(n, kind, s) for n, s in inputs],
        [helper.make_tensor_value_info(n, kind, s) for n, s in outputs],
        [numpy_helper.from_array(a, n) for n, a in constants])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    checker.check_model(model)
    save(model, os.path.join(HERE, name + ".onnx"))


def weigh(name, shape, axis, result, keep, kind=T.FLOAT, half=False):
    """A network over pictures of this shape whose channels lie along `axis`."""
    sides = [1] * len(shape)
    sides[axis] = 3
    weights = WEIGHTS.reshape(sides).astype(np.float16 if half else np.float32)
    write(name,
          [helper.make_node("Mul", ["image", "weights"], ["weighed"]),
           helper.make_node("ReduceSum", ["weighed", "axis"], ["map"], keepdims=keep)],
          [("image", shape)], [("map", result)],
          [("weights", weights), ("axis", np.array([axis], np.int64))], kind)


weigh("free", [1, 3, "height", "width"], 1, [1, "height", "width"], 0)
weigh("flat", [3, 32, 64], 0, [32, 64], 0)
weigh("last", [1, 32, 64, 3], 3, [1, 32, 64, 1], 1)
weigh("half", [1, 3, 32, 64], 1, [1, 1, 32, 64], 1, T.FLOAT16, True)

# Five dimensions, and two outputs of which the second is the map.
write("five",
      [helper.make_node("Mul", ["image", "weights"], ["weighed"]),
       helper.make_node("ReduceSum", ["weighed", "axis"], ["predicted_depth"], keepdims=0),
       helper.make_node("Neg", ["predicted_depth"], ["confidence"])],
      [("image", ["batch", 1, 3, 28, 56])],
      [("confidence", ["batch", 1, 28, 56]), ("predicted_depth", ["batch", 1, 28, 56])],
      [("weights", WEIGHTS.reshape(1, 1, 3, 1, 1)), ("axis", np.array([2], np.int64))])

# 1 / 0 and 0 / 0 where the picture is black.
write("holes",
      [helper.make_node("Mul", ["image", "weights"], ["weighed"]),
       helper.make_node("ReduceSum", ["weighed", "axis"], ["sum"], keepdims=0),
       helper.make_node("Div", ["sum", "sum"], ["one"]),
       helper.make_node("Div", ["one", "sum"], ["map"])],
      [("image", [1, 3, 32, 64])], [("map", [1, 32, 64])],
      [("weights", WEIGHTS.reshape(1, 3, 1, 1)), ("axis", np.array([1], np.int64))])

# Not picture -> map.
write("vector", [helper.make_node("Neg", ["x"], ["y"])], [("x", [1, 8])], [("y", [1, 8])])
write("classes", [helper.make_node("GlobalAveragePool", ["image"], ["scores"])],
      [("image", [1, 3, 32, 32])], [("scores", [1, 3, 1, 1])])
write("pair", [helper.make_node("Add", ["left", "right"], ["map"])],
      [("left", [1, 3, 32, 32]), ("right", [1, 3, 32, 32])], [("map", [1, 3, 32, 32])])
write("grey", [helper.make_node("Neg", ["image"], ["map"])],
      [("image", [1, 1, 32, 32])], [("map", [1, 1, 32, 32])])
