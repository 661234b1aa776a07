# SPDX-License-Identifier: MIT
"""Contact sheets of pictures and their depth, and the frames of films to put on them."""
import os

import cv2
import numpy as np


def coloured(inverse):
    low, high = np.nanquantile(inverse, [0.01, 0.99])
    grey = np.nan_to_num((inverse - low) / max(high - low, 1e-6))
    return cv2.applyColorMap((np.clip(grey, 0, 1) * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)


def sheet(items, predicts, out, width=240, height=160, columns=4):
    """Contact sheet of (picture, truth or None): picture, truth, guesses from left to right."""
    tiles = []
    for picture, truth in items:
        panes = [(picture[..., ::-1] * 255).astype(np.uint8)]
        panes += [coloured(truth)] if truth is not None else []
        panes += [coloured(predict(picture)) for predict in predicts]
        fit = min(width / picture.shape[1], height / picture.shape[0])
        size = (int(picture.shape[1] * fit), int(picture.shape[0] * fit))
        tile = np.zeros((height, width * len(panes), 3), np.uint8)
        for i, pane in enumerate(panes):
            pane = cv2.resize(pane, size, interpolation=cv2.INTER_AREA)
            tile[:size[1], i * width:i * width + size[0]] = pane
        tiles.append(tile)
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[i:i + columns]) for i in range(0, len(tiles), columns)]
    cv2.imwrite(out, np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 72])


def frames(folder, per_film=2):
    """Pictures of a folder, and frames of its films at even distances, as (picture, None)."""
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.lower().endswith((".jpg", ".jpeg", ".png")):
            yield cv2.imread(path)[..., ::-1].astype(np.float32) / 255, None
            continue
        film = cv2.VideoCapture(path)
        count = int(film.get(cv2.CAP_PROP_FRAME_COUNT))
        for k in range(per_film if count > 0 else 0):
            film.set(cv2.CAP_PROP_POS_FRAMES, count * (k + 1) // (per_film + 1))
            good, frame = film.read()
            if good:
                yield frame[..., ::-1].astype(np.float32) / 255, None
