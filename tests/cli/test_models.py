# SPDX-License-Identifier: MIT
"""relief models: the registry, downloads from a server that behaves badly, what is kept of them."""

import hashlib
import json
import os
import pathlib
import pty
import random
import signal
import subprocess

import command
import web

DATA = random.Random(1).randbytes(300_000)
NETWORKS = pathlib.Path(__file__).resolve().parent.parent / "data/networks"


class Case(command.Case):
    def setUp(self):
        super().setUp()
        self.web = web.Web({"a.onnx": DATA, "a.onnx_data": DATA[::-1],
                            "tiny.onnx": (NETWORKS / "free.onnx").read_bytes()})
        self.addCleanup(self.web.close)
        self.cache = self.folder / "cache/relief/models"
        self.config = self.folder / "config/relief"
        self.config.mkdir(parents=True)
        self.env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        self.env |= {"XDG_CACHE_HOME": str(self.folder / "cache"),
                     "XDG_CONFIG_HOME": str(self.folder / "config"), "RELIEF_STALL_SECONDS": "1"}

    def run_relief(self, *words, **options):
        return super().run_relief(*words, **{"env": self.env} | options)

    def entry(self, way, *names, known=True, **keys):
        """A registry's entry for these files, which are to be fetched in this way."""
        files = [{"name": name, "url": self.web.url(way, name)} for name in names]
        for file in files if known else []:
            data = self.web.files[file["name"]]
            file |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        return {"files": files} | keys

    def register(self, **entries):
        text = json.dumps({"format": 1, "models": entries})
        (self.config / "registry.json").write_text(text)

    def model(self, way, *names, **keys):
        self.register(m=self.entry(way, *(names or ["a.onnx"]), **keys))

    def get(self, code=0, says="", name="m"):
        done = self.run_relief("models", "get", name)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(says, done.stderr)
        return done

    def assert_here(self, name="a.onnx"):
        self.assertEqual((self.cache / "m" / name).read_bytes(), self.web.files[name])
        self.assertFalse((self.cache / "m" / (name + ".part")).exists())

    def assert_not_here(self):
        self.assertFalse((self.cache / "m/a.onnx").exists())
        done = self.run_relief("models", "path", "m")
        self.assertEqual(done.returncode, 5)
        self.assertIn("relief models get m", done.stderr)


class Downloads(Case):
    def test_it_comes_once_and_is_kept(self):
        self.model("good")
        done = self.get()
        self.assert_here()
        self.assertEqual(done.stdout.strip(), str(self.cache / "m/a.onnx"))
        self.get()
        self.assertEqual(self.web.asked, [("good", None)])
        self.assertEqual(self.run_relief("models", "path", "m").stdout, done.stdout)
        self.assertEqual(self.run_relief("models", "check").returncode, 0)

    def test_several_files(self):
        self.model("good", "a.onnx", "a.onnx_data")
        self.get()
        self.assert_here("a.onnx")
        self.assert_here("a.onnx_data")

    def test_redirects(self):
        self.model("moved")
        self.get()
        self.assert_here()
        self.model("round")
        self.run_relief("models", "remove", "m")
        self.get(5, "redirects")
        self.assert_not_here()

    def test_a_file_that_has_gone(self):
        self.model("missing")
        self.get(5, "the server answers 404")
        self.assert_not_here()
        self.assertEqual(len(self.web.asked), 1)

    def test_a_busy_server_is_asked_again(self):
        self.model("busy")
        self.get()
        self.assert_here()
        self.assertEqual(len(self.web.asked), 3)

    def test_what_breaks_off_or_stands_still_goes_on(self):
        for way in "cut", "still":
            with self.subTest(way=way):
                self.model(way)
                self.get()
                self.assert_here()
                self.assertEqual(self.web.asked[-1], (way, f"bytes={len(DATA) // 2}-"))
                self.run_relief("models", "remove", "m")

    def test_a_server_that_never_ends_is_given_up(self):
        self.model("dead")
        self.get(5, "run it again")
        self.assert_not_here()
        self.assertEqual(len(self.web.asked), 3)

    def test_what_always_breaks_off_comes_in_pieces(self):
        self.model("shut")
        done = self.get(5)
        self.assertIn("download failed", done.stderr)
        # Half, then half of the rest, ...: never twice the same.
        begins = [int(wanted.split("=")[1][:-1]) for _, wanted in self.web.asked if wanted]
        self.assertEqual(begins, sorted(begins))
        self.assertGreater(begins[-1], len(DATA) * 0.99)

    def test_a_wrong_byte(self):
        self.model("wrong")
        self.get(5, "is not the file that the registry names: its SHA-256 is")
        self.assert_not_here()
        self.assertFalse((self.cache / "m/a.onnx.part").exists())

    def test_too_long(self):
        self.model("longer")
        self.get(5, "more comes than the file should have")
        self.assert_not_here()

    def test_a_part_that_does_not_fit_is_thrown_away(self):
        self.model("good")
        (self.cache / "m").mkdir(parents=True)
        (self.cache / "m/a.onnx.part").write_bytes(b"x" * 1000)
        self.get()
        self.assert_here()
        self.assertEqual(self.web.asked, [("good", "bytes=1000-"), ("good", None)])

    def test_without_ranges_it_begins_anew(self):
        self.model("plain")
        (self.cache / "m").mkdir(parents=True)
        (self.cache / "m/a.onnx.part").write_bytes(DATA[:1000])
        self.get()
        self.assert_here()

    def test_a_part_of_full_length_is_only_checked(self):
        self.model("good")
        (self.cache / "m").mkdir(parents=True)
        (self.cache / "m/a.onnx.part").write_bytes(DATA)
        self.get()
        self.assert_here()
        self.assertEqual(self.web.asked, [])

    def test_nobody_there(self):
        self.model("good")
        self.web.server.server_close()
        self.get(5, "cannot be reached")
        self.assert_not_here()

    def start(self):
        self.model("slow")
        running = subprocess.Popen([command.RELIEF, "models", "get", "m"], cwd=self.folder,
                                   env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        part = self.cache / "m/a.onnx.part"
        self.assertTrue(web.wait_for(lambda: part.exists() and part.stat().st_size > 10_000))
        return running, part

    def test_a_second_process_is_locked_out(self):
        running, _ = self.start()
        self.get(5, "is being downloaded by another process")
        running.send_signal(signal.SIGINT)
        self.assertEqual(running.wait(20), 130)
        running.communicate()
        self.assert_not_here()

    def test_a_killed_download_goes_on(self):
        running, part = self.start()
        running.kill()
        running.communicate()
        begun = part.stat().st_size
        self.model("good")
        self.get()
        self.assert_here()
        self.assertEqual(self.web.asked[-1], ("good", f"bytes={begun}-"))

    def test_progress_for_programs(self):
        self.model("slow")
        done = self.run_relief("models", "get", "m", "--progress", "json")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertGreater(len(lines), 3)
        self.assertEqual(lines[-1], {"event": "download", "model": "m", "file": "a.onnx",
                                     "done": len(DATA), "total": len(DATA)})


class Trust(Case):
    def test_what_is_unknown_is_recorded_and_checked_from_then_on(self):
        self.model("good", known=False)
        self.get(says="is recorded")
        self.assert_here()
        records = json.loads((self.config / "models.lock.json").read_text())
        self.assertEqual(records, {self.web.url("good", "a.onnx"): {
            "bytes": len(DATA), "sha256": hashlib.sha256(DATA).hexdigest()}})
        # The cache goes, the record stays, and the server has another file now.
        (self.cache / "m/a.onnx").unlink()
        self.web.files["a.onnx"] = DATA[:-1] + b"!"
        self.get(5, "is not the file that came the first time")
        self.assert_not_here()
        # Removing the model forgets it.
        self.assertEqual(self.run_relief("models", "remove", "m").returncode, 0)
        self.get(says="is recorded")
        self.assert_here()

    def test_a_changed_file_is_not_used(self):
        self.model("good")
        self.get()
        path = self.cache / "m/a.onnx"
        path.write_bytes(DATA[:-1] + b"!")
        done = self.run_relief("models", "check", "m")
        self.assertEqual(done.returncode, 5)
        self.assertIn("its SHA-256 is", done.stderr)
        self.draw("film.mp4", frames=2)
        done = self.run_relief("film.mp4", "-m", "m")
        self.assertEqual(done.returncode, 5)
        self.get(says="it is fetched again")
        self.assert_here()

    def test_files_put_there_by_hand_are_checked(self):
        self.model("good")
        (self.cache / "m").mkdir(parents=True)
        (self.cache / "m/a.onnx").write_bytes(DATA)
        self.assertEqual(self.run_relief("models", "check", "m").returncode, 0)
        (self.cache / "m/a.onnx").write_bytes(DATA[:100])
        self.assertEqual(self.run_relief("models", "check", "m").returncode, 5)

    def test_nothing_is_left_of_a_removed_one(self):
        self.model("good")
        self.get()
        self.assertEqual(self.run_relief("models", "remove", "m").returncode, 0)
        self.assertEqual(list(self.cache.iterdir()), [])
        self.assert_not_here()


class Registry(Case):
    def models(self):
        done = self.run_relief("models", "list", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return {model["name"]: model for model in json.loads(done.stdout)}

    def test_what_comes_with_relief(self):
        models = self.models()
        for name in ("built-in midas-small midas-small-ir midas-v21 dpt-hybrid dpt-large da2-small "
                     "da2-small-fp16 da2-base da2-large da3-small da3-base").split():
            self.assertIn(name, models)
            self.assertEqual(models[name]["here"], name == "built-in")
        self.assertTrue(models["da2-large"]["non_commercial"])
        self.assertFalse(models["da2-small"]["non_commercial"])
        self.assertEqual(models["da3-small"]["output"], "depth")
        self.assertEqual(models["built-in"]["input"],
                         "384, area of 16:9, aspect kept, multiples of 32")
        self.assertIn("NAME", self.run_relief("models").stdout)

    def test_users_add_and_replace(self):
        self.register(mine=self.entry("good", "a.onnx", licence="my own"),
                      **{"midas-small": self.entry("good", "a.onnx", description="another")})
        models = self.models()
        self.assertEqual(models["mine"]["licence"], "my own")
        self.assertTrue(models["midas-small"]["from_user"])
        self.assertEqual(models["midas-small"]["description"], "another")
        self.assertFalse(models["da2-small"]["from_user"])

    def test_mistakes_in_a_registry_are_named(self):
        good = self.entry("good", "a.onnx")
        for wrong, says in (
            ('{"format": 1}', "is not a registry"),
            ('{"format": 2, "models": {}}', "is not a registry"),
            ("nonsense", "is not a registry: line 1"),
            ({"m": good | {"dimension": 3}}, 'unknown key "dimension"'),
            ({"m": good | {"size": "3"}}, '"size" has a value that does not fit'),
            ({"m": {"licence": "MIT"}}, '"files" is missing'),
            ({"m": {"files": []}}, "one to four files"),
            ({"m": {"files": [{"name": "../x", "url": "http://h/x"}]}}, "does not fit"),
            ({"m": {"files": [{"name": "x", "url": "file:///etc/passwd"}]}}, "does not fit"),
            ({"a/b": good}, "is not a model"),
        ):
            text = wrong if isinstance(wrong, str) else json.dumps({"format": 1, "models": wrong})
            (self.config / "registry.json").write_text(text)
            with self.subTest(wrong=text):
                self.refuse(5, says, "models", "list")

    def test_wrong_use(self):
        self.refuse(2, "there is no such action", "models", "fetch", "x")
        self.refuse(2, "needs a name", "models", "get")
        self.refuse(2, "takes no name", "models", "list", "x")
        self.refuse(5, "no such model (try: midas-small)", "models", "get", "midas-smal")
        self.refuse(2, "belongs to relief", "models", "remove", "built-in")


class Choosing(Case):
    def setUp(self):
        super().setUp()
        self.draw("film.mp4", frames=2)
        self.register(tiny=self.entry("good", "tiny.onnx", licence="mine", non_commercial=True))

    def test_never_silently(self):
        self.refuse(5, "this model has not been downloaded (try: relief models get tiny", "film.mp4",
                    "-m", "tiny")
        self.assertEqual(self.web.asked, [])

    def need_engine(self):
        devices = json.loads(self.run_relief("devices", "--json").stdout)
        if not any(d["name"] == "cpu" and d["usable"] for d in devices):
            self.skipTest("needs OpenVINO")

    def test_scripts_say_download(self):
        self.need_engine()
        done = self.run_relief("film.mp4", "-m", "tiny", "--download")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("tiny: mine: NOT FOR COMMERCIAL USE", done.stderr)
        self.assertEqual(self.video("output_3d_video.mp4")["nb_frames"], "2")

    def on_terminal(self, answer):
        ours, theirs = pty.openpty()
        running = subprocess.Popen([command.RELIEF, "film.mp4", "-y", "-m", "tiny"], stdin=theirs,
                                   stdout=theirs, stderr=theirs, cwd=self.folder, env=self.env)
        os.close(theirs)
        said = b""
        try:
            while True:
                said += os.read(ours, 4096)
                if answer and said.rstrip().endswith(b"[y/N]"):
                    os.write(ours, answer)
                    answer = None
        except OSError:
            pass  # it has ended
        os.close(ours)
        return running.wait(60), said.decode()

    def test_a_terminal_is_asked(self):
        code, said = self.on_terminal(b"n\n")
        self.assertEqual(code, 5, said)
        self.assertIn("NOT FOR COMMERCIAL USE", said)
        self.assertEqual(self.web.asked, [])
        self.need_engine()
        code, said = self.on_terminal(b"y\n")
        self.assertEqual(code, 0, said)
        self.assertEqual(len(self.web.asked), 1)


if __name__ == "__main__":
    command.main()
