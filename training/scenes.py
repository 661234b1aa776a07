# SPDX-License-Identifier: MIT
"""compose(library, seed, kind): a random Scene with its cameras; equal seeds give equal scenes."""
import numpy as np

import kinds
import kinds_film
import kinds_more
from builder import Builder
from raster import Camera

KINDS = {f.__name__: f for f in (
    kinds.street, kinds.room, kinds.table, kinds.landscape, kinds.crowd, kinds.portrait,
    kinds.corridor, kinds.closeup, kinds.night, kinds.aerial, kinds.blocker, kinds.poster,
    kinds_film.road, kinds_film.plaza, kinds_film.pets, kinds_film.halflength, kinds_film.handed,
    kinds_film.above, kinds_film.coast, kinds_film.interior, kinds_film.bar, kinds_film.shelf,
    kinds_film.drawn, kinds_film.thin, kinds_film.tilted,
    kinds_film.still, kinds_film.tray,
    kinds_more.flying, kinds_more.product, kinds_more.slab, kinds_more.crate, kinds_more.bench,
    kinds_more.desk, kinds_more.foliage, kinds_more.clouds, kinds_more.reach, kinds_more.jam,
    kinds_more.glasses, kinds_more.posters)}
# kinds whose camera may be close to what it looks at
NEAR = ("table", "closeup", "handed", "shelf", "still", "tray", "flying", "product", "slab",
        "crate", "bench", "desk", "foliage", "reach", "glasses", "posters")


def moved(camera, rng, scene):
    """Another view of the same scene: a step aside, another target and lens."""
    eye, target = np.array(camera.eye, float), np.array(camera.target, float)
    step = min(np.linalg.norm(target - eye) * 0.2, 1.5) * scene.roam
    eye += [rng.uniform(-step, step), rng.uniform(-0.15, 0.3) * min(step, 1), rng.uniform(-step, 0)]
    target += [rng.uniform(-step, step), rng.uniform(-0.3, 0.3) * step, 0]
    if scene.kind not in NEAR:
        eye[1] = max(eye[1], 0.3)
    fov = min(90, max(28, camera.fov * rng.uniform(0.7, 1.25)))
    roll = camera.roll if abs(camera.roll) > 15 else rng.choice([0, rng.gauss(0, 4)])
    return Camera(tuple(eye), tuple(target), fov, roll)


def compose(library, seed, kind=None, views=3):
    """Scene of `kind` (None: by seed) with `views` cameras."""
    kind = kind or list(KINDS)[seed % len(KINDS)]
    builder = Builder(library, kind, seed)
    first = KINDS[kind](builder)
    builder.scene.cameras = [first] + [moved(first, builder.rng, builder.scene)
                                       for _ in range(views - 1)]
    return builder.scene
