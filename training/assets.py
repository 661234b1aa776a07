# SPDX-License-Identifier: MIT
"""The asset library: manifest, glb models, textures, panoramas. Metres, +Y up, linear light."""
import csv
import functools
import json
import os
import struct
import zipfile
from dataclasses import dataclass

import cv2
import numpy as np

DEFAULT_FOLDER = os.environ.get("RELIEF_ASSETS", "assets")
COMPONENTS = {5120: np.int8, 5121: np.uint8, 5122: np.int16, 5123: np.uint16,
              5125: np.uint32, 5126: np.float32}
NOT_COLOUR = {"acg_fabric_056"}         # a normal map that got among the swatches
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}


@dataclass(eq=False)
class Part:
    """Triangles of one material. n vertices, t triangles; colours are linear."""
    positions: np.ndarray               # float32 [n, 3], metres
    normals: np.ndarray                 # float32 [n, 3]
    triangles: np.ndarray               # int32 [t, 3]
    uv: np.ndarray = None               # float32 [n, 2]; v = 0 is the texture's top row
    colours: np.ndarray = None          # float32 [n, 3] or None for white
    texture: np.ndarray = None          # uint8 sRGB RGBA [h, w, 4] or None
    masked: bool = False                # alpha below 0.5 is a hole
    roughness: float = 0.8
    metalness: float = 0.0


def decode(data):
    """Encoded picture -> uint8 sRGB RGBA [h, w, 4]."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture.dtype != np.uint8:
        picture = (picture / 257).astype(np.uint8)
    convert = {2: cv2.COLOR_GRAY2RGBA, 3: cv2.COLOR_BGR2RGBA}
    code = convert[2] if picture.ndim == 2 else convert.get(picture.shape[2], cv2.COLOR_BGRA2RGBA)
    return cv2.cvtColor(picture, code)


def to_linear(srgb):
    """uint8 sRGB -> float32 linear light."""
    a = srgb.astype(np.float32) / 255
    return np.where(a <= 0.04045, a / 12.92, ((a + 0.055) / 1.055) ** 2.4).astype(np.float32)


class Glb:
    """Reader for the library's glb files: one node, quantised attributes, no skins."""

    def __init__(self, data):
        length, = struct.unpack("<I", data[12:16])
        self.json, self.data = json.loads(data[20:20 + length]), data[28 + length:]

    def bytes_of(self, view):
        start = view.get("byteOffset", 0)
        return self.data[start:start + view["byteLength"]]

    def accessor(self, index):
        """Array [count, components]; normalised integers become -1..1 or 0..1 floats."""
        a = self.json["accessors"][index]
        view = self.json["bufferViews"][a["bufferView"]]
        kind = np.dtype(COMPONENTS[a["componentType"]])
        width = WIDTHS[a["type"]] * kind.itemsize
        stride = view.get("byteStride", width)
        rows = np.frombuffer(self.bytes_of(view), np.uint8, a["count"] * stride,
                             a.get("byteOffset", 0))
        values = rows.reshape(-1, stride)[:, :width].copy().view(kind)
        return values / np.float32(np.iinfo(kind).max) if a.get("normalized") else values

    @functools.lru_cache(maxsize=None)
    def texture(self, index):
        image = self.json["images"][self.json["textures"][index]["source"]]
        return decode(self.bytes_of(self.json["bufferViews"][image["bufferView"]]))

    def part(self, primitive):
        node, attributes = self.json["nodes"][0], primitive["attributes"]
        material = self.json["materials"][primitive["material"]]
        surface = material["pbrMetallicRoughness"]
        scale = np.float32(node.get("scale", [1])[0])
        shift = np.float32(node.get("translation", [0, 0, 0]))
        get = lambda name: self.accessor(attributes[name]) if name in attributes else None
        colours, picture = get("COLOR_0"), surface.get("baseColorTexture")
        return Part(positions=get("POSITION") * scale + shift,
                    normals=get("NORMAL"), uv=get("TEXCOORD_0"),
                    triangles=self.accessor(primitive["indices"]).reshape(-1, 3).astype(np.int32),
                    colours=None if colours is None else colours[:, :3],
                    texture=None if picture is None else self.texture(picture["index"]),
                    masked=material.get("alphaMode") == "MASK",
                    roughness=surface["roughnessFactor"], metalness=surface["metallicFactor"])


class Library:
    """Everything in the archives; models stay decoded (the last `keep` of them)."""

    def __init__(self, folder=DEFAULT_FOLDER, keep=400):
        self.folder, self.archives, self.categories = folder, {}, {}
        with open(os.path.join(folder, "MANIFEST.tsv"), newline="") as f:
            for row in csv.DictReader(f, delimiter="\t"):
                row["size"] = [float(row[f"size_{k}_m"] or 0) for k in "xyz"]
                row["realistic"] = "low-poly" not in row["note"]
                self.categories.setdefault(row["category"], []).append(row)
        self.model = functools.lru_cache(keep)(self._model)
        self.texture = functools.lru_cache(64)(self._texture)
        self.panorama = functools.lru_cache(None)(self._panorama)

    def read(self, member):
        archive, name = member.split("/", 1)
        if archive not in self.archives:
            self.archives[archive] = zipfile.ZipFile(os.path.join(self.folder, archive))
        return self.archives[archive].read(name)

    def _model(self, member):
        """"people.zip/NAME.glb" -> tuple of Part."""
        glb = Glb(self.read(member))
        parts = tuple(glb.part(p) for p in glb.json["meshes"][0]["primitives"])
        for part in parts:                     # cloth and skin are never glossy
            part.roughness = max(part.roughness, 0.95 if member.startswith("people") else 0.3)
            part.metalness = min(part.metalness, 0.0 if member.startswith("people") else 1.0)
        return parts

    def _texture(self, name):
        return decode(self.read(f"textures.zip/{name}.jpg"))

    def textures(self, *words):
        """Names of the textures and swatches whose name holds one of the words."""
        rows = self.categories["texture"] + self.categories["swatch"]
        return [r["id"] for r in rows if any(w in r["id"]
                                             for w in words) and r["id"] not in NOT_COLOUR]

    def panorama_picture(self, name):
        """The panorama as displayed: uint8 sRGB RGBA [512, 1024, 4]."""
        return decode(self.read(f"panoramas.zip/{name}.jpg"))

    def _panorama(self, name):
        """Radiance, float32 [512, 1024, 3]: the sharp jpg, and the .hdr where the jpg is white."""
        sharp = to_linear(self.panorama_picture(name)[..., :3])
        packed = np.frombuffer(self.read(f"panoramas.zip/{name}.hdr"), np.uint8)
        bright = cv2.imdecode(packed, cv2.IMREAD_UNCHANGED)[..., ::-1]
        bright = np.maximum(cv2.resize(bright, sharp.shape[1::-1]), sharp)
        weight = np.clip((sharp.max(2, keepdims=True) - 0.9) / 0.1, 0, 1)
        return sharp * (1 - weight) + bright * weight
