# SPDX-License-Identifier: MIT
"""A scene under construction: shapes, random choice, placement.

+Y is up, lengths are metres, the camera looks towards -Z.
"""
import math
import random
from dataclasses import dataclass, field

import cv2
import numpy as np

from assets import Part
from raster import Camera

OUTDOORS = """
hilly_terrain_01 immenstadter_horn kloppenheim_05 noon_grass rooitou_park sunset_pmndrs forest_slope
spiaggia_di_mondello kiara_1_dawn potsdamer_platz modern_buildings_2 venice_sunset chinese_garden
sky_pmndrs sunrise_pmndrs adams_place_bridge royal_esplanade
""".split()
INDOORS = """
lebombo lythwood_room anniversary_lounge vestibule workshop_pmndrs brown_photostudio_02 dancing_hall
brown_photostudio_06 st_fagans_interior blocky_photo_studio autoshop_01 studio_small_03
blue_photo_studio empty_warehouse_01
""".split()
NIGHTS = ["narrow_moonlit_road", "dikhololo_night"]
PAVED = ("pavingstone", "ground", "concrete", "gravel", "asphalt")
GREEN = ("grass", "ground", "moss", "sand", "leaves")
FLOORS = ("wood", "tile", "carpet", "marble", "planks")
WALLS = ("plaster", "wallpaper", "paint", "bricks", "concrete")


@dataclass
class Scene:
    kind: str
    panorama: np.ndarray = None         # linear radiance [h, w, 3]
    yaw: float = 0.0                    # of the panorama, radians
    # (parts, 4x4 matrix, None or (RGBA, its repeats per metre))
    instances: list = field(default_factory=list)
    movers: list = field(default_factory=list)      # (index of the instance, its manifest row)
    clear: list = field(default_factory=list)       # instances seen through, as glass is
    lights: list = field(default_factory=list)      # (place [3], colour [3]), at most 8
    sky_gain: float = 1.0               # brightness of the panorama and of its light
    enclosed: float = 0.0               # 1: indoors, ambient light from all sides
    roam: float = 1.0                   # how far other views step aside; small where walls are near
    cameras: list = field(default_factory=list)


def transform(x=0, y=0, z=0, yaw=0.0, scale=1.0):
    c, s = math.cos(yaw) * scale, math.sin(yaw) * scale
    return np.array([[c, 0, s, x], [0, scale, 0, y], [-s, 0, c, z], [0, 0, 0, 1]], np.float32)


def quad(corners, texture, metres=1.0, roughness=0.85, fit=False):
    """Rectangle from 4 corners, counter-clockwise; the texture repeats every `metres`, or fits."""
    p = np.array(corners, np.float32)
    across, along = p[1] - p[0], p[3] - p[0]
    u, v = (1, 1) if fit else (np.linalg.norm(across) / metres, np.linalg.norm(along) / metres)
    normal = np.cross(across, along)
    normals = np.tile(normal / np.linalg.norm(normal), (4, 1)).astype(np.float32)
    uv = np.array([[0, v], [u, v], [u, 0], [0, 0]], np.float32)
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    return Part(p, normals, triangles, uv, texture=texture, roughness=roughness)


def upright(start, end, low, high, texture, metres=2.5, **options):
    """Vertical rectangle between two (x, z) points; seen from its front, start is on the left."""
    (x0, z0), (x1, z1) = start, end
    corners = [(x0, low, z0), (x1, low, z1), (x1, high, z1), (x0, high, z0)]
    return quad(corners, texture, metres, **options)


def level(half, near, far, y, texture, metres=2.0):
    """Horizontal rectangle, 2 * half wide, from z = near to z = far."""
    corners = [(-half, y, near), (half, y, near), (half, y, far), (-half, y, far)]
    return quad(corners, texture, metres)


def box(centre, size, texture, metres=1.0):
    """Box standing on `centre` (x, y of its bottom, z)."""
    (x, y, z), (w, h, d) = centre, (size[0] / 2, size[1], size[2] / 2)
    c = [(x + i * w, y + j * h, z + k * d) for j in (0, 1)
          for i, k in ((-1, 1), (1, 1), (1, -1), (-1, -1))]
    faces = ((0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7), (4, 5, 6, 7), (3, 2, 1, 0))
    return [quad([c[i] for i in f], texture, metres) for f in faces]


def plain(colour, spread=0.0, rng=None, size=64):
    """Swatch of one colour (sRGB 0..255) with a little cloudiness: RGBA [size, size, 4]."""
    picture = np.full((size, size, 4), 255, np.float32)
    picture[..., :3] = colour
    if spread:
        noise = np.random.default_rng(rng.randrange(1 << 30)).normal(size=(8, 8, 1))
        noise = cv2.resize(noise.astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
        picture[..., :3] += noise[..., None] * spread
    return np.clip(picture, 0, 255).astype(np.uint8)


def ball(picture, radius, repeats=1, steps=24):
    """Sphere around the origin."""
    v, w = np.meshgrid(np.linspace(0, np.pi, steps), np.linspace(0, 2 * np.pi, steps * 2))
    n = np.stack([np.sin(v) * np.cos(w), np.cos(v), np.sin(v) * np.sin(w)], -1)
    n = n.reshape(-1, 3).astype(np.float32)
    i = np.arange(len(n)).reshape(v.shape)
    a, c, d, e = i[:-1, :-1].ravel(), i[1:, :-1].ravel(), i[1:, 1:].ravel(), i[:-1, 1:].ravel()
    triangles = np.concatenate([np.stack([a, c, d], 1), np.stack([a, d, e], 1)]).astype(np.int32)
    return Part(n * np.float32(radius), n, triangles, n[:, [0, 2]] * np.float32(repeats),
                texture=picture, roughness=0.9)


def named(*starts):
    return lambda row: row["id"].startswith(starts)


def sized(low, high, width=99.0):
    """Height between `low` and `high` metres, no wider than `width`."""
    return lambda row: low < row["size"][1] < high and max(row["size"][0], row["size"][2]) < width


def posed(*poses):
    return lambda row: any(p in row["id"] for p in poses)


def along_road(b):
    """Heading of a vehicle on a road along z: the longer side of the model goes that way."""
    def heading(row):
        turn = math.pi / 2 if row["size"][0] > row["size"][2] else 0
        return b.rng.choice([0, math.pi]) + turn
    return heading


class Builder:
    """A scene under construction: random choice, placement without overlap, simple shapes."""

    def __init__(self, library, kind, seed):
        self.library, self.rng, self.scene = library, random.Random(f"{kind} {seed}"), Scene(kind)
        self.taken = []                        # (x, z, radius) of what stands already

    def light(self, names, **settings):
        self.scene.panorama = self.library.panorama(self.rng.choice(names))
        self.scene.yaw = self.rng.uniform(0, 2 * math.pi)
        for key, value in settings.items():
            setattr(self.scene, key, value)

    def texture(self, words):
        return self.library.texture(self.rng.choice(self.library.textures(*words)))

    def add(self, parts, matrix=None, swatch=None):
        parts = parts if isinstance(parts, (list, tuple)) else [parts]
        self.scene.instances.append((parts, transform() if matrix is None else matrix, swatch))

    def pick(self, categories, test=lambda row: True, realistic=0.6):
        """Random model; low-poly ones are passed over with probability `realistic`."""
        rows = [r for c in categories.split() for r in self.library.categories[c] if test(r)]
        fine = [r for r in rows if r["realistic"]]
        return self.rng.choice(fine if fine and self.rng.random() < realistic else rows)

    def put(self, row, x, z, y=0.0, yaw=None, scale=1.0):
        """Stand a model on (x, y, z). Plain models get a random swatch half of the time."""
        rng = self.rng
        yaw = rng.uniform(0, 2 * math.pi) if yaw is None else yaw
        swatch = None
        if not row["realistic"] and rng.random() < 0.5:
            words = "fabric", "wood", "metal", "rock", "plaster", "bricks", "leather"
            picture = self.texture(words)
            swatch = picture, rng.uniform(0.7, 2) / max(0.05, max(row["size"]) / 2)
        self.scene.movers.append((len(self.scene.instances), row))
        self.add(self.library.model(row["file"]), transform(x, y, z, yaw, scale), swatch)
        if "sit_chair" in row["id"]:           # the seat that the pose needs
            seat = 0.32 * row["size"][1]
            block = box((0, 0, 0), (0.4, seat, 0.4), self.texture(FLOORS), 0.5)
            self.add(block, transform(x, y, z, yaw))

    def free(self, x, z, radius):
        return all(math.hypot(x - a, z - b) > radius + r for a, b, r in self.taken)

    def scatter(self, count, choose, where, height=lambda x, z: 0.0, yaw=None, tries=6):
        """Place `count` models of choose() at where() -> (x, z), none through another."""
        for _ in range(count):
            row = choose()
            radius = 0.4 * max(row["size"][0], row["size"][2])
            for _ in range(tries):
                x, z = where()
                if self.free(x, z, radius):
                    self.taken.append((x, z, radius))
                    self.put(row, x, z, height(x, z), yaw(row) if yaw else None)
                    break

    def some(self, count, where, categories, test=lambda row: True, realistic=0.6, **placing):
        """scatter() of models that pick() chooses."""
        self.scatter(count, lambda: self.pick(categories, test, realistic), where, **placing)

    def within(self, x0, x1, z0, z1):
        """Function giving random (x, z) in a rectangle."""
        return lambda: (self.rng.uniform(x0, x1), self.rng.uniform(z0, z1))

    def floor(self, half, far, words, metres=2.0, y=0.0, near=20.0):
        self.add(level(half, near, -far, y, self.texture(words), metres))

    def terrain(self, size, amplitude, words, cells=160):
        """Height field of `size` metres, flat around the origin. Returns height(x, z)."""
        noise, n = np.random.default_rng(self.rng.randrange(1 << 30)), cells + 1
        h = sum(cv2.resize(noise.normal(size=(2 ** o + 3,) * 2).astype(np.float32), (n, n),
                           interpolation=cv2.INTER_CUBIC) * amplitude * 0.5 ** o for o in range(6))
        axis = np.linspace(-size / 2, size / 2, n)
        x, z = np.meshgrid(axis, axis)
        h = (h - h[n // 2, n // 2]) * np.clip((np.hypot(x, z) - 3) / 20, 0, 1)
        slope_z, slope_x = np.gradient(h, axis[1] - axis[0])
        normals = np.stack([-slope_x, np.ones_like(h), -slope_z], -1).reshape(-1, 3)
        points = np.stack([x, h, z], -1).reshape(-1, 3).astype(np.float32)
        i = np.arange(n * n).reshape(n, n)
        a, b, c, d = i[:-1, :-1].ravel(), i[1:, :-1].ravel(), i[1:, 1:].ravel(), i[:-1, 1:].ravel()
        triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        self.add(Part(points, normals.astype(np.float32), triangles.astype(np.int32),
                      points[:, [0, 2]] / np.float32(3), texture=self.texture(words),
                      roughness=0.95))
        nearest = lambda v: int(np.clip(round((v + size / 2) / size * cells), 0, cells))
        return lambda x, z: float(h[nearest(z), nearest(x)]) - 0.05

    def around(self, near, far, half_angle):
        """Function giving random (x, z) in front of the camera, near ones oftener than far ones."""
        def where():
            angle = self.rng.uniform(-half_angle, half_angle)
            away = max(near, self.rng.uniform(near, far) * self.rng.uniform(0.5, 1))
            return away * math.sin(angle), -away * math.cos(angle)
        return where

    def camera(self, eye, target, fov, roll=0.0):
        return Camera(tuple(eye), tuple(target), fov,
                      roll or self.rng.choice([0, 0, self.rng.gauss(0, 4)]))
