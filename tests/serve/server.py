# SPDX-License-Identifier: MIT
"""What the tests of relief serve share: a server of their own on a free port, a small client, and
films. RELIEF names the program. Python's standard library, and the ffmpeg command."""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

RELIEF = os.environ.get("RELIEF", "relief")
QUICK = {"device": "dummy", "speed": "fast"}


def main():
    """Run the tests of the calling file; exit code 77 (skipped) without ffmpeg."""
    if not shutil.which("ffmpeg"):
        print("skipped: needs the ffmpeg command")
        sys.exit(77)
    unittest.main(module="__main__")


def draw(path, *words, size="160x96", frames=12, rate=25):
    """A moving test picture with a tone."""
    seconds = str(frames / rate)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
         f"testsrc2=s={size}:r={rate}", "-f", "lavfi", "-i", "sine=r=48000", "-t", seconds,
         "-preset", "ultrafast", "-pix_fmt", "yuv420p", *words, str(path)],
        check=True, timeout=120)
    return pathlib.Path(path)


def wait_for(what, seconds=20, every=0.03):
    """What `what` returns as soon as it is true."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain")
        time.sleep(every)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.data = response.read()

    @property
    def json(self):
        return json.loads(self.data)


class Server:
    """A running relief serve. `limits` is called in the child before it starts."""

    def __init__(self, data, *words, limits=None):
        self.process = subprocess.Popen(
            [RELIEF, "serve", "--port", "0", "--data", str(data), *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=limits)
        line = self.process.stdout.readline()
        found = re.match(r"relief serves at (http://([^:/]+|\[[^]]+\]):(\d+)/(\?token=(\S+))?)$", line)
        if not found:
            said = line + self.process.stderr.read()
            self.process.wait(timeout=10)
            self.process.stdout.close()
            self.process.stderr.close()
            raise AssertionError(said)
        self.url, self.host, self.port, self.token = found[1], found[2], int(found[3]), found[5]

    def connect(self, timeout=60):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method, path, body=None, headers=None):
        """An Answer. A dict as body goes as JSON."""
        connection = self.connect()
        headers = dict(headers or {})
        if isinstance(body, dict):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        connection.request(method, path, body, headers)
        answer = Answer(connection.getresponse())
        connection.close()
        return answer

    def get(self, path, **headers):
        return self.ask("GET", path, headers={name.replace("_", "-"): text
                                              for name, text in headers.items()})

    def upload(self, path, name=None):
        """The film's id."""
        query = urllib.parse.urlencode({"filename": name or pathlib.Path(path).name})
        with open(path, "rb") as film:
            answer = self.ask("POST", f"/api/uploads?{query}", film,
                              {"Content-Length": str(os.path.getsize(path)),
                               "Content-Type": "application/octet-stream"})
        assert answer.status == 201, answer.data
        return answer.json["id"]

    def convert(self, film, **options):
        """The job's id."""
        answer = self.ask("POST", "/api/jobs", {"id": film, "options": QUICK | options})
        assert answer.status == 201, answer.data
        return answer.json["id"]

    def job(self, job):
        return self.get(f"/api/jobs/{job}").json

    def wait_state(self, job, *states, seconds=60):
        return wait_for(lambda: (found := self.job(job))["state"] in states and found, seconds)

    def wait_frames(self, job, least=1, seconds=60):
        """Until it has converted some."""
        return wait_for(lambda: (found := self.job(job))["progress"]["frames"] >= least and found,
                        seconds)

    def family(self):
        """Process numbers of the server's children and theirs."""
        parents = {}
        for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents[int(path.parent.name)] = int(fields[1])
        found, new = set(), {self.process.pid}
        while new:
            new = {child for child, parent in parents.items() if parent in new} - found
            found |= new
        return found

    def stop(self, number=signal.SIGTERM):
        """Ends it; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        self.errors = self.process.stderr.read()
        self.process.stderr.close()
        return code


def is_alive(process):
    try:
        state = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        return state != "Z"
    except OSError:
        return False


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="relief-serve-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.data = self.folder / "data"
        self.servers = []

    def serve(self, *words, **options):
        server = Server(self.data, *words, **options)
        self.servers.append(server)
        self.addCleanup(self.end, server)
        return server

    def end(self, server):
        if server.process.poll() is None:
            self.assertEqual(server.stop(), 0)
            # Sanitizers speak there.
            self.assertEqual(server.errors, "")
        elif not server.process.stdout.closed:
            server.process.stdout.close()
            server.process.stderr.close()

    def draw(self, name="film.mp4", *words, **options):
        return draw(self.folder / name, *words, **options)

    def check_error(self, answer, status, code=None):
        self.assertEqual(answer.status, status, answer.data)
        error = answer.json["error"]
        self.assertTrue(error["message"] and "\n" not in error["message"], error)
        if code:
            self.assertEqual(error["code"], code)
        return error["message"]
