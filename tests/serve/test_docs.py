#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What docs/api.md and web/openapi.json say is so: the commands run, and no route is missing."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from server import Case, main

ROOT = pathlib.Path(os.environ.get("ROOT", pathlib.Path(__file__).parents[2]))


def routes():
    text = (ROOT / "src/serve/routes.c").read_text()
    return set(re.findall(r'\{"([A-Z]+)", "(/api/[^"]+)"', text))


class Docs(Case):
    @unittest.skipUnless(shutil.which("curl"), "needs curl")
    def test_the_commands_run(self):
        page = (ROOT / "docs/api.md").read_text()
        script = "set -eux\n" + "".join(re.findall(r"^```sh\n(.*?)^```$", page, re.M | re.S))
        # The only change: no weights are needed for a test.
        script = script.replace('"divergence": 2.5', '"divergence": 2.5, "device": "dummy"')
        script = script.replace("divergence=3", "divergence=3&device=dummy")
        script = script.replace("view=depth", "view=depth&device=dummy")
        script = script.replace('"\'"$FILM"\'"}', '"\'"$FILM"\'", "options": {"device": "dummy"}}')
        self.draw(frames=25)
        server = self.serve()
        done = subprocess.run(["sh", "-c", script], cwd=self.folder, text=True, timeout=120,
                              env=os.environ | {"URL": server.url.rstrip("/")},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("there is no such film", done.stdout)
        self.assertGreater((self.folder / "output_3d_video.mp4").stat().st_size, 1000)
        self.assertEqual((self.folder / "first-bytes").stat().st_size, 100)
        for name in "anaglyph.jpg", "depth.jpg", "thumbnail.jpg":
            self.assertEqual((self.folder / name).read_bytes()[:2], b"\xff\xd8", name)
        self.assertEqual(len(server.get("/api/files").json["files"]), 1)

    def test_each_route_is_described(self):
        description = json.loads((ROOT / "web/openapi.json").read_text())
        described = {(method.upper(), path) for path, methods in description["paths"].items()
                     for method in methods}
        self.assertEqual(described, routes())

    def test_the_page_names_each_route(self):
        page = (ROOT / "docs/api.md").read_text()
        for _, path in routes():
            plain = re.escape(path).replace(r"\{id\}", r"[^/\s]+")
            words = path.rsplit("/", 1)[1]
            self.assertTrue(re.search(plain, page) or f"`{words}`" in page, path)


if __name__ == "__main__":
    main()
