# SPDX-License-Identifier: MIT
"""A dump of MP4's boxes, straight from the standard: what is in a file, read by nobody else."""

import struct

FOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"vexu", b"eyes", b"proj",
           b"pack", b"sv3d"}


def boxes(data, path=()):
    """Yield (path, body) of every box; sizes must add up exactly."""
    at = 0
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        if size < head or at + size > len(data):
            if path[-1:] == ("avc1",) or not any(data[at:]):
                return  # QuickTime's end mark
            raise ValueError(f"{path}: a box of {size} bytes at {at} of {len(data)}")
        body = data[at + head:at + size]
        here = path + (name.decode("latin1"),)
        yield here, body
        if name in FOLDERS:
            yield from boxes(body, here)
        elif name == b"stsd":
            yield from boxes(body[8:], here)
        elif path[-1:] == ("stsd",) and is_pictures(name):
            yield from boxes(body[78:], here)
        at += size


def is_pictures(name):
    return name in (b"avc1", b"hvc1", b"hev1", b"av01", b"apch", b"ap4h", b"FFV1", b"vp09")


def sample_entry(data):
    """{name: body} of the boxes in the sample entry of the pictures, all levels."""
    found = {}
    for path, body in boxes(data):
        if "stsd" in path:
            inside = path[path.index("stsd") + 1:] or ("",)
            if is_pictures(inside[0].encode("latin1")):
                if "/".join(inside[1:]) in found:
                    raise ValueError(f"{inside} is there twice")
                found["/".join(inside[1:])] = body
    return found


def tracks(data):
    """[{path: [bodies]}] of each track, with paths inside it such as udta/name."""
    found = []
    for path, body in boxes(data):
        if path == ("moov", "trak"):
            found.append({})
        elif path[:2] == ("moov", "trak"):
            found[-1].setdefault("/".join(path[2:]), []).append(body)
    return found
