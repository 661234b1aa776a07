# SPDX-License-Identifier: MIT
"""The network's end as one convolution at half size: a third of the work, the same map.

The last layer is a 3x3 convolution with zeros around it, on a picture that was doubled bilinearly.
Both are linear: each of the four pixels that a cell becomes is a 3x3 convolution of the cells. With
u = U x, doubled along an axis (ends repeated), and S_k u, moved by a tap with zeros beyond the
ends, the layer is the sum over taps of w[j, k] (S_j U) x (S_k U)^T. The convolution of cells does
the same for P_k, which is S_k U where zeros lie around x; E_k = S_k U - P_k touches the two pixels
at either end of an axis alone, and takes its value from the outermost cell:

    S_j U  (x)  S_k U  =  P_j (x) P_k  +  E_j (x) S_k U  +  P_j (x) E_k

So the border is put right by convolutions of single rows and columns, which cost nothing.
"""
import numpy as np
from onnx import helper, numpy_helper

TAPS = (-1, 0, 1)
# What a doubled pixel, counted from a cell's first, has of the cells -1, 0, 1 around that cell.
DOUBLED = {-1: (.75, .25, 0), 0: (.25, .75, 0), 1: (0, .75, .25), 2: (0, .25, .75)}
# P[pixel of two, cell of three, tap], and E[end, pixel of two, tap].
INSIDE = np.array([[[DOUBLED[pixel + tap][cell] for tap in TAPS] for cell in range(3)]
                   for pixel in range(2)])
AT_ENDS = np.array([[[-.25, .25, 0], [.25, 0, 0]], [[0, 0, .25], [0, .25, -.25]]])
# Far beyond all that maps hold. OpenVINO rounds what a convolution says to bfloat16, unless a last
# step in 32 bits follows that it can do on the way: without one, slopes had steps.
CLIP = {"least": -1e4, "most": 1e4}
WEIGHT, BIAS = "last.weight", "last.bias"     # [1, C, 3, 3] and [1], which stay in the file


class Tail:
    """Nodes and constants under construction."""

    def __init__(self, weight, channels):
        self.nodes, self.constants = [], []
        self.channels = channels
        self.flat = self.node("Reshape", weight, self.constant("flat", [channels, 9]))

    def constant(self, name, values):
        values = np.asarray(values)
        kind = np.int64 if values.dtype.kind == "i" else np.float32
        self.constants.append(numpy_helper.from_array(values.astype(kind), f"tail.{name}"))
        return f"tail.{name}"

    def node(self, kind, *inputs, output=None, **attributes):
        output = output or f"/tail/{len(self.nodes)}_{kind}"
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def kernel(self, name, outputs, height, width):
        """Weights [pixels, C, height, width]; outputs is [pixel, height, width, tap, tap]."""
        count = len(outputs)
        matrix = np.asarray(outputs).reshape(count * height * width, 9).T
        x = self.node("MatMul", self.flat, self.constant(f"{name}.taps", matrix))
        shape = [self.channels, count, height * width]
        x = self.node("Reshape", x, self.constant(f"{name}.split", shape))
        x = self.node("Transpose", x, perm=[1, 0, 2])
        shape = [count, self.channels, height, width]
        return self.node("Reshape", x, self.constant(f"{name}.shape", shape))

    def outermost(self, cells, name, axis, end):
        """The first (end 0) or last row or column of cells."""
        where = ([0], [1]) if end == 0 else ([-1], [2 ** 31])
        start, stop = (self.constant(f"{name}.{i}", v) for i, v in zip(("from", "to"), where))
        return self.node("Slice", cells, start, stop, self.constant(f"{name}.axis", [axis]))

    def rows(self, cells, name, end):
        """E_j (x) S_k U: what two rows of pixels lack, [1, 1, 2, W]."""
        x = self.outermost(cells, name, 2, end)
        x = self.node("Resize", x, "", self.constant(f"{name}.scales", [1., 1., 1., 2.]),
                      mode="linear", coordinate_transformation_mode="half_pixel")
        taps = np.einsum("pj,kl->pkjl", AT_ENDS[end], np.eye(3))
        x = self.node("Conv", x, self.kernel(name, taps, 1, 3), kernel_shape=[1, 3],
                      pads=[0, 1, 0, 1])
        return self.node("Reshape", x, self.constant(f"{name}.two", [1, 1, 2, -1]))

    def columns(self, cells, name, end):
        """P_j (x) E_k: what two columns of pixels lack, [1, 1, H, 2]."""
        x = self.outermost(cells, name, 3, end)
        taps = np.einsum("prj,qk->pqrjk", INSIDE, AT_ENDS[end]).reshape(4, 3, 3, 3)
        x = self.node("Conv", x, self.kernel(name, taps, 3, 1), kernel_shape=[3, 1],
                      pads=[1, 0, 1, 0])
        return self.node("DepthToSpace", x, blocksize=2)

    def room(self, pixels):
        """Rows and columns of the map, less two: names of two lists of one number."""
        shape = self.node("Shape", pixels)
        size = self.node("Slice", shape, *(self.constant(f"size.{n}", [v])
                                           for n, v in (("from", 2), ("to", 4))))
        less = self.node("Sub", size, self.constant("two", [2, 2]))
        self.node("Split", less, output="/tail/height")
        self.nodes[-1].output.append("/tail/width")
        return "/tail/height", "/tail/width"

    def add(self, pixels, part, before, behind, output=None):
        """Add part to the map, with so many zeros before and behind it: names, [row, column]."""
        none = "tail.none"
        pads = self.node("Concat", none, none, *before, none, none, *behind, axis=0)
        return self.node("Add", pixels, self.node("Pad", part, pads), output=output)

    def build(self, cells, bias, output):
        taps = np.einsum("prj,qsk->pqrsjk", INSIDE, INSIDE).reshape(4, 3, 3, 3, 3)
        x = self.node("Conv", cells, self.kernel("inside", taps, 3, 3),
                      self.node("Expand", bias, self.constant("four", [4])),
                      kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        x = self.node("Clip", x, *(self.constant(f"clip.{n}", v) for n, v in CLIP.items()))
        x = self.node("DepthToSpace", x, blocksize=2)
        height, width = self.room(x)
        none = self.constant("none", [0])
        x = self.add(x, self.rows(cells, "top", 0), (none, none), (height, none))
        x = self.add(x, self.rows(cells, "bottom", 1), (height, none), (none, none))
        x = self.add(x, self.columns(cells, "left", 0), (none, none), (none, width))
        self.add(x, self.columns(cells, "right", 1), (none, width), (none, none), output)


def merge_double(model):
    """Put the last convolution of the model, and the doubling before it, into one."""
    nodes = model.graph.node
    last = [node for node in nodes if node.op_type == "Conv"][-1]
    resize = next(node for node in nodes if last.input[0] in node.output)
    shape = next(t.dims for t in model.graph.initializer if t.name == last.input[1])
    if list(last.input[1:]) != [WEIGHT, BIAS] or resize.op_type != "Resize" or list(shape[2:]) != [3, 3]:
        raise ValueError("the network does not end in a doubled picture and a 3x3 convolution")
    tail = Tail(WEIGHT, shape[1])
    tail.build(resize.input[0], BIAS, last.output[0])
    kept = []
    for node in nodes:
        kept += tail.nodes if node == last else [] if node == resize else [node]
    used = {name for node in kept for name in node.input}
    constants = [t for t in model.graph.initializer if t.name in used] + tail.constants
    for field, values in ((nodes, kept), (model.graph.initializer, constants)):
        del field[:]
        field.extend(values)
