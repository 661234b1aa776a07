#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The notebook runs from top to bottom, and shows a picture at each of its eight steps. Needs
nbclient: scripts/setup long."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("ROOT", pathlib.Path(__file__).parents[2]))
PYTHON = ROOT / ".deps/python/bin/python"
NOTEBOOK = ROOT / "examples/3d-video-generation.ipynb"

RUN = """
import sys, nbformat, nbclient
book = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(book, timeout=300, kernel_name="python3",
                        resources={"metadata": {"path": sys.argv[3]}}).execute()
nbformat.write(book, sys.argv[2])
"""


class Notebook(unittest.TestCase):
    def test_it_runs(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="relief-notebook-"))
        self.addCleanup(shutil.rmtree, folder)
        environment = os.environ | {
            "RELIEF_NOTEBOOK_DEPTH": os.environ.get("RELIEF_NOTEBOOK_DEPTH", "--device dummy"),
            "RELIEF_NOTEBOOK_FOLDER": str(folder / "out"), "RELIEF_NOTEBOOK_SECONDS": "1.5",
            "IPYTHONDIR": str(folder / "ipython"), "PATH": f"{PYTHON.parent}:{os.environ['PATH']}"}
        done = subprocess.run(
            [PYTHON, "-c", RUN, NOTEBOOK, folder / "run.ipynb", ROOT / "examples"],
            env=environment, text=True, timeout=600, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout[-4000:])
        book = json.loads((folder / "run.ipynb").read_text())
        if os.environ.get("KEEP"):
            shutil.copy(folder / "run.ipynb", os.environ["KEEP"])
        steps = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
        self.assertEqual(len(steps), 8)
        for number, step in enumerate(steps, 1):
            kinds = {kind for output in step["outputs"] for kind in output.get("data", {})}
            text = json.dumps(step["outputs"])
            self.assertTrue("image/png" in kinds or "<img" in text or "<video" in text, number)
        self.assertGreater((folder / "out/output_3d_video.mp4").stat().st_size, 1000)
        self.assertEqual(json.loads(NOTEBOOK.read_text())["cells"][2]["outputs"], [])


if __name__ == "__main__":
    if not PYTHON.exists() or not shutil.which("ffmpeg"):
        print("skipped: needs ffmpeg, and nbclient: scripts/setup long")
        sys.exit(77)
    unittest.main()
