# SPDX-License-Identifier: MIT
"""Every entry of the registry, through the whole converter, with a network in its place that has its
tensors, shapes, types and normalisation, and a known answer."""

import json
import os
import struct
import unittest
import zlib

import command
import stub

IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
HALF = (0.5,) * 3, (0.5,) * 3
INSIDE = (0.0,) * 3, (1.0,) * 3
FREE4 = (["batch", 3, "height", "width"], ["batch", "height", "width"])
FREE5 = (["batch", "views", 3, "height", "width"], ["batch", "views", "height", "width"])


def square(side, rank=3):
    return [1, 3, side, side], [1] * (rank - 2) + [side, side]


# Name: input, outputs (the map last), shapes, normalisation, and more. MiDaS's own exporter gives no
# names, so that PyTorch numbers them: "0" and "1080" are those of the official midas-v21 as its
# users quote them, small's output is a guess. The registry counts on no name there.
ENTRIES = {
    "midas-small": ("0", ["797"], square(256), INSIDE, {}),
    "midas-v21": ("0", ["1080"], square(384), INSIDE, {}),
    "dpt-hybrid": ("pixel_values", ["predicted_depth"], square(384), HALF, {}),
    "dpt-large": ("pixel_values", ["predicted_depth"], square(384), HALF, {}),
    "da2-small": ("pixel_values", ["predicted_depth"], FREE4, IMAGENET, {}),
    "da2-small-fp16": ("pixel_values", ["predicted_depth"], FREE4, IMAGENET, {"kind": stub.HALF}),
    "da2-base": ("pixel_values", ["predicted_depth"], FREE4, IMAGENET, {}),
    "da2-large": ("pixel_values", ["predicted_depth"], FREE4, IMAGENET, {}),
    "da3-small": ("pixel_values", ["confidence", "predicted_depth"], FREE5, IMAGENET,
                  {"near_is_small": True, "beside": "model.onnx_data"}),
    "da3-base": ("pixel_values", ["confidence", "predicted_depth"], FREE5, IMAGENET,
                 {"near_is_small": True, "beside": "model.onnx_data"}),
}

# Stripes from left to right, far to near; no two colours have the channels in one order.
STRIPES = [(20, 60, 110), (150, 40, 30), (70, 170, 210), (250, 190, 140)]
WIDTH, HEIGHT = 640, 384


def value(colour):
    return 0.1 + sum(w * (c / 255) ** 2 for w, c in zip(stub.WEIGHTS, colour))


def wanted():
    """What -f depth holds in the middle of each stripe: 0 far to 1 near."""
    values = [value(colour) for colour in STRIPES]
    return [(v - min(values)) / (max(values) - min(values)) for v in values]


def read_grey16(path):
    """Rows of a 16-bit grey PNG."""
    data = path.read_bytes()
    width, height, bits, kind = struct.unpack(">IIBB", data[16:26])
    assert (bits, kind) == (16, 0), (bits, kind)
    packed, at = b"", 8
    while at < len(data):
        length, = struct.unpack(">I", data[at:at + 4])
        if data[at + 4:at + 8] == b"IDAT":
            packed += data[at + 8:at + 8 + length]
        at += length + 12
    raw, stride, rows, above = zlib.decompress(packed), width * 2, [], bytes(width * 2)
    for y in range(height):
        how, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for x in range(stride):
            a, b = line[x - 2] if x > 1 else 0, above[x]
            c = above[x - 2] if x > 1 else 0
            p = a + b - c
            nearest = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            line[x] = (line[x] + (0, a, b, (a + b) // 2, nearest)[how]) & 255
        rows.append([v / 65535 for v in struct.unpack(f">{width}H", line)])
        above = line
    return rows


class Registry(command.Case):
    def setUp(self):
        super().setUp()
        self.cache = self.folder / "cache/relief/models"
        self.config = self.folder / "config/relief"
        self.config.mkdir(parents=True)
        self.env = os.environ | {"XDG_CACHE_HOME": str(self.folder / "cache"),
                                 "XDG_CONFIG_HOME": str(self.folder / "config")}
        devices = json.loads(self.run_relief("devices", "--json").stdout)
        if not any(d["name"] == "cpu" and d["usable"] for d in devices):
            self.skipTest("needs OpenVINO")
        row = b"".join(bytes(STRIPES[x * 4 // WIDTH]) for x in range(WIDTH))
        (self.folder / "in.ppm").write_bytes(b"P6 %d %d 255\n" % (WIDTH, HEIGHT) + row * HEIGHT)

    def run_relief(self, *words, **options):
        return super().run_relief(*words, **{"env": getattr(self, "env", None)} | options)

    def place(self, name, names=None):
        """A stub in the cache, and its own size and checksum unknown to the registry. `names`: of
        its input and its output, if not those of ENTRIES."""
        shown = json.loads(self.run_relief("models", "list", "--json").stdout)
        path = next(m["path"] for m in shown if m["name"] == name)
        inputs, outputs, (shape, result), (mean, std), more = ENTRIES[name]
        if names:
            inputs, outputs = names[0], [names[1]]
        folder = self.cache / name
        folder.mkdir(parents=True, exist_ok=True)
        stub.network(folder / os.path.basename(path), inputs, outputs, shape, result, mean, std,
                     **more)

    def forget_checksums(self):
        """The registry as it is, without what tells a stub from the real file."""
        with open(os.environ["RELIEF_REGISTRY_FILE"], encoding="utf-8") as file:
            registry = json.load(file)
        for entry in registry["models"].values():
            for file in entry["files"]:
                file.pop("sha256", None)
                file.pop("bytes", None)
        (self.config / "registry.json").write_text(json.dumps(registry))
        return registry["models"]

    def depth_of(self, name, *words):
        done = self.run_relief("in.ppm", "-m", name, "-f", "depth", "-o", "out.png", "-y",
                               "--precision", "f32", *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = read_grey16(self.folder / "out.png")
        middles = [rows[HEIGHT // 2][(2 * i + 1) * WIDTH // 8] for i in range(len(STRIPES))]
        return middles, done

    def check(self, name, names=None):
        self.place(name, names)
        middles, done = self.depth_of(name)
        for got, right in zip(middles, wanted()):
            self.assertAlmostEqual(got, right, delta=0.02, msg=f"{name}: {middles}, {wanted()}")
        self.assertEqual("NOT FOR COMMERCIAL USE" in done.stderr, name in ("da2-base", "da2-large"))

    def test_every_entry_gives_its_answer(self):
        models = self.forget_checksums()
        # The IR is another kind of file: see test_an_ir.
        self.assertEqual(set(models), set(ENTRIES) | {"midas-small-ir"})
        for name in ENTRIES:
            with self.subTest(name=name):
                self.check(name)

    def test_midas_may_call_its_tensors_what_it_likes(self):
        self.forget_checksums()
        for names in ("input.1", "output"), ("image", "inverse_depth"):
            for name in "midas-small", "midas-v21":
                with self.subTest(name=name, names=names):
                    self.check(name, names)
                    done = self.run_relief("models", "remove", name)
                    self.assertEqual(done.returncode, 0, done.stderr)

    def test_an_ir(self):
        """OpenVINO's own kind of file: XML, and a second file of weights."""
        self.forget_checksums()
        folder = self.cache / "midas-small-ir"
        folder.mkdir(parents=True)
        stub.ir(folder / "openvino_midas_v21_small_256.xml", 256, *IMAGENET)
        middles, _ = self.depth_of("midas-small-ir")
        for got, right in zip(middles, wanted()):
            self.assertAlmostEqual(got, right, delta=0.02)

    def test_the_answer_tells_mistakes(self):
        """The same stub, described wrongly: each mistake shows."""
        models = self.forget_checksums()
        self.place("da2-small")
        entry = models["da2-small"]
        for mistake in ({"normalisation": "inside"}, {"normalisation": "half"},
                        {"output": "depth"}):
            self.config.joinpath("registry.json").write_text(json.dumps(
                {"format": 1, "models": {"da2-small": entry | mistake}}))
            middles, _ = self.depth_of("da2-small")
            with self.subTest(mistake=mistake):
                off = max(abs(got - right) for got, right in zip(middles, wanted()))
                self.assertGreater(off, 0.05)

    def test_a_file_without_its_data_is_refused(self):
        self.forget_checksums()
        self.place("da3-small")
        (self.cache / "da3-small/model.onnx_data").unlink()
        done = self.run_relief("in.ppm", "-m", "da3-small", "-f", "depth", "-o", "out.png")
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertIn("relief models get da3-small", done.stderr)

    def test_pictures_without_batch(self):
        """Shapes that no entry has: a picture without batch."""
        path = self.folder / "flat.onnx"
        stub.network(path, "x", ["y"], [3, 128, 256], [128, 256], *INSIDE)
        path.with_suffix(".json").write_text('{"file": "flat.onnx", "normalisation": "inside"}')
        middles, _ = self.depth_of("./flat.onnx")
        for got, right in zip(middles, wanted()):
            self.assertAlmostEqual(got, right, delta=0.02)

    def test_films_and_sequences(self):
        self.forget_checksums()
        self.place("midas-small")
        self.ffmpeg("-loop", "1", "-i", "in.ppm", "-frames:v", "3", "-c:v", "ffv1", "in.mkv")
        for output in "out.mkv", "out_%02d.png":
            done = self.run_relief("in.mkv", "-m", "midas-small", "-f", "depth", "-o", output,
                                   "--precision", "f32")
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.video("out.mkv")["pix_fmt"], "gray16le")
        self.ffmpeg("-i", "out.mkv", "-frames:v", "1", "film.png")
        for name in "film.png", "out_00.png":
            rows = read_grey16(self.folder / name)
            for i, right in enumerate(wanted()):
                self.assertAlmostEqual(rows[100][(2 * i + 1) * WIDTH // 8], right, delta=0.02)


if __name__ == "__main__":
    command.main()
