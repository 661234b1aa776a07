# SPDX-License-Identifier: MIT
"""Kinds of scene, first part: streets, rooms, tables, landscapes, crowds, portraits, the air.

A kind is a function Builder -> Camera. `builder.py` has what they are made of.
"""
import math

import numpy as np

from builder import (FLOORS, GREEN, INDOORS, NIGHTS, OUTDOORS, PAVED, WALLS, along_road, box, level,
                     named, posed, sized, upright)


def street(b):
    u = b.rng.uniform
    if b.scene.panorama is None:
        b.light(OUTDOORS)
    b.floor(60, 140, PAVED, 3)
    b.floor(4, 140, ("asphalt", "road"), 4, y=0.02)
    odd = posed("collapsed", "crane", "watertower")
    house = lambda r: sized(4, 30, 34)(r) and not odd(r)
    for side in (-1, 1):
        z = u(-4, 6)
        while z > -100:
            row = b.pick("buildings", house, 0.4)
            width = max(row["size"][0], row["size"][2])
            turn = b.rng.randrange(4) * math.pi / 2
            b.put(row, side * (8.5 + width / 2), z - width / 2, yaw=turn)
            z -= width + u(0.5, 6)
        place = lambda low, high, far: lambda: (side * u(low, high), -u(0, far))
        b.some(7, place(4.6, 6.2, 60), "street", sized(0.4, 9, 7))
        car = lambda r: sized(1, 3.5, 7)(r) and max(r["size"]) > 3
        b.some(5, place(2.0, 2.8, 70), "vehicles", car, yaw=along_road(b))
        b.some(8, place(4.4, 7.5, 35), "people", posed("stand", "walk", "wave"))
        b.some(4, place(6.5, 7.5, 60), "plants", named("tree_"))
    return b.camera((u(-2.5, 2.5), u(1.0, 2.6), 6), (u(-3, 3), u(0.5, 3), -20), u(45, 75))


def shell(b, w, d, h, ceiling, window):
    """Walls around x = +-w/2, z = +-d/2; the window side (+x) may be open above 0.9 m."""
    wall, x, z = b.texture(WALLS), w / 2, d / 2
    b.add(level(x, z, -z, 0, b.texture(FLOORS)))
    b.add(upright((-x, -z), (x, -z), 0, h, wall))
    b.add(upright((x, z), (-x, z), 0, h, wall))
    b.add(upright((-x, z), (-x, -z), 0, h, wall))
    b.add(upright((x, -z), (x, z), 0, 0.9 if window else h, wall))
    if window:
        for k in range(4):
            b.add(box((x, 0.9, -z + d * k / 3), (0.12, h - 0.9, 0.12 + 0.3 * (k % 3 == 0)), wall))
    if ceiling:
        b.add(level(x, z, -z, h, b.texture(("plaster", "wood"))))
        warm = np.array([1.0, 0.85, 0.65]) * b.rng.uniform(1.5, 5)
        b.scene.lights += [((b.rng.uniform(-x, x) / 2, h - 0.25, k * z / 2), warm) for k in (-1, 1)]


def room(b):
    u = b.rng.uniform
    w, d, h = u(3.2, 8), u(3.5, 8), u(2.4, 3.2)
    b.light(INDOORS + OUTDOORS[:6], enclosed=u(0.5, 1), roam=0.25)
    shell(b, w, d, h, b.rng.random() < 0.7, b.rng.random() < 0.7)
    eye = (u(-0.4, 0.4) * w, u(0.9, 1.8), d / 2 - 0.15)
    b.taken.append((eye[0], eye[2], 1.0))
    for _ in range(7):                         # furniture with its back to the far or the left wall
        row, at_back = b.pick("furniture", sized(0.3, 2.3, 2.8), 0.75), b.rng.random() < 0.6
        depth = row["size"][2] / 2 + 0.03
        span = max(0, (w if at_back else d) - max(row["size"][0], row["size"][2])) / 2
        along = u(-span, span)
        x, z = (along, -d / 2 + depth) if at_back else (-w / 2 + depth, along)
        if b.free(x, z, row["size"][0] / 2):
            b.taken.append((x, z, row["size"][0] / 2))
            b.put(row, x, z, yaw=0 if at_back else math.pi / 2)
    inside = lambda: (u(-0.5, 0.5) * (w - 1.2), u(-0.5, 0.3) * (d - 1.2))
    b.some(4, inside, "furniture", sized(0.3, 1.3, 1.8), 0.75)
    b.some(b.rng.randrange(4), inside, "people", posed("stand", "sit", "reach"))
    b.some(2, inside, "household plants", sized(0.15, 0.9, 0.8))
    return b.camera(eye, (u(-0.25, 0.25) * w, u(0.6, 1.2), -d / 4), u(50, 78))


def table(b):
    u = b.rng.uniform
    b.light(INDOORS, enclosed=0.5)
    b.floor(4, 4, FLOORS, 2, y=-0.75, near=3)
    top = b.texture(("wood", "marble", "fabric", "tile"))
    b.add(box((0, -0.04, -0.05), (1.6, 0.04, 1.3), top, 0.6))
    kind = lambda: b.rng.choice(["household", "household", "food"])
    things = lambda: b.pick(kind(), sized(0.02, 0.4, 0.45), 0.75)
    b.scatter(18, things, b.within(-0.55, 0.55, -0.55, 0.3))
    return b.camera((u(-0.3, 0.3), u(0.2, 0.6), 0.75), (u(-0.1, 0.1), 0.03, -0.1), u(35, 58))


def landscape(b, amplitude=6.0, trees=65, people=4):
    u = b.rng.uniform
    b.light(OUTDOORS)
    height = b.terrain(240, amplitude, GREEN)
    b.taken.append((0, 0, 1.5))
    plant = lambda r: r["id"].startswith("tree_") or r["size"][1] > 1
    b.some(trees, b.around(6, 100, 0.9), "plants", plant, 0.8, height=height)
    b.some(22, b.around(4, 40, 0.9), "nature", named("rock_", "cliff_", "qt_"), height=height)
    upright = posed("stand", "walk", "run", "wave")
    b.some(people, b.around(2.2, 25, 0.6), "people", upright, height=height)
    swims = named("qt_fish", "qt_shark", "qtx_animalpackvol2__eagle")
    beast = lambda r: sized(0.4, 2.5)(r) and not swims(r)
    b.some(6, b.around(4, 30, 0.7), "animals", beast, height=height)
    return b.camera((0, u(0.8, 2.4), 0), (u(-2, 2), u(0.4, 1.8), -10), u(42, 75))


def crowd(b):
    return landscape(b, amplitude=0.6, trees=20, people=45)


def portrait(b):
    u = b.rng.uniform
    b.light(INDOORS + OUTDOORS)
    b.floor(12, 25, ("wood", "paving", "tile", "concrete", "grass"), 2, near=6)
    row = b.pick("people", posed("stand", "wave", "reach"))
    tall = row["size"][1]
    b.put(row, 0, 0, yaw=u(-0.7, 0.7))
    b.taken.append((0, 0, 0.5))
    others = lambda: b.pick("people furniture plants", sized(0.4, 3.5, 3), 1.0)
    b.scatter(7, others, b.within(-5, 5, -1.2, -10))
    eye = (u(-0.4, 0.4), tall * u(0.75, 1.0), u(0.8, 2.4))
    return b.camera(eye, (u(-0.15, 0.15), tall * u(0.75, 0.9), 0), u(30, 50))


def corridor(b):
    """A passage with door frames and columns; half of them end in stairs."""
    u, w, h, d = b.rng.uniform, b.rng.uniform(1.6, 4), b.rng.uniform(2.4, 4), b.rng.uniform(10, 30)
    b.light(INDOORS, enclosed=1.0, sky_gain=u(0.3, 1), roam=0.25)
    shell(b, w, d, h, True, b.rng.random() < 0.3)
    wood, stone, front = b.texture(FLOORS), b.texture(("concrete", "marble", "plaster")), d / 2
    for k in range(1, int(d / 2.5)):           # pilasters and frames stand off the walls
        for side in (-1, 1):
            if b.rng.random() < 0.6:
                place = side * (w / 2 - 0.06), 0, front - 2.5 * k
                size = 0.12, u(2, h), u(0.1, 0.9)
                b.add(box(place, size, b.rng.choice([wood, stone])))
    if b.rng.random() < 0.5:
        b.add([p for k in range(12)
              for p in box((0, 0.17 * k, -d / 6 - 0.3 * k), (w, 0.17, 0.32), stone)])
        for k in range(12):                    # thin bars of the rail
            b.add(box((-w * 0.3, 0.17 * k, -d / 6 - 0.3 * k), (0.03, 1.0, 0.03), wood))
    spot = lambda: (u(-0.35, 0.35) * w, u(-d / 6 + 0.5, front - 2.5))
    b.some(3, spot, "people", posed("stand", "walk"))
    b.some(3, spot, "furniture plants", sized(0.3, 1.9, 1.0), 0.8)
    eye = (u(-0.25, 0.25) * w, u(1, 1.8), front - 0.3)
    return b.camera(eye, (u(-0.2, 0.2) * w, u(0.9, 1.5), 0), u(50, 80))


def closeup(b):
    """One thing, or a few, filling the picture; out of doors or on a table."""
    u = b.rng.uniform
    row = b.pick("household food nature animals plants street",
                 lambda r: 0.05 < max(r["size"]) < 3, 0.7)
    big = max(row["size"])
    b.light(INDOORS + OUTDOORS)
    b.floor(big * 12, big * 25, FLOORS + GREEN + PAVED + ("fabric",), max(0.3, big), near=big * 6)
    b.put(row, 0, 0)
    b.taken.append((0, 0, big / 2))
    like = lambda: b.pick(row["category"], lambda r: big / 3 < max(r["size"]) < big * 2, 0.8)
    b.scatter(b.rng.randrange(5), like, lambda: (u(-2, 2) * big, -u(0, 4) * big))
    away, mid = big * u(1.3, 3), row["size"][1] * u(0.3, 0.6)
    return b.camera((u(-0.5, 0.5) * big, mid + away * u(0.05, 0.7), away), (0, mid, 0), u(30, 52))


def night(b):
    """A street by moonlight with lamps, the nearest eight of them lit."""
    b.light(NIGHTS, sky_gain=b.rng.uniform(0.05, 0.3))
    camera = street(b)
    for k in range(8):
        tint = b.rng.choice([(1, 0.6, 0.25), (1, 0.8, 0.55), (0.8, 0.9, 1)])
        place = (-5 if k % 2 else 5, b.rng.uniform(3, 5), 2 - 7.0 * k)
        b.scene.lights.append((place, np.array(tint) * b.rng.uniform(10, 40)))
    return camera


def aerial(b):
    """Houses, trees and roads from 20 to 90 m up, looking down 25 to 85 degrees."""
    u = b.rng.uniform
    b.light(OUTDOORS)
    height = b.terrain(420, u(0, 8), GREEN)
    if b.rng.random() < 0.6:
        b.floor(3, 200, ("asphalt", "road"), 4, y=0.15, near=200)
    spot, mid = (lambda: (u(-90, 90), u(-130, 60))), lambda: (u(-45, 45), u(-60, 30))
    b.some(b.rng.randrange(6, 35), spot, "buildings", sized(3, 40, 40), 0.4, height=height)
    b.some(60, spot, "plants", named("tree_"), height=height)
    b.some(12, mid, "vehicles", lambda r: 3 < max(r["size"]) < 12, height=height)
    b.some(25, mid, "people", posed("stand", "walk"), height=height)
    up, down = u(20, 90), math.radians(u(25, 85))
    return b.camera((0, up, 0), (u(-5, 5), 0, -up / math.tan(down)), u(40, 75))


def blocker(b):
    """Another kind of scene with something large and near at the edge of the picture."""
    camera = b.rng.choice([street, room, landscape, crowd])(b)
    forward, right, _ = camera.axes()
    row = b.pick("people plants furniture street", sized(1.2, 3, 1.5), 0.9)
    away = b.rng.uniform(0.7, 1.5)
    half = away * math.tan(math.radians(camera.fov / 2))
    side = b.rng.choice([-1, 1]) * half * b.rng.uniform(0.5, 0.95)
    place = np.asarray(camera.eye) + forward * (away + row["size"][2] / 3) + right * side
    b.put(row, float(place[0]), float(place[2]))
    return camera


def poster(b):
    """Framed photographs and screens on a wall: their depth is the wall's."""
    u = b.rng.uniform
    b.light(INDOORS, enclosed=0.8)
    shell(b, 8, 6, 3, b.rng.random() < 0.8, True)
    for k in range(b.rng.randrange(1, 4)):
        photo = b.library.panorama_picture(b.rng.choice(OUTDOORS + INDOORS))
        x0, y0 = b.rng.randrange(700), b.rng.randrange(120, 220)
        photo = np.ascontiguousarray(photo[y0:y0 + 200, x0:x0 + 300])
        w, x, y, z = u(0.6, 2.4), -2.2 + 2.2 * k + u(-0.2, 0.2), u(0.7, 1.3), -2.97
        b.add(box((x, y - 0.03, z - 0.01), (w + 0.06, w * 2 / 3 + 0.06, 0.02), b.texture(FLOORS)))
        left, right = (x - w / 2, z + 0.005), (x + w / 2, z + 0.005)
        b.add(upright(left, right, y, y + w * 2 / 3, photo, fit=True))
    spot = lambda: (u(-3, 3), u(-2.2, 0.3))
    b.some(3, spot, "furniture plants", sized(0.3, 1.2, 1.6), 0.9)
    b.some(b.rng.randrange(3), spot, "people", posed("stand", "walk"))
    return b.camera((u(-2, 2), u(1.2, 1.8), u(0.8, 2.6)), (u(-1.5, 1.5), 1.4, -3), u(40, 70))
