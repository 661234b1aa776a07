# SPDX-License-Identifier: MIT
"""A headless Chromium over the WebDriver protocol, in Python's standard library."""

import base64
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def driver_path():
    return shutil.which("chromedriver") or shutil.which("chromium.chromedriver")


def available():
    return bool(driver_path()) and bool(shutil.which("chromium") or shutil.which("google-chrome"))


class Failed(Exception):
    pass


class Browser:
    def __init__(self, width=1280, height=860, downloads=None, arguments=()):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.profile = tempfile.mkdtemp(prefix="relief-browser-")
        self.log = open(os.path.join(self.profile, "driver.log"), "wb")
        self.process = subprocess.Popen([driver_path(), f"--port={self.port}"],
                                        stdout=self.log, stderr=self.log)
        words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--hide-scrollbars", "--mute-audio", "--autoplay-policy=no-user-gesture-required",
                 f"--window-size={width},{height}", f"--user-data-dir={self.profile}/data", *arguments]
        options = {"args": words, "prefs": {"download.default_directory": str(downloads)}}
        begin = time.monotonic()
        while True:
            try:
                self.session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
                    "browserName": "chrome", "goog:chromeOptions": options,
                    "goog:loggingPrefs": {"browser": "ALL"}}}})["sessionId"]
                break
            except OSError:
                if time.monotonic() - begin > 30:
                    raise
                time.sleep(0.1)
        self.size(width, height)

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        text = json.dumps(body) if body is not None else ("{}" if method == "POST" else None)
        connection.request(method, path, text, {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())["value"]
        connection.close()
        if isinstance(answer, dict) and "error" in answer:
            raise Failed(f"{answer['error']}: {answer['message'][:400]}")
        return answer

    def ask(self, method, path, body=None):
        return self.call(method, f"/session/{self.session}{path}", body)

    def size(self, width, height, phone=False):
        """The page's own size, which a window may not be narrow enough for."""
        self.ask("POST", "/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}})

    def media(self, **features):
        """media(prefers_reduced_motion="reduce")"""
        self.ask("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {
            "features": [{"name": name.replace("_", "-"), "value": value}
                         for name, value in features.items()]}})

    def open(self, url):
        self.ask("POST", "/url", {"url": url})

    def reload(self):
        self.ask("POST", "/refresh")

    def run(self, script, *arguments):
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def run_async(self, script, *arguments):
        """`script` ends by calling its last argument."""
        return self.ask("POST", "/execute/async", {"script": script, "args": list(arguments)})

    def find(self, selector):
        return self.ask("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center', behavior: 'instant'})", selector)
        self.ask("POST", f"/element/{self.find(selector)}/click")

    def files(self, selector, *paths):
        """Choose files in a file input."""
        text = "\n".join(map(str, paths))
        self.ask("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def keys(self, *keys):
        actions = []
        for key in keys:
            actions += [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def wait(self, script, seconds=30, *arguments):
        """Until the script's value is true; returns it."""
        end = time.monotonic() + seconds
        while True:
            value = self.run(script, *arguments)
            if value:
                return value
            if time.monotonic() > end:
                raise Failed(f"waited {seconds} s for: {script}")
            time.sleep(0.05)

    def screenshot(self, path, whole=False):
        words = {"format": "png"}
        if whole:
            height = self.run("return document.documentElement.scrollHeight")
            width = self.run("return innerWidth")
            words |= {"captureBeyondViewport": True,
                      "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}}
        shot = self.ask("POST", "/goog/cdp/execute", {"cmd": "Page.captureScreenshot", "params": words})
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))

    def complaints(self):
        """What the browser's console said since the last call."""
        return [entry["message"] for entry in self.ask("POST", "/se/log", {"type": "browser"})
                if entry["level"] in ("SEVERE", "WARNING")]

    def close(self):
        try:
            self.ask("DELETE", "")
        except (OSError, Failed):
            pass
        self.process.terminate()
        self.process.wait(timeout=10)
        self.log.close()
        shutil.rmtree(self.profile, ignore_errors=True)
