# SPDX-License-Identifier: MIT
"""Kinds of scene, third part: where the model erred on photographs and film frames.

Things that fly before anything, things cut out before nothing, doors and walls at arm's length,
bins from above, desks, leaves near the camera, skies full of cloud, hands that come forward,
traffic jams, glass, printed and patterned surfaces everywhere.
"""
import math

import cv2
import numpy as np

import kinds
import kinds_film
from builder import (FLOORS, GREEN, INDOORS, OUTDOORS, PAVED, WALLS, along_road, ball, box, level,
                     named, plain, posed, quad, sized, transform, upright)
from kinds_film import CAR, UPRIGHT, outdoors, painted_sky, tumbled
from raster import Camera

CLEAR = named("pm_glass", "pm_bottle", "pm_soda_glass", "qts_waterbottle", "residential_vase",
              "plastic_cup", "kkr_jar", "pm_mug", "ycb_065", "pm_cup")
SURFACES = WALLS + FLOORS + PAVED + ("fabric", "leather", "metal", "cardboard", "paper", "cork",
                                     "plastic", "rubber", "rust", "granite", "terrazzo", "onyx")


def any_colour(b, low=5, high=250):
    return [b.rng.uniform(low, high) for _ in "rgb"]


def printed(b):
    """A surface with something on it: stripes, checks, dots, lines of text or a photograph."""
    rng, how = b.rng, b.rng.random()
    if how < 0.2:
        photo = b.library.panorama_picture(rng.choice(OUTDOORS + INDOORS))
        x, y = rng.randrange(700), rng.randrange(100, 240)
        return np.ascontiguousarray(photo[y:y + 200, x:x + 300])
    picture = plain(any_colour(b), 6, rng, 192)
    ink = [*any_colour(b), 255]
    step = rng.randrange(6, 40)
    if how < 0.4:
        for x in range(0, 192, step):
            picture[:, x:x + max(1, int(step * rng.uniform(0.2, 0.6)))] = ink
    elif how < 0.55:
        y, x = np.mgrid[:192, :192] // step
        picture[(x + y) % 2 == 0] = ink
    elif how < 0.7:
        for _ in range(rng.randrange(5, 60)):
            at = rng.randrange(192), rng.randrange(192)
            cv2.circle(picture, at, rng.randrange(2, 26), [*any_colour(b), 255], -1)
    else:
        for y in range(rng.randrange(8, 30), 190, rng.randrange(9, 34)):
            text = "".join(rng.choice("abcdefghiklmnorstuvw  ") for _ in range(30))
            cv2.putText(picture, text, (rng.randrange(-20, 60), y), cv2.FONT_HERSHEY_SIMPLEX,
                        rng.uniform(0.25, 1.1), ink, rng.randrange(1, 3), cv2.LINE_AA)
    return picture


def pattern(b):
    """Any surface: from the library, of one colour or printed."""
    how = b.rng.random()
    if how < 0.5:
        return b.texture(SURFACES)
    return plain(any_colour(b), b.rng.choice([0, 5, 20]), b.rng) if how < 0.75 else printed(b)


def card(half, height, picture, metres=1.0, **options):
    """Upright rectangle, 2 * half wide, that stands on the origin and faces +z."""
    corners = [(-half, 0, 0), (half, 0, 0), (half, height, 0), (-half, height, 0)]
    return quad(corners, picture, metres, **options)


def turned(b, place, tilt=math.pi):
    """Matrix that turns about all three axes by up to `tilt` and moves to `place`."""
    axis = np.array([b.rng.gauss(0, 1) for _ in "xyz"])
    angles = (axis / np.linalg.norm(axis) * b.rng.uniform(0, tilt)).astype(np.float64)
    matrix = np.eye(4, dtype=np.float32)
    matrix[:3, :3] = cv2.Rodrigues(angles)[0]
    matrix[:3, 3] = place
    return matrix


def flying(b):
    """Things, boxes and cards of any pattern in the air, turned any way, before any background."""
    u = b.rng.uniform
    b.light(INDOORS + OUTDOORS, enclosed=u(0, 1))
    b.scene.roam = 1.0
    if b.rng.random() < 0.75:                  # a wall, or a slope, behind everything
        wall = turned(b, (0, 0, -u(7, 16)), 0.9)
        b.add(upright((-40, 0), (40, 0), -40, 40, pattern(b), u(1, 6)), wall)
    for _ in range(b.rng.randrange(6, 26)):
        z = -1.2 - 9 * b.rng.random() ** 1.4
        place, size = (u(-0.7, 0.7) * (1 - z), u(-0.45, 0.45) * (1 - z), z), u(0.15, 2.2)
        how = b.rng.random()
        if how < 0.35:
            row = b.pick("household food furniture vehicles animals people nature street",
                         lambda r: max(r["size"]) > 0.02, 0.5)
            tumbled(b, row, place, size / max(row["size"]))
        elif how < 0.65:
            shape = size * u(0.2, 1), size * u(0.1, 1), size * u(0.03, 0.8)
            b.add(box((0, -shape[1] / 2, 0), shape, pattern(b), u(0.3, 2)), turned(b, place))
        elif how < 0.85:
            w, h = size * u(0.15, 1) / 2, size * u(0.1, 1) / 2
            b.add(card(w, 2 * h, pattern(b), u(0.3, 2)), turned(b, place, 1.3))
        else:
            b.add(ball(pattern(b), size / 3, b.rng.choice([1, 3])), turned(b, place))
    return b.camera((0, 0, 0), (u(-0.5, 0.5), u(-0.5, 0.5), -4), u(45, 75), u(-180, 180))


def opened(b, w, h, d):
    """A cupboard, box or drawer in flat colours: hollow, with boards and an open door."""
    t = 0.02 * max(w, h)
    front, side, inner = (plain(any_colour(b, 40), 4, b.rng) for _ in range(3))
    parts = box((0, 0, 0), (w, t, d), side) + box((0, h - t, 0), (w, t, d), side)
    for x in (-1, 1):
        parts += box((x * (w - t) / 2, 0, 0), (t, h, d), side)
    parts += box((0, 0, -d / 2 + t / 2), (w, h, t), inner)
    for _ in range(b.rng.randrange(4)):
        board = b.rng.choice([inner, front])
        parts += box((0, b.rng.uniform(0.1, 0.9) * h, 0), (w, t, d * 0.95), board)
    if b.rng.random() < 0.5:
        parts += box((0, 0, d / 2 - d * 0.1), (w, h * b.rng.uniform(0.2, 0.6), d * 0.2), front)
    swing, width = b.rng.uniform(0.2, 2.4), w * b.rng.choice([0.5, 1.0])
    c, s = math.cos(swing), math.sin(swing)
    hinge = -w / 2, d / 2
    tip = hinge[0] + c * width, hinge[1] + s * width
    for k in (0, t):
        ends = [(x - k * s, z + k * c) for x, z in (hinge, tip)]
        parts.append(upright(*ends, 0, h, front))
    for k in range(b.rng.randrange(3)):        # trays in the door
        mid = [(a + e) / 2 for a, e in zip(hinge, tip)]
        tray = box((0, b.rng.uniform(0.1, 0.8) * h, -d * 0.08),
                   (width * 0.8, h * 0.08, d * 0.15), inner)
        parts += [moved_part(p, transform(mid[0], 0, mid[1], -swing)) for p in tray]
    return parts


def moved_part(part, matrix):
    part.positions = (part.positions @ matrix[:3, :3].T + matrix[:3, 3]).astype(np.float32)
    part.normals = (part.normals @ matrix[:3, :3].T).astype(np.float32)
    return part


def product(b):
    """One thing, or a few, before a plain colour without ground, or on a seamless backdrop."""
    u = b.rng.uniform
    b.light([n for n in INDOORS if "studio" in n], enclosed=u(0.3, 1))
    tone = np.array([u(0.5, 1.0)] * 3 if b.rng.random() < 0.7 else [u(0.1, 1) for _ in "rgb"])
    ground = b.rng.random()
    if ground < 0.6:                           # nothing: what cut-out pictures show
        b.scene.panorama = np.maximum(b.scene.panorama * 0, tone.astype(np.float32))
    else:
        surface = plain(tone * 255)
        b.add(level(9, 9, -1.5, 0, surface))
        b.add(upright((-9, -1.5), (9, -1.5), 0, 9, surface))
    if b.rng.random() < 0.45:
        w, h, d = u(0.4, 1.0), u(0.4, 1.2), u(0.25, 0.7)
        b.add(opened(b, w, h, d), transform(0, 0, 0, u(-1.1, 1.1)))
        big, middle = 1.25, (0, h / 2, 0)
    else:
        row = b.pick("furniture household vehicles food animals street people",
                     lambda r: 0.05 < max(r["size"]) < 6, 0.7)
        b.put(row, 0, 0)
        big, middle = max(row["size"]), (0, row["size"][1] / 2, 0)
        b.taken.append((0, 0, big / 2))
        like = lambda: b.pick(row["category"], lambda r: big / 2 < max(r["size"]) < big * 1.5, 0.8)
        b.scatter(b.rng.choice([0, 0, 1, 3]), like,
                  lambda: (u(-1.2, 1.2) * big, u(-1.5, 0.3) * big))
    around, up = u(-math.pi, math.pi) if ground < 0.6 else u(-0.6, 0.6), u(-0.1, 1.0)
    away = big * u(1.4, 3.0)
    eye = (math.sin(around) * math.cos(up) * away, middle[1] + math.sin(up) * away,
           math.cos(around) * math.cos(up) * away)
    return b.camera(eye, middle, u(28, 55), b.rng.choice([0, 0, b.rng.gauss(0, 25)]))


def slab(b):
    """Doors, cupboards, walls and ceilings at arm's length, plain, seen along and rolled."""
    u = b.rng.uniform
    b.light(INDOORS, enclosed=1.0, sky_gain=u(0.5, 1.2))
    b.scene.roam = 0.25
    w, d, h = u(1.6, 5), u(3, 9), u(2.3, 3)
    pale = lambda: plain([u(90, 245)] * 3, u(0, 8), b.rng) if b.rng.random() < 0.6 else pattern(b)
    for y, words in ((0, ("tile", "wood", "carpet")), (h, ("officeceiling", "plaster", "paint"))):
        b.add(level(w / 2, d / 2, -d / 2, y, b.texture(words), u(1, 2.5)))
    corners = [(-w / 2, d / 2), (-w / 2, -d / 2), (w / 2, -d / 2), (w / 2, d / 2)]
    walls = [pale() for _ in range(2)]
    for k in range(4):
        b.add(upright(corners[k], corners[(k + 1) % 4], 0, h, walls[k % 2], u(0.6, 3)))
    for _ in range(b.rng.randrange(1, 5)):     # doors ajar and the sides of cupboards
        x, z = b.rng.choice([-1, 1]) * w / 2 * u(0.75, 1), u(-0.45, 0.25) * d
        turn = transform(x, 0, z, u(-1.3, 1.3) + (math.pi if x > 0 else 0))
        width, face, metal = u(0.7, 1.1), pale(), plain([u(120, 220)] * 3)
        b.add(box((width / 2, 0.01, 0), (width, u(1.9, 2.2), 0.05), face, u(0.5, 2)), turn)
        for side in (-0.06, 0.06):
            b.add(box((width - 0.08, 1.0, side), (0.12, 0.025, 0.03), metal), turn)
    for _ in range(b.rng.randrange(5)):        # cupboards, boards, pipes along the walls
        side = b.rng.choice([-1, 1])
        size = u(0.05, 0.6), u(0.1, h), u(0.05, 1.4)
        y = b.rng.choice([0, u(0, h - size[1])])
        place = side * (w / 2 - size[0] / 2), y, u(-0.45, 0.3) * d
        b.add(box(place, size, pale(), u(0.4, 2)))
    spot = lambda: (u(-0.3, 0.3) * w, -u(0.1, 0.45) * d)
    b.some(b.rng.randrange(3), spot, "furniture people household", sized(0.3, 2, 1.4), 0.8)
    eye = np.array([u(-0.3, 0.3) * w, u(0.6, 1.9), u(0, 0.45) * d])
    way = u(-1.3, 1.3)
    target = eye + [math.sin(way), b.rng.gauss(-0.1, 0.35), -math.cos(way)]
    return Camera(tuple(eye), tuple(target), u(50, 90), b.rng.choice([0, b.rng.gauss(0, 25)]))


def crate(b):
    """A deep box, crate or drawer full of things from above, often lit in its middle only."""
    u = b.rng.uniform
    b.light(INDOORS, enclosed=1, sky_gain=u(0.1, 1))
    b.scene.roam = 0.25
    w, d, h = u(0.25, 0.55), u(0.2, 0.4), u(0.1, 0.4)
    grey = lambda low, high: [u(low, high)] * 3
    dark = lambda *span: plain(b.rng.choice([grey(*span), any_colour(b, *span)]), 4, b.rng)
    side = dark(5, 60) if b.rng.random() < 0.6 else pattern(b)
    b.add(level(w, d, -d, 0, side if b.rng.random() < 0.7 else pattern(b), u(0.3, 1)))
    b.add(level(3, 3, -3, -u(0.02, 0.8), dark(2, 120) if b.rng.random() < 0.6 else pattern(b)))
    for k in (-1, 1):
        lean = u(0, 0.12)
        for x in (True, False):
            near, far = (w, d) if x else (d, w)
            place = (k * (near + lean), -far, k * (near + lean), far) if x else \
                (-far, k * (near + lean), far, k * (near + lean))
            b.add(quad([(place[0], h, place[1]), (place[2], h, place[3]),
                        (k * near if x else far, 0, far if x else k * near),
                        (k * near if x else -far, 0, -far if x else k * near)], side, 0.5))
            size = (0.03, 0.02, 2 * far) if x else (2 * far, 0.02, 0.03)
            at = (k * (near + lean), h, 0) if x else (0, h, k * (near + lean))
            b.add(box(at, size, side))
    for _ in range(b.rng.randrange(3, 30)):
        row = b.pick("household food", lambda r: 0.04 < max(r["size"]) < 0.5, 0.8)
        scale = min(1.0, 0.3 / max(row["size"]))
        tumbled(b, row, (u(-0.75, 0.75) * w, u(0.02, 0.12), u(-0.75, 0.75) * d), scale)
    for _ in range(b.rng.randrange(6)):
        size = u(0.04, 0.2), u(0.02, 0.1), u(0.08, 0.3)
        b.add(box((0, -size[1] / 2, 0), size, pattern(b), 0.2),
              turned(b, (u(-0.6, 0.6) * w, u(0.03, 0.12), u(-0.6, 0.6) * d), 0.6))
    if b.rng.random() < 0.6:
        b.scene.lights.append(((u(-0.2, 0.2), u(0.7, 1.5), u(-0.2, 0.2)), np.ones(3) * u(0.3, 2)))
    up = h + u(0.35, 0.8)
    return b.camera((u(-0.08, 0.08), up, u(0.01, 0.25) * up), (0, 0, 0), u(40, 65),
                    b.rng.choice([0, 0, u(-180, 180)]))


def bench(b):
    """A board or table from above with a few things on it; machines or shelves beside it."""
    u = b.rng.uniform
    b.light(INDOORS, enclosed=u(0.5, 1))
    b.scene.roam = 0.25
    w, d, top = u(0.35, 0.9), u(0.3, 0.6), u(0.4, 0.9)
    b.add(level(4, 4, -4, 0, pattern(b), u(0.5, 2)))
    b.add(box((0, top - 0.03, 0), (2 * w, 0.03, 2 * d), pattern(b), u(0.5, 2)))
    for _ in range(b.rng.randrange(5)):        # clutter round the board, some of it near the camera
        x, z = b.rng.choice([(b.rng.choice([-1, 1]) * (w + u(0.1, 0.5)), u(-d, d)),
                             (u(-w, w), b.rng.choice([-1, 1]) * (d + u(0.05, 0.4)))])
        size = u(0.1, 0.5), u(0.1, top + 0.5), u(0.1, 0.6)
        b.add(box((x, 0, z), size, pattern(b), u(0.3, 2)))
    b.some(b.rng.randrange(4), lambda: (b.rng.choice([-1, 1]) * (w + u(0.2, 0.8)), u(-1.2, 0.8)),
           "furniture household street", sized(0.2, 1.4, 1.2), 0.8)
    b.taken.clear()
    small = lambda: b.pick("household food animals", lambda r: 0.04 < max(r["size"]) < 0.45, 0.8)
    b.scatter(b.rng.randrange(2, 14), small, b.within(-0.8 * w, 0.8 * w, -0.8 * d, 0.8 * d),
              height=lambda x, z: top)
    up = top + u(0.5, 1.2)
    back = u(0.02, 0.8) * (up - top)
    return b.camera((u(-0.3, 0.3), up, back), (u(-0.2, 0.2), top, u(-0.2, 0.1)), u(40, 68),
                    b.rng.choice([0, 0, b.rng.gauss(0, 12), u(-180, 180)]))


def machine(b, x, z, top):
    """A laptop or a screen with a keyboard, from boxes, at (x, top, z)."""
    u, dark = b.rng.uniform, plain([b.rng.uniform(10, 190)] * 3, 3, b.rng)
    turn = transform(x, top, z, u(-0.7, 0.7))
    keys = plain([u(5, 230)] * 3, 0, b.rng, 128)
    for k in range(8, 120, 12):
        keys[k:k + 9, 6:122:1] = [*[u(5, 90)] * 3, 255]
        keys[k:k + 9, 6:122:10] = keys[0, 0]
    b.add(box((0, 0, 0), (0.34, 0.015, 0.23), dark), turn)
    corners = [(-0.15, 0.02), (0.15, 0.02), (0.15, -0.1), (-0.15, -0.1)]
    b.add(quad([(x, 0.018, z) for x, z in corners], keys, fit=True), turn)
    lean, big = u(0.05, 0.5), u(0.9, 1.7)
    s, c = math.sin(lean), math.cos(lean)
    matrix = turn.copy()
    matrix[:3, :3] = turn[:3, :3] @ np.array([[1, 0, 0], [0, c, s], [0, -s, c]], np.float32)
    matrix[:3, 3] = turn[:3, 3] + turn[:3, :3] @ [0, 0.015, -0.12]
    b.add(box((0, 0, -0.005), (0.34 * big, 0.22 * big, 0.012), dark), matrix)
    screen = printed(b) if b.rng.random() < 0.7 else plain([u(0, 40)] * 3)
    half, tall = 0.16 * big, 0.21 * big
    matrix[:3, 3] += matrix[:3, :3] @ [0, 0.012, 0.004]
    b.add(card(half, tall, screen, fit=True), matrix)


def desk(b):
    """Desks with machines, cups, books and cables, at arm's length; a wall or a room behind."""
    u = b.rng.uniform
    b.light(INDOORS, enclosed=u(0.5, 1))
    b.scene.roam = 0.3
    top, behind, w, d = u(0.68, 0.78), u(0.1, 3), u(0.5, 1.2), u(0.3, 0.5)
    b.floor(5, 5, FLOORS, 2, near=3)
    b.add(upright((-5, -d - behind), (5, -d - behind), 0, 3, pattern(b), u(0.6, 3)))
    wood = b.texture(("wood", "plaster", "metal", "marble"))
    b.add(box((0, top - 0.04, 0), (2 * w, 0.04, 2 * d), wood, u(0.5, 1.5)))
    for _ in range(b.rng.randrange(1, 4)):
        x, z = u(-0.6, 0.6) * w, -u(0.0, 0.6) * d
        if b.free(x, z, 0.25):
            b.taken.append((x, z, 0.25))
            machine(b, x, z, top)
    for _ in range(b.rng.randrange(5)):        # books, papers, boxes
        size = u(0.1, 0.3), u(0.003, 0.12), u(0.1, 0.3)
        b.add(box((0, 0, 0), size, pattern(b), 0.3),
              transform(u(-0.9, 0.9) * w, top, u(-0.7, 0.9) * d, u(0, 3)))
    small = lambda: b.pick("household food plants", lambda r: 0.04 < max(r["size"]) < 0.4, 0.75)
    b.scatter(b.rng.randrange(1, 9), small, b.within(-0.9 * w, 0.9 * w, -0.8 * d, 0.9 * d),
              height=lambda x, z: top)
    b.some(b.rng.randrange(5), lambda: (u(-2, 2), -d - u(0.2, 1) * behind),
           "furniture people plants", sized(0.4, 2, 1.5), 0.85)
    eye = (u(-0.3, 0.3), top + u(0.1, 0.7), d + u(0, 0.35))
    return b.camera(eye, (u(-0.4, 0.4), top + u(-0.15, 0.3), -0.2), u(38, 68),
                    b.rng.choice([0, 0, b.rng.gauss(0, 15), 90, -90]))


def foliage(b):
    """Plants from half a metre to five metres before walls, rooms, gardens or more plants."""
    u = b.rng.uniform
    inside = b.rng.random() < 0.5
    if inside:
        b.light(INDOORS, enclosed=u(0.4, 1))
        kinds.shell(b, u(5, 9), u(5, 9), u(2.5, 4), b.rng.random() < 0.5, True)
        b.some(5, b.within(-2.5, 2.5, -2.4, -0.5), "furniture", sized(0.3, 2, 2), 0.8)
    else:
        outdoors(b)
        b.floor(60, 90, GREEN + PAVED, u(1, 3))
        b.some(3, b.within(-14, 14, -8, -25), "buildings", sized(3, 20, 25), 0.5)
        if b.rng.random() < 0.5:
            z = -u(3, 9)
            b.add(upright((-20, z), (20, z), 0, u(1, 4), b.texture(WALLS + ("planks",))))
    b.scene.roam = 0.5
    leafy = named("tree_", "qt_houseplant", "qt_plant", "qt_bush", "qt_palm", "qtc_", "kkc_bush",
                  "qt_fl", "oak", "pine")
    for _ in range(b.rng.randrange(5, 18)):    # trees shrunk to pot plants and bushes
        row = b.pick("plants", leafy, 0.8)
        away = u(0.5, 5)
        x, z, tall = u(-0.6, 0.6) * (away + 1), 1.2 - away, u(0.3, 2.2)
        lift = b.rng.choice([0, 0, u(0, 0.6)])
        if lift:
            b.add(box((x, 0, z), (u(0.15, 0.4), lift, u(0.15, 0.4)), pattern(b)))
        b.put(row, x, z, lift, scale=tall / max(0.1, row["size"][1]))
    b.some(b.rng.randrange(3), b.within(-2, 2, -0.5, -3), "people", UPRIGHT)
    return b.camera((u(-0.4, 0.4), u(0.6, 1.7), 1.5), (u(-0.5, 0.5), u(0.4, 1.2), -2), u(45, 75))


def billows(b):
    """A painted sky with heaps of cloud that fill the picture, shaded as round things are."""
    rng = np.random.default_rng(b.rng.randrange(1 << 30))
    top, low = rng.uniform(0.05, 0.6, 3) * (0.7, 0.9, 1.3), rng.uniform(0.2, 0.8, 3)
    height = np.linspace(1, 0, 512, dtype=np.float32)[:, None, None]
    sky = ((low + (top - low) * height) * np.ones((1, 1024, 1))).astype(np.float32)
    lit, dim = rng.uniform(0.9, 1.4, 3), rng.uniform(0.35, 0.9, 3)
    for _ in range(int(rng.integers(3, 9))):
        x, y, size = rng.uniform(100, 924), rng.uniform(170, 270), rng.uniform(20, 90)
        for k in range(int(rng.integers(12, 40))):
            at = x + rng.normal(0, size * 0.7), y + rng.normal(0, size * 0.3) + k
            radius = size * rng.uniform(0.15, 0.5)
            for step in np.linspace(0, 1, 7):  # from the dim rim to the lit top of each heap
                shade = dim + (lit - dim) * step * rng.uniform(0.7, 1)
                middle = int(at[0] - step * radius * 0.25), int(at[1] - step * radius * 0.35)
                cv2.circle(sky, middle, max(1, int(radius * (1 - 0.8 * step))),
                           tuple(float(v) for v in shade), -1)
    b.scene.panorama = cv2.GaussianBlur(sky, (0, 0), rng.uniform(0.6, 2.5))
    b.scene.yaw = b.rng.uniform(0, 2 * math.pi)


def clouds(b):
    """Most of the picture is sky with large bright clouds; land, roofs or trees below."""
    u = b.rng.uniform
    if b.rng.random() < 0.5:
        billows(b)
    elif b.rng.random() < 0.6:
        painted_sky(b)
        shift = np.array([[1, 0, 0], [0, 1, u(-20, 60)]], np.float32)
        b.scene.panorama = cv2.warpAffine(b.scene.panorama, shift, (1024, 512),
                                          borderMode=cv2.BORDER_REPLICATE)
    else:
        b.light(OUTDOORS)
    b.scene.roam = 0.7
    what = b.rng.random()
    if what < 0.2:                             # nothing but sky and what flies in it
        if b.rng.random() < 0.4:               # a plain one
            tone = np.array(any_colour(b, 60)) / 255 * (0.7, 0.9, 1.2)
            b.scene.panorama = np.maximum(b.scene.panorama * 0, tone.astype(np.float32))
        for _ in range(b.rng.randrange(1, 4)):
            row = b.pick("vehicles animals street household people", lambda r: max(r["size"]) > 0.3)
            away = u(4, 20)
            place = u(-0.4, 0.4) * away, 30 + u(-0.1, 0.5) * away, -away
            tumbled(b, row, place, u(0.1, 0.6) * away / max(row["size"]))
        return b.camera((0, 30, 0), (u(-1, 1), 30 + u(0, 4), -10), u(40, 70))
    if what < 0.6:
        size = u(150, 500)
        height = b.terrain(size, size * u(0.01, 0.08), GREEN + ("rock", "snow"))
        b.some(25, b.around(4, 90, 0.9), "plants", named("tree_", "qt_"), 0.7, height=height)
        b.some(b.rng.randrange(4), b.around(2, 15, 0.5), "people animals", sized(0.4, 2.4),
               height=height)
    else:
        b.floor(120, 200, PAVED + GREEN, u(2, 5))
        b.some(8, b.around(8, 60, 0.8), "buildings", sized(4, 40, 40), 0.4)
        b.some(8, b.around(4, 40, 0.8), "plants street vehicles", sized(1, 12, 12), 0.7)
        b.some(b.rng.randrange(5), b.around(2, 14, 0.5), "people", UPRIGHT)
    if b.rng.random() < 0.2:                   # wires
        for k in range(b.rng.randrange(1, 5)):
            b.add(box((0, u(4, 9), -u(6, 20)), (80, 0.04, 0.04), plain((20, 20, 20))))
    up = b.rng.choice([u(0.6, 2), u(2, 25)])
    return b.camera((0, up, 0), (u(-3, 3), up + u(0.3, 4.5), -10), u(40, 80))


def reach(b):
    """People whose hands or arms come towards the camera, who hold things, from half a metre on."""
    u = b.rng.uniform
    inside = b.rng.random() < 0.7
    b.light(INDOORS if inside else OUTDOORS, enclosed=u(0.2, 1) if inside else 0.0)
    b.scene.roam = 0.4
    b.floor(20, 30, FLOORS + GREEN, 2, near=3)
    if inside:
        z = -u(0.6, 4)
        b.add(upright((-5, z), (5, z), 0, 3, pattern(b), u(0.6, 3)))
        b.some(4, lambda: (u(-2.5, 2.5), z * u(0.4, 0.95)), "furniture plants",
               sized(0.4, 2.2, 1.6), 0.9)
    else:
        b.some(10, b.around(2, 25, 0.7), "people plants street", sized(0.5, 9, 7), 0.8)
    row = b.pick("people", posed("reach", "fight", "wave", "throw", "run"))
    tall, yaw = row["size"][1], b.rng.gauss(0, 0.5)
    b.put(row, 0, 0, yaw=yaw)
    if b.rng.random() < 0.3:
        b.put(b.pick("people", posed("stand", "reach", "wave")), u(0.5, 1) * b.rng.choice([-1, 1]),
              -u(0, 1), yaw=u(-0.8, 0.8))
    for _ in range(b.rng.randrange(3)):        # forearms and things held before the body
        x, y, z = u(-0.3, 0.3), tall * u(0.5, 0.8), u(0.2, 0.5)
        thing = b.pick("household food", lambda r: 0.04 < max(r["size"]) < 0.3, 0.8)
        tumbled(b, thing, (x, y, z))
        if b.rng.random() < 0.7:
            skin = plain(np.array([224, 172, 138]) * u(0.4, 1.08), 5, b.rng)
            arm = ball(skin, 0.045, steps=10)
            to = turned(b, (x * 1.1 + 0.05, y - 0.1, z - 0.12), 0.7)
            to[:3, :3] = to[:3, :3] @ np.diag([1, u(2.5, 4), 1]).astype(np.float32)
            b.add(arm, to)
    eye = (u(-0.35, 0.35), tall * u(0.6, 1.0), u(0.9, 2.3))
    return b.camera(eye, (u(-0.15, 0.15), tall * u(0.6, 0.85), 0), u(38, 65))


def jam(b):
    """Roads and car parks full of traffic, under bridges, between walls; low and wide."""
    u = b.rng.uniform
    outdoors(b)
    b.scene.roam = 0.5
    half = u(4, 11)
    b.floor(150, 300, GREEN + PAVED, 3)
    b.add(level(half, 20, -240, 0.04, b.texture(("asphalt", "road", "concrete")), u(2, 6)))
    for k in range(-3, 4):
        for z in range(-4, 120, 8):
            x = half * k / 3.5
            b.add(quad([(x - 0.07, 0.06, -z), (x + 0.07, 0.06, -z), (x + 0.07, 0.06, -z - 3),
                        (x - 0.07, 0.06, -z - 3)], plain((220, 220, 220))))
    lane = lambda: (half * (b.rng.randrange(-3, 3) + 0.5) / 3.5, -4 - 90 * b.rng.random() ** 1.5)
    vehicle = lambda r: 2.5 < max(r["size"]) < 14 and sized(1, 4.2, 14)(r) and \
        not named("pm_boat", "pm_ship", "qt_", "qtx_airplane", "cessna", "pm_heli")(r)
    b.some(b.rng.randrange(8, 26), lane, "vehicles", vehicle, 0.4, yaw=along_road(b))
    for side in (-1, 1):
        if b.rng.random() < 0.6:
            place, size = (side * (half + u(0.5, 3)), 0, -100), (0.4, u(0.6, 6), 220)
            b.add(box(place, size, b.texture(WALLS)))
        verge = lambda: (side * (half + u(2, 20)), -u(4, 90))
        b.some(10, verge, "plants street", sized(1, 12, 9), 0.8)
        b.some(b.rng.randrange(5), verge, "buildings", sized(4, 30, 34), 0.4)
        b.some(2, lambda: (side * (half + u(0.5, 2)), -u(5, 30)), "people", UPRIGHT)
    if b.rng.random() < 0.4:
        z, y = -u(15, 60), u(4.5, 7)
        b.add(box((0, y, z), (120, u(0.8, 2), u(4, 14)), b.texture(("concrete", "metal"))))
        for x in (-1, 1):
            b.add(box((x * (half + 1), 0, z), (1.2, y, 1.2), b.texture(("concrete",))))
    x = half * (b.rng.randrange(-3, 3) + 0.5) / 3.5
    return b.camera((x, u(1.1, 2.2), 0), (x + u(-2, 2), u(0.6, 1.6), -20), u(45, 85))


def glasses(b):
    """A table, a bar or a hand with glasses and bottles that are seen through."""
    u = b.rng.uniform
    camera = b.rng.choice([kinds.table, kinds_film.handed, kinds_film.bar, desk])(b)
    forward, right, up = camera.axes()
    eye, reach = np.asarray(camera.eye), np.linalg.norm(np.subtract(camera.target, camera.eye))
    for _ in range(b.rng.randrange(1, 6)):
        row = b.pick("household food", CLEAR, 0.5)
        away = reach * u(0.45, 1.1)
        place = eye + forward * away + (right * u(-0.45, 0.45) + up * u(-0.3, 0.1)) * away
        scale = u(0.12, 0.3) / max(row["size"])
        matrix = transform(*place, u(0, 6), scale)
        matrix[1, 3] -= row["size"][1] * scale / 2
        b.scene.clear.append((b.library.model(row["file"]), matrix, None))
    return camera


def posters(b):
    """A cluttered corner: patterned walls, boards, pictures and cloth, things close before them."""
    u = b.rng.uniform
    b.light(INDOORS, enclosed=u(0.5, 1))
    b.scene.roam = 0.4
    deep = u(0.8, 2.5)
    b.add(upright((-5, -deep), (5, -deep), -1, 3.5, pattern(b), u(0.5, 3)))
    b.add(upright((-u(1, 3), 3), (-u(1, 3), -deep), -1, 3.5, pattern(b), u(0.5, 3)))
    b.add(level(5, 3, -deep, -u(0.0, 0.9), pattern(b), u(0.4, 2)))
    for _ in range(b.rng.randrange(3, 12)):
        w, h, z = u(0.1, 1.2), u(0.1, 1.0), -deep + u(0.01, 0.1)
        if b.rng.random() < 0.5:
            z = -u(0, 1) * deep
        turn = transform(u(-1.4, 1.4), u(-0.4, 1.0), z, u(-0.8, 0.8) if z > -deep + 0.1 else 0)
        b.add(box((0, 0, 0), (w, h, u(0.005, 0.25)), pattern(b), u(0.3, 1.5)), turn)
    for _ in range(b.rng.randrange(3, 14)):
        row = b.pick("household food plants animals furniture",
                     lambda r: 0.05 < max(r["size"]) < 1.2, 0.7)
        scale = min(1.0, u(0.25, 0.8) / max(row["size"]))
        place = u(-1, 1) * (1 + deep / 3), u(-0.3, 0.7), -u(-0.1, 0.95) * deep
        if b.rng.random() < 0.5:
            tumbled(b, row, place, scale)
        else:
            b.put(row, place[0], place[2], place[1], scale=scale)
    return b.camera((u(-0.5, 0.5), u(0.1, 0.9), u(0.7, 1.8)), (u(-0.3, 0.3), u(0, 0.6), -deep / 2),
                    u(35, 65))
