# SPDX-License-Identifier: MIT
"""A walk through a drawn room: pictures, true depth and camera poses, for bench/steady.py.

Boxes on a floor between walls, each face with a texture and a light of its own, seen by a pinhole
camera that walks, sways and turns. Everything is ray-traced, so depth and poses are exact.
"""
import subprocess

import numpy as np

WIDTH, HEIGHT, FOCAL = 448, 252, 364.  # pixels


def boxes(random):
    """Rows of (low x, y, z, high x, y, z), y up from the floor at 0, metres; the first is the room,
    seen from within."""
    found = [[-3.5, 0, -2, 3.5, 2.9, 9]]
    for _ in range(8):
        x, z = random.uniform(-3, 3), random.uniform(2.5, 8.5)
        half, height = random.uniform(.15, .6), random.uniform(.4, 2)
        if abs(x) - half > .5 or z > 6:
            found.append([x - half, 0, z - half, x + half, height, z + half])
    return np.array(found)


def pose(share):
    """Camera to world: rotation and position at 0 .. 1 of the walk."""
    turn, nod = .22 * np.sin(5 * share), -.12 + .03 * np.sin(17 * share)
    c, s, d, e = np.cos(turn), np.sin(turn), np.cos(nod), np.sin(nod)
    rotation = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]) @ \
        np.array([[1, 0, 0], [0, d, -e], [0, e, d]])
    return rotation, np.array([.25 * np.sin(9 * share), 1.6 + .03 * np.sin(40 * share),
                               -1 + 2.2 * share])


def rays():
    x, y = np.meshgrid(np.arange(WIDTH) - (WIDTH - 1) / 2, np.arange(HEIGHT) - (HEIGHT - 1) / 2)
    return np.stack([x / FOCAL, -y / FOCAL, np.ones_like(x)], -1)


def texture(point, kind, axis):
    """0 .. 1 at points of a surface: waves, and stains of two sizes."""
    u, v = point[..., (axis + 1) % 3], point[..., (axis + 2) % 3]
    rough = np.zeros_like(u)
    for size, share in ((.07, .5), (.31, .5)):
        a, b = np.floor(u / size).astype(int), np.floor(v / size).astype(int)
        hashed = (a * 73856093) ^ (b * 19349663) ^ (kind * 83492791)
        rough += share * ((hashed ^ (hashed >> 13)) % 1009) / 1009
    return .6 * rough + .2 * (1 + np.sin(u * (9 + kind)) * np.sin(v * (7 + 2 * kind)))


def look(scene, rotation, position, directions):
    """Luma 0 .. 255, and depth along the optical axis."""
    ray = directions @ rotation.T
    with np.errstate(divide='ignore', invalid='ignore'):
        a = (scene[:, None, None, :3] - position) / ray
        b = (scene[:, None, None, 3:] - position) / ray
    enter, leave = np.minimum(a, b), np.maximum(a, b)
    near, far = enter.max(-1), leave.min(-1)
    hit = np.where((near < far) & (near > .05), near, np.inf)
    hit[0] = far[0]  # the room is seen from within
    which = hit.argmin(0)
    z = hit.min(0)
    axes = enter.argmax(-1)
    axes[0] = leave[0].argmin(-1)
    axis = np.take_along_axis(axes, which[None], 0)[0]
    point = position + ray * z[..., None]
    luma = np.zeros_like(z)
    for kind in range(len(scene)):
        for side in range(3):
            mask = (which == kind) & (axis == side)
            if mask.any():
                light = (.75, 1, .55)[side] * (.55 + .45 * ((kind * 37) % 11) / 10)
                luma[mask] = 235 * light * (.3 + .7 * texture(point[mask], kind, side))
    return luma, z


def walk(path, frames=48, seed=3):
    """Writes the film to `path`; returns true depth and poses of all frames."""
    random = np.random.default_rng(seed)
    scene, directions = boxes(random), rays()
    poses = [pose(t / (frames - 1)) for t in range(frames)]
    seen = [look(scene, *at, directions) for at in poses]
    noisy = [luma + random.normal(0, 2, luma.shape) for luma, _ in seen]
    subprocess.run(['ffmpeg', '-v', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', 'gray', '-s',
                    f'{WIDTH}x{HEIGHT}', '-r', '25', '-i', '-', '-c:v', 'ffv1', '-pix_fmt',
                    'yuv420p', path], check=True,
                   input=np.clip(noisy, 0, 255).astype(np.uint8).tobytes())
    return np.array([z for _, z in seen]), poses


def project(z, here, there):
    """Depth that a map of depth seen from `here` has from `there`, by points; inf where none is."""
    height, width = z.shape
    scale = width / WIDTH
    x, y = np.meshgrid((np.arange(width) + .5) / scale - WIDTH / 2,
                       (np.arange(height) + .5) / scale - HEIGHT / 2)
    point = np.stack([x / FOCAL, -y / FOCAL, np.ones_like(x)], -1) * z[..., None]
    seen = (point @ here[0].T + here[1] - there[1]) @ there[0]
    depth = seen[..., 2]
    ok = depth > .05
    column = np.floor((seen[..., 0] / np.where(ok, depth, 1) * FOCAL + WIDTH / 2) * scale)
    row = np.floor((-seen[..., 1] / np.where(ok, depth, 1) * FOCAL + HEIGHT / 2) * scale)
    ok &= (column >= 0) & (column < width) & (row >= 0) & (row < height)
    found = np.full(z.shape, np.inf)
    np.minimum.at(found, (row[ok].astype(int), column[ok].astype(int)), depth[ok])
    return found
