# SPDX-License-Identifier: MIT
"""Kinds of scene, second part: what films show and the first part lacks.

Dashcams, squares with people at all distances, pets, half-length people in rooms, things handed
over a table, views from above, trays, heaps before a wall, water and cliffs, whole interiors, bars
at night, shelves, drawn worlds, bars and branches in front, and tilted cameras.
"""
import math

import cv2
import numpy as np

import kinds
from builder import (FLOORS, GREEN, INDOORS, NIGHTS, OUTDOORS, PAVED, WALLS, along_road, ball, box,
                     level, named, plain, posed, quad, sized, transform, upright)
from raster import Camera

PETS = named("qt_husky", "qt_shibainu", "qt_wolf", "qt_fox", "qtx_animalpackvol2__",
             "qtx_farmanimalsanimated", "qt_donkey", "qt_alpaca", "qt_deer", "qt_cow", "qt_horse",
             "qt_stag")
DOGS = named("qt_husky", "qt_shibainu", "qt_wolf", "qt_fox", "qtx_animalpackvol2__cat",
             "qtx_animalpackvol2__dog", "qtx_farmanimalsanimated__pug")
BOATS = named("pm_boat", "pm_ship", "qt_boat", "qt_lifeboat", "qt_sail_ship", "qts_raft")
UPRIGHT = posed("stand", "walk", "wave", "reach", "run")
LAMPS = (1, 0.6, 0.3), (1, 0.8, 0.6), (0.5, 0.6, 1), (1, 0.3, 0.4), (1, 1, 1)
CAR = lambda row: sized(1, 3.9, 12)(row) and max(row["size"]) > 3


def painted_sky(b):
    """A sky that no camera took: a gradient and often round clouds, far whatever they look like."""
    rng = np.random.default_rng(b.rng.randrange(1 << 30))
    height = np.linspace(1, -1, 512, dtype=np.float32)[:, None, None]
    top, low = rng.uniform(0.1, 1, 3) * (0.7, 0.9, 1.3), rng.uniform(0.5, 1.2, 3)
    sky = low + (top - low) * np.clip(height, 0, 1) ** rng.uniform(0.3, 1)
    sky = np.where(height < 0, rng.uniform(0.15, 0.5, 3), sky) * np.ones((1, 1024, 1))
    if rng.random() < 0.7:
        blobs = np.zeros((512, 1024), np.float32)
        for _ in range(int(rng.integers(4, 16))):
            x, y, size = rng.uniform(0, 1024), rng.uniform(110, 250), rng.uniform(12, 70)
            for _ in range(14):
                at = int(x + rng.normal(0, size)), int(y + rng.normal(0, size * 0.3))
                cv2.circle(blobs, at, int(size * rng.uniform(0.25, 0.6)),
                           float(rng.uniform(0.75, 1.1)), -1)
        shade = cv2.GaussianBlur(blobs, (0, 0), rng.uniform(0.8, 5))[..., None]
        relief = cv2.GaussianBlur(blobs, (0, 0), 9)[..., None]
        cover, light = np.clip(shade, 0, 1), rng.uniform(0.8, 1.3, 3) * (0.6 + 0.4 * relief)
        sky = sky * (1 - cover) + cover * light
    b.scene.panorama, b.scene.yaw = sky.astype(np.float32), b.rng.uniform(0, 2 * math.pi)


def outdoors(b):
    painted_sky(b) if b.rng.random() < 0.3 else b.light(OUTDOORS)


def road(b):
    """From behind the wheel: lanes with lines, traffic from 6 to 120 m, rails, trees, hills."""
    u = b.rng.uniform
    outdoors(b)
    b.scene.roam = 0.5
    half, lanes = u(3.4, 9), b.rng.choice([2, 3, 4])
    b.floor(220, 400, GREEN, u(2, 5))
    for _ in range(b.rng.randrange(9)):        # hills beside the road
        reach = u(20, 120)
        x = b.rng.choice([-1, 1]) * (half + 8 + reach * u(1, 2))
        b.add(ball(b.texture(GREEN), reach, 8), transform(x, -reach * u(0.5, 0.9), -u(30, 350)))
    b.add(level(half, 20, -240, 0.06, b.texture(("asphalt", "concrete", "road")), u(2, 6)))
    line, y = plain((225, 225, b.rng.choice([120, 225]))), 0.08
    for k in range(lanes + 1):
        x, dashed = -half * 0.93 + 1.86 * half * k / lanes, 0 < k < lanes
        for z in (range(-6, 150, 9) if dashed else [0]):
            x0, x1, far = x - 0.07, x + 0.07, -z - (3.0 if dashed else 200)
            b.add(quad([(x0, y, -z), (x1, y, -z), (x1, y, far), (x0, y, far)], line))
    middle = lambda: -half * 0.93 + 1.86 * half * (b.rng.randrange(lanes) + 0.5) / lanes
    lane = lambda: (middle(), -6 - 110 * b.rng.random() ** 1.6)
    b.some(b.rng.randrange(1, 9), lane, "vehicles", CAR, 0.5, yaw=along_road(b))
    for side in (-1, 1):
        if b.rng.random() < 0.5:
            steel = b.texture(("metal", "concrete"))
            for z in range(-4, 120, 4):
                b.add(box((side * (half + 0.8), 0, -z), (0.12, 0.75, 0.12), steel))
            b.add(box((side * (half + 0.8), 0.4, -60), (0.06, 0.32, 130), steel))
        verge = lambda: (side * (half + u(3, 30)), -u(4, 150))
        b.some(b.rng.randrange(2, 16), verge, "plants", named("tree_"))
        b.some(b.rng.randrange(3), verge, "buildings", sized(3, 20, 30), 0.4)
        b.some(4, lambda: (side * (half + u(1, 2)), -u(6, 60)), "street", sized(1, 9, 7))
        b.some(2, lambda: (side * (half + u(0.5, 3)), -u(8, 40)), "people", UPRIGHT)
    x = middle()
    return b.camera((x, u(0.9, 2.2), 0), (x + u(-2, 2), u(0.3, 1.6), -20), u(40, 80))


def plaza(b):
    """Open paved or green ground with walls or hedges, people and dogs from 2 to 40 m."""
    u = b.rng.uniform
    outdoors(b)
    b.floor(80, 140, PAVED + GREEN + ("tile",), u(1, 4))
    if b.rng.random() < 0.6:                   # a path between hedges or low walls
        stuff = b.texture(b.rng.choice([WALLS, GREEN]))
        for side in (-1, 1):
            x, h, z = side * u(2.5, 9), u(0.4, 5), u(20, 60)
            b.add(box((x + side, 0, -z / 2), (2.0, h, z), stuff))
            b.taken.append((x + side * 1.0, -3.0, 1.5))
    if b.rng.random() < 0.6:                   # something large across the end, perhaps with a gate
        z, w, h, wall = u(15, 70), u(3, 12), u(4, 15), b.texture(WALLS)
        for side in (-1, 1):
            b.add(box((side * (w / 2 + 15), 0, -z), (30, h, 3), wall))
        b.add(box((0, h * 0.6, -z), (w, h * 0.4, 3), wall))
    spot = lambda: (u(-1, 1) * 10, -1.5 - 38 * b.rng.random() ** 1.5)
    b.some(b.rng.randrange(1, 9), spot, "people", UPRIGHT)
    b.some(b.rng.randrange(4), b.within(-3, 3, -1.5, -14), "animals", DOGS)
    b.some(b.rng.randrange(6), spot, "plants street", sized(0.4, 9, 7), 0.8)
    b.some(b.rng.randrange(3), b.within(-50, 50, -40, -90), "buildings", sized(4, 30, 34), 0.4)
    return b.camera((0, u(0.5, 2.2), 1), (u(-2, 2), u(0.5, 1.8), -8), u(35, 75))


def pets(b):
    """One to four animals near the camera, indoors or out, low eye level."""
    u = b.rng.uniform
    if b.rng.random() < 0.5:
        b.light(INDOORS, enclosed=u(0.4, 1))
        w, d = u(3.5, 7), u(4, 7)
        kinds.shell(b, w, d, 2.5, b.rng.random() < 0.6, b.rng.random() < 0.6)
        b.some(5, lambda: (u(-0.5, 0.5) * w, -u(0.6, d / 2 - 0.3)), "furniture",
               sized(0.3, 1.9, 2.2), 0.8)
        b.scene.roam = 0.4
    else:
        outdoors(b)
        b.floor(40, 80, GREEN + PAVED, u(1, 3))
        b.some(12, b.within(-15, 15, -4, -40), "plants nature", sized(0.5, 12, 12), 0.8)
    which = lambda: b.pick("animals", DOGS if b.rng.random() < 0.6 else PETS)
    b.scatter(b.rng.randrange(1, 4), which, b.within(-0.8, 0.8, -1.4, 0.6))
    b.some(b.rng.randrange(3), b.within(-1.6, 1.6, -0.3, -1.5), "people",
           posed("stand", "sit", "reach", "walk"))
    return b.camera((u(-0.5, 0.5), u(0.3, 1.4), u(1.3, 2.2)),
                    (u(-0.4, 0.4), u(0.15, 0.6), 0), u(40, 70))


def halflength(b):
    """People from the waist or chest up in a room: the wall is near behind them, screens beside."""
    u = b.rng.uniform
    b.light(INDOORS, enclosed=u(0.3, 1))
    b.scene.roam = 0.4
    behind, w = u(0.5, 4), u(3, 7)
    wall, z = b.texture(WALLS), -behind
    b.floor(w / 2, behind, FLOORS)
    b.add(upright((-w / 2, z), (w / 2, z), 0, 3, wall))
    b.add(upright((-w / 2, 4), (-w / 2, z), 0, 3, wall))
    b.add(upright((w / 2, z), (w / 2, 4), 0, 3, b.texture(WALLS)))
    for _ in range(b.rng.randrange(4)):        # boards, doors, screens and pictures on the wall
        x, y, bw, bh = u(-0.4, 0.4) * w, u(0.2, 1.5), u(0.3, 1.4), u(0.3, 1.6)
        b.add(box((x, y, z + 0.02), (bw, bh, 0.04), plain([u(10, 250) for _ in "rgb"], 10, b.rng)))
    row = b.pick("people", posed("stand", "wave", "reach"))
    tall = row["size"][1]
    b.put(row, u(-0.2, 0.2), 0, yaw=u(-0.6, 0.6))
    b.taken.append((0, 0, 0.35))
    b.some(b.rng.randrange(3), lambda: (u(-1.3, 1.3), u(-0.9, 0.2) * min(1, behind)), "people",
           posed("stand", "reach"))
    b.some(4, lambda: (u(-0.5, 0.5) * w, -u(0.2, 1) * behind), "furniture plants",
           sized(0.4, 2.2, 1.6), 0.9)
    if b.rng.random() < 0.35:                  # a desk or a screen between them and the camera
        size = u(0.6, 2.5), u(0.7, 1.05), u(0.2, 0.5)
        b.add(box((u(-0.5, 0.5), 0, 0.45), size, b.texture(("wood", "plaster", "metal"))))
    if b.rng.random() < 0.3:
        side = b.rng.choice([-1, 1])
        size = 0.05, u(0.6, 1), u(0.4, 0.9)
        b.add(box((side * u(0.4, 0.7), 0.8, 0.5), size, plain([u(5, 90)] * 3)))
    eye = (u(-0.5, 0.5), tall * u(0.7, 1.02), u(0.75, 2.6))
    return b.camera(eye, (u(-0.25, 0.25), tall * u(0.68, 0.92), 0), u(32, 62))


def handed(b):
    """Somebody behind a table doing something with things on it; the camera looks at the hands."""
    u = b.rng.uniform
    b.light(INDOORS, enclosed=u(0.2, 0.9))
    b.scene.roam = 0.5
    top = u(0.7, 1.0)
    b.floor(5, 5, FLOORS, 2, near=3)
    if b.rng.random() < 0.8:
        z = -u(0.8, 3)
        b.add(upright((-4, z), (4, z), 0, 3, b.texture(WALLS)))
    surface = b.texture(("wood", "marble", "fabric", "tile", "plaster", "metal"))
    b.add(box((0, top - 0.05, 0), (u(1.2, 3), 0.05, u(0.6, 1.1)), surface, 0.6))
    for _ in range(b.rng.choice([1, 1, 2])):
        row = b.pick("people", posed("reach", "wave", "fight", "stand", "sit_chair"))
        lift = top - 0.95 if row["size"][1] > 1.3 else 0
        b.put(row, u(-0.4, 0.4), -0.45 - u(0, 0.35), y=min(lift, 0), yaw=u(-0.9, 0.9))
    b.taken.append((0, -0.6, 0.25))
    things = lambda: b.pick("household food", sized(0.03, 0.4, 0.4), 0.75)
    b.scatter(b.rng.randrange(2, 12), things, b.within(-0.5, 0.5, -0.3, 0.4),
              height=lambda x, z: top)
    eye = (u(-0.5, 0.5), top + u(0.05, 0.8), u(0.6, 1.2))
    return b.camera(eye, (u(-0.15, 0.15), top + u(-0.05, 0.35), -0.2), u(35, 65))


def above(b):
    """A crowd, street or room from a mast, a balcony or a corner of the ceiling; steep."""
    u = b.rng.uniform
    what = b.rng.random()
    if what < 0.35:                            # room seen from its ceiling
        camera = kinds.room(b)
        b.scene.roam = 0.3
        x, z = camera.eye[0], camera.eye[2]
        return b.camera((x, u(2.0, 2.6), z), (u(-1, 1), 0, z - u(0.6, 2.5)), u(55, 90))
    if what < 0.6:                             # table from straight above
        kinds.table(b)
        x, z = u(-0.15, 0.15), u(-0.2, 0.1)
        return b.camera((x, u(0.5, 1.1), z + u(0.01, 0.3)), (x, 0, z),
                        u(38, 60), b.rng.uniform(-180, 180))
    outdoors(b)
    b.floor(90, 150, PAVED + ("grass",), u(1, 4), near=60)
    spot = lambda: (u(-1, 1) * 14, 5 - 45 * b.rng.random())
    b.some(b.rng.randrange(10, 55), spot, "people", posed("stand", "walk", "run"))
    b.some(6, lambda: (b.rng.choice([-1, 1]) * u(6, 16), -u(0, 50)), "vehicles", CAR)
    b.some(8, b.within(-20, 20, 0, -50), "plants street", sized(1, 9, 7), 0.8)
    b.some(6, lambda: (b.rng.choice([-1, 1]) * u(22, 40), -u(0, 60)), "buildings", sized(4, 30, 34),
           0.4)
    up, down = u(4, 16), math.radians(u(18, 75))
    return b.camera((0, up, 4), (u(-3, 3), 0, 4 - up / math.tan(down)), u(35, 75))


def coast(b):
    """Cliffs and hills around water, or snow; from the shore or from high above."""
    u = b.rng.uniform
    outdoors(b)
    snow = b.rng.random() < 0.3
    size = u(200, 700)
    height = b.terrain(size, size * u(0.03, 0.12), ("rock", "cliff", "moss", "grass", "ground"))
    if snow:
        b.scene.instances[-1] = (b.scene.instances[-1][0], transform(), None)
        part = b.scene.instances[-1][0][0]
        part.texture = plain((228, 232, 240), 8, b.rng)
    else:
        blue = [u(20, 90), u(60, 130), u(80, 160)]
        water = level(2000, 900, -1500, -u(0.2, 3), plain(blue, 14, b.rng, 256), 30)
        water.roughness = u(0.05, 0.4)
        b.add(water)
    plant = lambda r: r["id"].startswith("tree_") or "cliff" in r["id"] or "rock" in r["id"]
    b.some(40, b.around(5, 90, 0.9), "plants nature", plant, 0.8, height=height)
    b.some(b.rng.randrange(4), b.around(2.5, 20, 0.5), "people", UPRIGHT, height=height)
    b.some(b.rng.randrange(2), b.around(12, 60, 0.7), "vehicles", BOATS)
    up = b.rng.choice([u(0.8, 2.5), u(5, 60)])
    return b.camera((0, up, 0), (u(-4, 4), up - u(-1, 0.7 * up), -10 - up * 0.6), u(40, 80))


def interior(b):
    """Inside one of the whole interiors, with people and furniture on its floor."""
    u = b.rng.uniform
    b.light(INDOORS, enclosed=1.0, sky_gain=u(0.5, 1.2))
    b.scene.roam = 0.3
    row = b.rng.choice([r for r in b.library.categories["interiors"] if r["size"][2] > 4])
    x, z = u(-0.35, 0.35) * row["size"][0], u(-0.35, 0.35) * row["size"][2]
    turn = u(0, 2 * math.pi)
    c, s = math.cos(turn), math.sin(turn)
    b.add(b.library.model(row["file"]), transform(-(c * x + s * z), 0, -(-s * x + c * z), turn))
    b.floor(40, 40, FLOORS, 2, y=-0.02, near=40)    # some have none of their own
    warm = np.array([1.0, 0.9, 0.75]) * u(1, 5)
    b.scene.lights += [((u(-2, 2), 2.3, -u(0, 6)), warm) for _ in range(3)]
    b.taken.append((0, 0, 0.8))
    b.some(b.rng.randrange(5), b.around(1.4, 8, 0.6), "people",
           posed("stand", "walk", "sit", "reach"))
    b.some(4, b.around(1.3, 7, 0.7), "furniture household", sized(0.3, 1.8, 1.8), 0.8)
    return b.camera((0, u(1, 1.8), 0), (u(-1, 1), u(0.5, 1.6), -4), u(50, 80))


def bar(b):
    """Dark places lit by a few lamps: people, glasses and bottles near the camera."""
    b.scene.sky_gain = 0.1
    camera = b.rng.choice([handed, halflength, pets])(b)
    u = b.rng.uniform
    b.light(INDOORS + NIGHTS, sky_gain=u(0.02, 0.2), enclosed=u(0.3, 1))
    for _ in range(b.rng.randrange(1, 4)):
        tint = np.array(b.rng.choice(LAMPS))
        b.scene.lights.append(((u(-1.5, 1.5), u(1, 2.6), u(-1.2, 1.2)), tint * u(0.4, 2.5)))
    return camera


def shelf(b):
    """A shelf or cupboard full of things, straight on or along it."""
    u = b.rng.uniform
    b.light(INDOORS, enclosed=0.8)
    b.scene.roam = 0.5
    kinds.shell(b, 8, 6, 2.7, b.rng.random() < 0.7, b.rng.random() < 0.5)
    wood = b.texture(("wood", "metal", "plaster"))
    depth, w, rise = u(0.25, 0.6), u(1.5, 5), u(0.3, 0.55)
    floors = int(2.2 / rise)
    for k in range(floors + 1):
        b.add(box((0, k * rise + 0.05, -2.9 + depth / 2), (w, 0.03, depth), wood))
        b.taken.clear()
        things = lambda: b.pick("household food", sized(0.04, rise * 0.9, 0.5), 0.75)
        b.scatter(int(w * u(1, 4)), things,
                  lambda: (u(-0.48, 0.48) * w, -2.9 + depth * u(0.15, 0.85)),
                  height=lambda x, z, y=k * rise + 0.08: y)
    for x in np.linspace(-w / 2, w / 2, 2 + b.rng.randrange(3)):
        b.add(box((x, 0, -2.9 + depth / 2), (0.03, floors * rise + 0.1, depth), wood))
    b.taken.clear()
    b.some(b.rng.randrange(3), b.within(-2, 2, -1.9, -0.3), "people furniture",
           sized(0.4, 2.2, 1.4))
    return b.camera((u(-2, 2), u(0.7, 1.8), u(-1.6, 1.5)), (u(-1, 1), u(0.5, 1.6), -2.9), u(40, 75))


def tumbled(b, row, place, scale=1.0):
    """Put a model at `place` turned any way, as things lie in a heap."""
    axes, _ = np.linalg.qr(np.random.default_rng(b.rng.randrange(1 << 30)).normal(size=(3, 3)))
    if np.linalg.det(axes) < 0:
        axes[:, 0] = -axes[:, 0]
    matrix = np.eye(4, dtype=np.float32)
    matrix[:3, :3] = axes * scale
    matrix[:3, 3] = np.asarray(place) - matrix[:3, :3] @ [0, row["size"][1] / 2, 0]
    b.add(b.library.model(row["file"]), matrix)


def still(b):
    """A heap of things before a cloth or a wall, straight on: what is lower need not be nearer."""
    u = b.rng.uniform
    b.light(INDOORS, enclosed=u(0.3, 1))
    b.scene.roam = 0.5
    deep, pattern = u(0.4, 1.5), WALLS + FLOORS + ("fabric", "leather", "grass")
    b.add(upright((-4, -deep), (4, -deep), -1, 3, b.texture(pattern), u(0.3, 2)))
    b.add(level(4, 3, -deep, 0, b.texture(pattern), u(0.3, 2)))
    for _ in range(b.rng.randrange(6)):        # boards that lean and boxes, turned
        turn = transform(u(-0.6, 0.6), 0, -u(-0.1, 0.9) * deep, u(-0.7, 0.7))
        lean = u(-0.5, 0.2)
        s, c = math.sin(lean), math.cos(lean)
        turn[:3, :3] = turn[:3, :3] @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]], np.float32)
        size = u(0.05, 0.6), u(0.1, 0.8), u(0.01, 0.3)
        b.add(box((0, 0, 0), size, b.texture(pattern), u(0.2, 1)), turn)
    small = lambda r: 0.05 < max(r["size"]) < 0.5
    things = lambda: b.pick("household food plants animals", small, 0.7)
    b.scatter(b.rng.randrange(4, 16), things, b.within(-0.6, 0.6, -deep, 0.25))
    for _ in range(b.rng.randrange(16)):
        row = things() if b.rng.random() < 0.7 else b.pick("nature")
        scale = u(0.15, 0.35) / max(row["size"])
        tumbled(b, row, (u(-0.6, 0.6), abs(b.rng.gauss(0, 0.25)), -u(0, deep)), scale)
    eye = u(-0.3, 0.3), u(0.1, 0.7), u(0.5, 1.1)
    return b.camera(eye, (u(-0.1, 0.1), u(0.1, 0.4), -deep / 2), u(35, 60))


def tray(b):
    """Things in a tray or on a plain table from above, turned any way; plain surroundings."""
    u = b.rng.uniform
    b.light(INDOORS, enclosed=u(0.5, 1))
    b.scene.roam = 0.4
    w, d, h = u(0.2, 0.5), u(0.2, 0.4), u(0.02, 0.25)
    real = b.rng.random() < 0.5
    surface = b.texture(WALLS + ("metal", "wood")) if real else plain([u(5, 250)] * 3, 6, b.rng)
    b.add(level(3, 3, -3, 0, surface, u(0.5, 2)))
    if b.rng.random() < 0.6:
        side = plain([u(10, 200) for _ in "rgb"], 5, b.rng)
        for k in (-1, 1):
            b.add(box((k * w, 0, 0), (0.02, h, 2 * d), side))
            b.add(box((0, 0, k * d), (2 * w, h, 0.02), side))
    for _ in range(b.rng.randrange(2, 22)):
        row = b.pick("household food", lambda r: 0.04 < max(r["size"]) < 0.4, 0.8)
        scale = min(1.0, 0.3 / max(row["size"]))
        tumbled(b, row, (u(-0.8, 0.8) * w, u(0.02, 0.15), u(-0.8, 0.8) * d), scale)
    down = u(0.45, 1.2)
    roll = b.rng.choice([0, u(-180, 180)])
    return b.camera((u(-0.1, 0.1), down, u(0.01, 0.6) * down), (0, 0, 0), u(32, 55), roll)


def drawn(b):
    """A flat-coloured world as in cartoons: plain ground, painted sky, simple figures."""
    u = b.rng.uniform
    painted_sky(b)
    colour = lambda: plain([u(30, 250) for _ in "rgb"])
    b.add(level(90, 20, -150, 0, colour(), 3))
    if b.rng.random() < 0.5:
        b.add(level(u(1, 4), 20, -150, 0.02, colour(), 3))
    for _ in range(b.rng.randrange(1, 7)):     # hills: big low spheres
        b.add(ball(colour(), u(8, 40)), transform(u(-60, 60), -u(1, 10), -u(40, 140)))
    for _ in range(b.rng.randrange(8)):        # bushes and stones
        b.add(ball(colour(), u(0.2, 1.5)), transform(u(-8, 8), u(-0.2, 0.2), -u(1.5, 25)))
    test = lambda r: not r["realistic"] and 0.3 < r["size"][1] < 9
    spot = b.around(2, 30, 0.6)
    b.some(14, spot, "plants animals vehicles buildings", test, 0.0)
    b.some(b.rng.randrange(1, 7), b.within(-2, 2, -0.3, -7), "people animals", sized(0.4, 2.4))
    return b.camera((0, u(0.6, 2), 2), (u(-1, 1), u(0.5, 1.5), -4), u(35, 70))


def thin(b):
    """Another scene through bars, a fence, a window cross, wires or leaves close to the camera."""
    camera = b.rng.choice([kinds.street, kinds.room, plaza, kinds.crowd, halflength])(b)
    u, (forward, right, up) = b.rng.uniform, camera.axes()
    away = u(0.6, 2.5)
    middle = np.asarray(camera.eye) + forward * away
    half = away * math.tan(math.radians(camera.fov / 2))
    stuff = b.texture(("metal", "wood", "plaster", "bark"))
    basis = np.eye(4, dtype=np.float32)
    basis[:3, :3], basis[:3, 3] = np.stack([right, up, -forward], 1), middle
    thick, count = half * u(0.01, 0.06), b.rng.randrange(2, 9)
    lean = u(-0.3, 0.3)
    for k in range(count):
        x = half * (2 * (k + u(0.2, 0.8)) / count - 1)
        post = basis.copy()
        c, s = math.cos(lean), math.sin(lean)
        post[:3, :3] = basis[:3, :3] @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]], np.float32)
        post[:3, 3] += basis[:3, 0] * x
        low, wide = -half * u(0.2, 1.2), thick * u(0.5, 1.5)
        b.add(box((0, low, 0), (wide, half * 2.4, thick), stuff), post)
    for _ in range(b.rng.randrange(3)):
        b.add(box((0, half * u(-0.5, 0.5), 0), (half * 2.6, thick, thick), stuff), basis)
    return camera


def tilted(b):
    """Any other scene with the camera strongly rolled and pitched."""
    base = b.rng.choice([kinds.street, kinds.room, kinds.table, kinds.landscape,
                        kinds.corridor, plaza, halflength, interior, kinds.closeup])
    camera = base(b)
    b.scene.roam = 0.3
    eye, target = np.asarray(camera.eye, float), np.asarray(camera.target, float)
    reach = np.linalg.norm(target - eye)
    target[1] += reach * b.rng.gauss(0, 0.5)
    return Camera(tuple(eye), tuple(target), camera.fov, b.rng.gauss(0, 28))
