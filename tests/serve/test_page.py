#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The page in a real browser: Chromium, headless, by its driver. SCREENSHOTS names a folder to keep
pictures in; FILM a real film to use instead of a drawn one; DEVICE what estimates depth."""

import json
import os
import pathlib
import signal
import sys
import time
import unittest

import browser
from browser import Browser
from server import Case, main, wait_for

ROOT = pathlib.Path(os.environ.get("ROOT", pathlib.Path(__file__).parents[2]))
AXE = sorted(ROOT.glob(".deps/python/lib/python3*/site-packages/axe_core_python/axe.min.js"))
DEVICE = os.environ.get("DEVICE", "dummy")
SHOTS = os.environ.get("SCREENSHOTS")

SHOWN = ("return document.querySelector('.screen.filled') && "
         "!document.querySelector('.screen.waiting') && document.querySelector('#picture').src")


class Page(Case):
    def setUp(self):
        super().setUp()
        self.downloads = self.folder / "downloads"
        self.downloads.mkdir()

    def browse(self, width=1280, height=860, phone=False):
        made = Browser(width, height, self.downloads)
        self.addCleanup(made.close)
        if phone:
            made.size(width, height, True)
        return made

    def film(self, name="film.mp4", **options):
        if os.environ.get("FILM"):
            return pathlib.Path(os.environ["FILM"])
        return self.draw(name, **{"size": "640x360", "frames": 100} | options)

    def open(self, page, server, device=DEVICE):
        page.open(server.url)
        page.wait("return document.body.classList.contains('ready')")
        # Tests need no weights: the device is an option like any other.
        page.run("""const field = document.querySelector('#option-device');
                    field.value = arguments[0]; field.dispatchEvent(new Event('change'));""", device)

    def bring(self, page, *films):
        page.files("#picker", *films)
        page.wait(f"return document.querySelectorAll('.film-select:enabled').length >= {len(films)}")
        page.wait(SHOWN, 60)

    def shoot(self, page, name, whole=False):
        if SHOTS:
            page.screenshot(pathlib.Path(SHOTS) / f"{name}.png", whole)

    def slide(self, page, selector, value):
        page.run("""const slider = document.querySelector(arguments[0]);
                    slider.value = arguments[1];
                    slider.dispatchEvent(new Event('input', {bubbles: true}));""", selector, value)

    def convert(self, page):
        before = page.run("return document.querySelectorAll('.job').length")
        page.click("#convert")
        page.wait(f"return document.querySelectorAll('.job').length > {before}")

    def wait_job(self, page, state, seconds=120):
        return page.wait(f"return document.querySelector('.job.{state}')?.dataset.id", seconds)

    def test_from_film_to_download(self):
        server, page = self.serve(), self.browse()
        self.open(page, server)
        self.assertTrue(page.run("return document.body.classList.contains('empty')"))
        self.shoot(page, "empty")
        film = self.film()
        self.bring(page, film)
        self.assertIn(film.name, page.text("#film-title"))
        self.assertIn("sound track", page.text("#film-facts"))
        # Strength acts on the picture at once, without the depth being made again.
        picture = page.run(SHOWN)
        self.slide(page, "#slider-divergence", 4)
        second = page.wait(f"return ({SHOWN[7:]}) !== '{picture}' && ({SHOWN[7:]})")
        self.assertEqual(page.text("#slider-divergence-value"), "4")
        self.slide(page, "#slider-convergence", 0.9)
        page.wait(f"return ({SHOWN[7:]}) !== '{second}' && ({SHOWN[7:]})")
        # Other views, and the wipe.
        for view, across in ("depth", 1), ("source", 1), ("sbs", 2), ("wiggle", 1), ("output", 1):
            page.run(f"document.querySelector('#views [value={view}]').click()")
            shape = page.wait(f"""if (!({SHOWN[7:]})) return 0;
                const p = document.querySelector('#picture');
                const f = document.querySelector('#film-facts').textContent.match(/(\\d+) × (\\d+)/);
                const r = p.naturalWidth / p.naturalHeight / (f[1] / f[2]);
                return Math.abs(r - {across}) < 0.03 && r""")
            self.assertAlmostEqual(shape, across, delta=0.03)
            self.shoot(page, f"view-{view}")
        page.click("#compare")
        page.wait("return document.querySelector('.comparing #behind')?.complete && "
                  "!document.querySelector('#wipe').hidden")
        self.shoot(page, "compare")
        page.click("#compare")
        # Another time.
        before = page.run(SHOWN)
        self.slide(page, "#time", 0.1)
        page.wait(f"return ({SHOWN[7:]}) !== '{before}'")
        page.run("document.querySelector('#presets [value=headset]').click()")
        self.assertEqual(page.text("#format-chip"), "sbsl")
        self.convert(page)
        self.wait_job(page, "running")
        page.wait("return document.querySelector('.job.running .job-status').textContent.includes('%')")
        page.wait("return document.querySelector('.job progress').value > 0")
        self.shoot(page, "converting", True)
        job = self.wait_job(page, "done")
        self.assertIn("Done", page.text(".job-status"))
        self.shoot(page, "done", True)
        self.play(page)
        page.click(f"[data-id='{job}'] a.button")
        saved = self.downloads / "output_3d_video.mp4"
        wait_for(saved.exists)
        self.assertEqual(saved.stat().st_size, server.job(job)["result"]["bytes"])
        self.assertEqual(server.job(job)["options"]["divergence"], "4")
        remove = f"[data-id='{job}'] .job-actions button:last-child"
        page.click(remove)
        self.assertEqual(page.text(remove), "Sure?")
        page.click(remove)
        page.wait("return document.querySelectorAll('.job').length === 0")
        self.assertEqual(server.get("/api/jobs").json["jobs"], [])
        # Of the driver of the graphics card that is not there, the browser may complain.
        self.assertEqual([c for c in page.complaints() if "GL" not in c], [])

    def play(self, page):
        page.run("document.querySelector('.job.done .job-actions button').click()")
        page.wait("return document.querySelector('#player').open && "
                  "document.querySelector('#player-video').readyState >= 2")
        page.run("document.querySelector('#player-video').play()")
        page.wait("return document.querySelector('#player-video').currentTime > 0.2")
        size = page.run("const v = document.querySelector('#player-video');"
                        "return [v.videoWidth, v.videoHeight]")
        for view in "anaglyph", "left", "right", "wiggle":
            page.run(f"document.querySelector('#player-views [value={view}]').click()")
            drawn = page.wait("const c = document.querySelector('#player-canvas');"
                              "return !c.hidden && c.width > 300 && [c.width, c.height]", 10)
            self.assertEqual(drawn, [size[0] // 2, size[1]], view)
            self.shoot(page, f"play-{view}")
        page.run("document.querySelector('#player-views [value=source]').click()")
        page.wait("const v = document.querySelector('#player-video');"
                  f"return v.readyState >= 2 && v.videoWidth * 2 === {size[0]}")
        page.click("#player-close")
        self.assertFalse(page.run("return document.querySelector('#player').open"))

    def test_pause_cancel_retry_reload_restart(self):
        server, page = self.serve(), self.browse()
        self.open(page, server)
        self.bring(page, self.film(frames=400))
        self.slide(page, "#slider-divergence", 3.5)
        self.convert(page)
        job = self.wait_job(page, "running")
        page.wait("return document.querySelector('.job progress').value > 0")
        page.run("document.querySelector('.job-actions button').click()")
        self.wait_job(page, "paused")
        page.run("document.querySelector('.job-actions button').click()")
        self.wait_job(page, "running")
        page.run("document.querySelectorAll('.job-actions button')[1].click()")
        self.wait_job(page, "cancelled")
        page.run("document.querySelector('.job-actions button').click()")
        self.wait_job(page, "running")
        # The page is loaded anew in the middle: film, settings and conversion are there again.
        page.reload()
        page.wait(SHOWN, 60)
        self.assertEqual(page.text("#slider-divergence-value"), "3.5")
        self.assertEqual(page.run("return document.querySelector('.job').dataset.id"), job)
        # The server dies in the middle, and comes back at the same address.
        page.wait("return document.querySelector('.job.running progress')?.value > 0", 60)
        server.stop(signal.SIGKILL)
        page.wait("return document.querySelector('#connection').textContent !== ''")
        server = self.serve("--port", str(server.port))
        page.wait("return document.querySelector('#connection').textContent === ''")
        self.wait_job(page, "running")
        self.assertEqual(self.wait_job(page, "done"), job)
        self.assertEqual(page.run("return document.querySelectorAll('.job').length"), 1)

    def test_what_cannot_be_used_is_told(self):
        server, page = self.serve(), self.browse()
        self.open(page, server)
        text = self.folder / "notes.mp4"
        text.write_text("no film\n" * 50)
        page.files("#picker", text)
        page.wait("return document.querySelector('.film-status.bad')?.textContent.length > 5")
        self.assertTrue(page.run("return document.querySelector('.film-select').disabled"))
        page.click(".remove")
        page.wait("return document.body.classList.contains('empty')")
        self.assertEqual(server.get("/api/files").json["files"], [])

    def test_the_form_holds_every_setting(self):
        server, page = self.serve(), self.browse()
        self.open(page, server)
        names = {o["name"] for o in server.get("/api/options").json["options"]}
        fields = set(page.run("return [...document.querySelectorAll('#form [id^=option-]')]"
                              ".filter(e => /INPUT|SELECT/.test(e.tagName)).map(e => e.id.slice(7))"))
        self.assertEqual(fields, names - {"divergence", "convergence"})

    def test_the_look_follows_the_system_when_asked(self):
        server, page = self.serve(), self.browse()
        self.open(page, server)
        look = "const d = document.documentElement.dataset; return [d.choice, d.theme]"
        page.media(prefers_color_scheme="light")
        self.assertEqual(page.run(look), ["dark", "dark"])
        for wanted in ["light", "light"], ["auto", "light"]:
            page.run("document.querySelector('#theme').click()")
            self.assertEqual(page.run(look), wanted)
        ground = "return getComputedStyle(document.body).backgroundColor"
        light = page.run(ground)
        page.media(prefers_color_scheme="dark")
        page.wait("return document.documentElement.dataset.theme === 'dark'")
        self.assertNotEqual(page.run(ground), light)
        self.open(page, server)  # remembered
        self.assertEqual(page.run(look), ["auto", "dark"])

    def test_by_keyboard(self):
        server, page = self.serve(), self.browse()
        self.open(page, server)
        self.bring(page, self.film())
        page.run("document.activeElement.blur(); window.scrollTo(0, 0)")
        reached = []
        for _ in range(40):
            page.keys("\ue004")
            reached.append(page.run(
                "const e = document.activeElement; const b = e.getBoundingClientRect();"
                "const s = getComputedStyle(e), n = e.nextElementSibling;"
                "const ring = e === document.body || s.outlineStyle !== 'none' || e.type === 'radio' || e.type === 'range';"
                "return [e.id || e.name || e.className, ring]"))
        names = [name for name, _ in reached]
        for name in ("skip", "theme", "add", "film-select", "remove", "time", "view", "compare",
                     "preset", "slider-divergence", "slider-convergence", "convert"):
            self.assertIn(name, names)
        self.assertEqual([name for name, ring in reached if not ring and name], [])
        # Arrows move a slider, and the picture follows.
        page.run("document.querySelector('#slider-divergence').focus()")
        before = page.run(SHOWN)
        page.keys("\ue014", "\ue014")
        page.wait(f"return ({SHOWN[7:]}) !== '{before}'")
        self.assertEqual(page.text("#slider-divergence-value"), "2.2")
        page.run("document.querySelector('#presets input:checked').focus()")
        page.keys("\ue014")
        self.assertEqual(page.text("#format-chip"), "sbs2l")
        page.run("document.querySelector('#convert').focus()")
        page.keys("\ue007")
        self.wait_job(page, "running")
        self.wait_job(page, "done")
        page.wait("return document.querySelector('#said').textContent.includes('is done')")

    def check_axe(self, page, where):
        page.run("if (!window.axe) { " + AXE[0].read_text() + "; window.axe = axe; }")
        found = page.run_async(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {resultTypes: ['violations']}).then(r => done(r.violations.map(v => "
            "[v.id, v.impact, v.nodes.map(n => n.html.slice(0, 120) + ' ' + "
            "(n.any[0]?.message ?? '').slice(0, 200))])))")
        self.assertEqual(found, [], where + "\n" + json.dumps(found, indent=1))

    @unittest.skipUnless(AXE, "needs axe: scripts/setup long")
    def test_accessibility(self):
        server, page = self.serve(), self.browse()
        self.open(page, server)
        page.media(prefers_reduced_motion="reduce")
        for theme in "dark", "light":
            page.run("document.documentElement.dataset.theme = arguments[0]", theme)
            self.check_axe(page, f"empty, {theme}")
        self.bring(page, self.film(frames=60))
        page.run("document.querySelector('#details').open = true")
        self.convert(page)
        self.wait_job(page, "done")
        for theme in "dark", "light":
            page.run("document.documentElement.dataset.theme = arguments[0]", theme)
            self.check_axe(page, f"with a film, {theme}")
        page.run("document.querySelector('.job.done .job-actions button').click()")
        page.wait("return document.querySelector('#player').open")
        self.check_axe(page, "player")

    def test_reduced_motion_stands_still(self):
        server, page = self.serve(), self.browse()
        page.media(prefers_reduced_motion="reduce")
        self.open(page, server)
        self.assertEqual(page.run("return document.getAnimations().length"), 0)
        self.bring(page, self.film(frames=30))
        page.run("document.querySelector('#views [value=wiggle]').click()")
        page.wait("return !document.querySelector('#behind').hidden && " + SHOWN[7:])
        seen = {page.run("return document.querySelector('#behind').style.visibility")
                for _ in range(12) if not time.sleep(0.06)}
        self.assertEqual(seen, {""})

    def test_on_a_phone(self):
        server, page = self.serve(), self.browse(390, 844, phone=True)
        self.open(page, server)
        self.shoot(page, "phone-empty")
        self.bring(page, self.film())
        self.convert(page)
        self.wait_job(page, "running")
        self.assertEqual(page.run("return document.documentElement.scrollWidth"), 390)
        self.shoot(page, "phone", True)
        small = page.run("""return [...document.querySelectorAll('button, input, select, a')]
            .filter(e => e.offsetParent && getComputedStyle(e).visibility !== 'hidden')
            .map(e => [e.id || e.className || e.name, e.getBoundingClientRect()])
            .filter(([n, b]) => b.width && b.height && (b.height < 24 || b.width < 24) && n !== 'skip')
            .map(([n, b]) => `${n} ${b.width}x${b.height}`)""")
        self.assertEqual(small, [])


if __name__ == "__main__":
    if not browser.available():
        print("skipped: needs chromium and chromedriver")
        sys.exit(77)
    main()
