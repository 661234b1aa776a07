#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who is let in; and what is left when something breaks in the middle."""

import os
import resource
import signal
import socket
import threading
import time
import unittest

from server import Case, is_alive, main, wait_for


class Guard(Case):
    def test_names_that_are_not_this_server(self):
        server = self.serve()
        port = server.port
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "10.0.0.1",
                     "localhost.", "127.evil", "", "[::2]", "[::1", "localhost:80x"):
            self.check_error(server.get("/api/health", Host=host), 403, "host")
        for host in "localhost", f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}":
            self.assertEqual(server.get("/api/health", Host=host).status, 200, host)

    def test_other_sites(self):
        server = self.serve()
        host = f"127.0.0.1:{server.port}"
        for origin in "http://evil.example", "null", f"https://{host}", f"http://{host}.evil", "":
            self.check_error(server.ask("POST", "/api/jobs", {}, {"Origin": origin}), 403, "origin")
            self.check_error(server.get("/api/jobs", Origin=origin), 403, "origin")
        for site in "cross-site", "same-site", "odd":
            self.check_error(server.get("/api/health", Sec_Fetch_Site=site), 403, "origin")
        # A link on another page may lead to this one.
        self.assertEqual(server.get("/", Sec_Fetch_Site="cross-site").status, 200)
        own = {"Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
        self.assertEqual(server.ask("POST", "/api/jobs", {}, own).status, 400)

    def test_a_token(self):
        server = self.serve("--token", "open-sesame-123")
        self.assertEqual(server.token, "open-sesame-123")
        for path in "/", "/api/health", "/app.js":
            self.check_error(server.get(path), 401, "token")
        self.check_error(server.get("/?token=wrong-token"), 401)
        self.check_error(server.get("/api/health", Authorization="Bearer open-sesame-12"), 401)
        self.check_error(server.get("/api/health?token=open-sesame-123"), 401)
        self.assertEqual(server.get("/api/health", Authorization="Bearer open-sesame-123").status, 200)
        answer = server.get("/?token=open-sesame-123")
        self.assertEqual((answer.status, answer.headers["Location"]), (303, "/"))
        cookie = answer.headers["Set-Cookie"]
        self.assertIn("HttpOnly", cookie)
        self.assertIn("SameSite=Strict", cookie)
        self.assertEqual(server.get("/api/health", Cookie=cookie.split(";")[0]).status, 200)

    def test_other_addresses_need_one(self):
        server = self.serve("--listen", "0.0.0.0")
        self.assertRegex(server.token, "^[0-9a-z]{26}$")
        self.check_error(server.get("/api/health"), 401)
        self.check_error(server.get("/api/health", Host="evil.example"), 403)
        answer = server.get("/api/health", Authorization=f"Bearer {server.token}", Host="192.168.1.5")
        self.assertEqual(answer.status, 200)

    def test_it_is_not_asked_too_often(self):
        server = self.serve()
        codes = set()
        for _ in range(320):
            codes.add(server.ask("POST", "/api/jobs", {}).status)
        self.assertEqual(codes, {400, 429})
        self.assertEqual(server.get("/api/health").status, 200)

    def test_one_server_a_folder(self):
        self.serve()
        with self.assertRaisesRegex(AssertionError, "another relief serve uses this folder"):
            self.serve()


class Breaks(Case):
    def test_a_restart_in_the_middle(self):
        server = self.serve()
        film = server.upload(self.draw(size="640x360", frames=150))
        done = server.convert(film, duration="0.2", format="sbsl")
        server.wait_state(done, "done")
        result = server.get(f"/api/jobs/{done}/result").data
        first, second = server.convert(film), server.convert(film, duration="0.2")
        server.wait_frames(first)
        begin = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - begin, 8)
        server = self.serve()
        self.assertEqual(server.get(f"/api/jobs/{done}/result").data, result)
        self.assertEqual(server.job(done)["options"]["format"], "sbsl")
        self.assertEqual(server.wait_state(first, "done")["progress"]["frames"], 150)
        server.wait_state(second, "done")

    def test_the_server_is_killed(self):
        server = self.serve()
        film = server.upload(self.draw(size="640x360", frames=250))
        done = server.convert(film, duration="0.2")
        server.wait_state(done, "done")
        result = server.get(f"/api/jobs/{done}/result").data
        job = server.convert(film, duration="4")
        server.wait_frames(job)
        server.get(f"/api/preview?id={film}&device=dummy")
        family = server.family()
        self.assertGreaterEqual(len(family), 3)  # keeper, looker, conversion
        server.stop(signal.SIGKILL)
        wait_for(lambda: not any(map(is_alive, family)), 5)
        server = self.serve()
        self.assertEqual(server.get(f"/api/jobs/{done}/result").data, result)
        self.assertEqual(server.wait_state(job, "done")["progress"]["frames"], 100)
        self.assertEqual(sorted(p.name for p in (self.data / "results" / job).iterdir()),
                         ["output_3d_video.mp4"])

    def test_a_result_that_nobody_noted_is_kept(self):
        server = self.serve()
        job = server.convert(server.upload(self.draw()))
        server.wait_state(job, "done")
        result = server.get(f"/api/jobs/{job}/result").data
        server.stop()
        # As if the server had died between the end of the conversion and its note.
        import sqlite3
        with sqlite3.connect(self.data / "relief.db") as db:
            db.execute("UPDATE jobs SET state = 'running', output = ''")
        db.close()
        server = self.serve()
        self.assertEqual(server.job(job)["state"], "done")
        self.assertEqual(server.get(f"/api/jobs/{job}/result").data, result)

    def test_a_conversion_is_killed(self):
        server = self.serve()
        film = server.upload(self.draw(size="640x360", frames=300))
        before = server.family()
        first, second = server.convert(film), server.convert(film, duration="0.2")
        server.wait_frames(first)
        (child,) = server.family() - before
        os.kill(child, signal.SIGKILL)
        job = server.wait_state(first, "failed", "done")
        self.assertEqual((job["state"], job["error"]["code"]), ("failed", "crashed"))
        server.wait_state(second, "done")
        left = [path.name for path in (self.data / "results" / first).glob("*")]
        self.assertIn(left, ([], ["output_3d_video.mp4.resume"]))

    def test_a_killed_conversion_goes_on(self):
        server = self.serve()
        film = server.upload(self.draw(size="640x360", frames=150))
        before = server.family()
        job = server.convert(film, encoder="ffv1")
        server.wait_frames(job, least=40)
        (child,) = server.family() - before
        os.kill(child, signal.SIGKILL)
        server.wait_state(job, "failed")
        server.ask("POST", f"/api/jobs/{job}/retry")
        done = server.wait_state(job, "done")
        self.assertEqual(done["progress"]["frames"], 150)
        self.assertIn("goes on at frame", done["log"][0]["message"])
        self.assertEqual([path.name for path in (self.data / "results" / job).iterdir()],
                         ["output_3d_video.mkv"])

    def test_the_looker_is_killed(self):
        server = self.serve()
        film = server.upload(self.draw())
        self.assertEqual(server.get(f"/api/probe?id={film}").status, 200)
        keeper = [p for p in server.family() if self.parent(p) == server.process.pid]
        (looker,) = server.family() - set(keeper)
        os.kill(looker, signal.SIGKILL)
        wait_for(lambda: server.family() - set(keeper) - {looker})
        self.assertEqual(server.get(f"/api/preview?id={film}&view=source").status, 200)

    @staticmethod
    def parent(process):
        with open(f"/proc/{process}/stat") as stat:
            return int(stat.read().rsplit(")", 1)[1].split()[1])

    def test_an_end_while_others_wait(self):
        server = self.serve()
        film = server.upload(self.draw(size="640x360", frames=100))
        lines = []
        for number in range(24):
            line = socket.create_connection(("127.0.0.1", server.port))
            path = "/api/events" if number % 4 == 0 else (
                f"/api/preview?id={film}&device=dummy&width=1920&t={number / 10}")
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            lines.append(line)
        begin = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - begin, 10)
        for line in lines:
            line.close()

    def test_an_upload_breaks_off(self):
        server = self.serve()
        for sent in 0, 10, 100000:
            with socket.create_connection(("127.0.0.1", server.port)) as line:
                line.sendall(b"POST /api/uploads?filename=x.mp4 HTTP/1.1\r\nHost: localhost\r\n"
                             b"Content-Length: 1000000\r\n\r\n" + b"x" * sent)
                time.sleep(0.1)
        wait_for(lambda: not list((self.data / "films").iterdir()))
        self.assertEqual(server.get("/api/files").json["files"], [])
        self.assertEqual(server.get("/api/health").json["status"], "ok")

    def test_fifty_at_once_and_slow_ones(self):
        film, server = self.draw(frames=50), self.serve()
        slow = []
        for _ in range(20):
            line = socket.create_connection(("127.0.0.1", server.port))
            line.sendall(b"POST /api/uploads?filename=slow.mp4 HTTP/1.1\r\nHost: localhost\r\n"
                         b"Content-Length: 50\r\n\r\n")
            slow.append(line)
        names, lock = [], threading.Lock()

        def bring(number):
            name = server.upload(film, f"film{number}.mp4")
            with lock:
                names.append(name)

        threads = [threading.Thread(target=bring, args=(n,)) for n in range(50)]
        for thread in threads:
            thread.start()
        for line in slow:
            line.sendall(b"x" * 10)
        for thread in threads:
            thread.join(60)
        self.assertEqual(len(set(names)), 50)
        self.assertEqual(server.get("/api/health").json["files"], 50)
        sizes = {f["bytes"] for f in server.get("/api/files").json["files"]}
        self.assertEqual(sizes, {film.stat().st_size})
        for line in slow[10:]:
            line.close()
        for line in slow[:10]:
            line.sendall(b"x" * 40)
            self.assertIn(b"201 Created", line.recv(4096))
            line.close()
        wait_for(lambda: len(list((self.data / "films").iterdir())) == 60)

    def test_readers_that_go_away(self):
        server = self.serve()
        job = server.convert(server.upload(self.draw(size="640x360", frames=60)))
        server.wait_state(job, "done")
        for path in f"/api/jobs/{job}/result", "/api/events":
            for _ in range(10):
                with socket.create_connection(("127.0.0.1", server.port)) as line:
                    line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                    line.recv(100)
        self.assertEqual(server.get("/api/health").json["status"], "ok")

    def test_no_room_is_left(self):
        film = self.draw(size="640x360", frames=100)
        size = film.stat().st_size
        # Of every file, that is: what the disk would refuse, the limit does.
        limit = max(size // 2, 300000)
        self.assertGreater(size, limit)
        server = self.serve(limits=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        with open(film, "rb") as body:
            self.check_error(server.ask("POST", "/api/uploads", body.read()), 507, "output")
        self.assertEqual(list((self.data / "films").iterdir()), [])
        small = self.draw("small.mp4", size="320x180", frames=100)
        job = server.convert(server.upload(small), crf=0, format="sbsl")
        failed = server.wait_state(job, "failed", "done")
        self.assertEqual((failed["state"], failed["error"]["code"]), ("failed", "output"))
        self.assertEqual(list((self.data / "results").iterdir()), [])
        self.assertEqual(server.get("/api/health").json["status"], "ok")

    def test_old_things_go(self):
        server = self.serve()
        film = server.upload(self.draw())
        job = server.convert(film)
        server.wait_state(job, "done")
        server.stop()
        self.assertEqual(self.serve("--keep-days", "1").job(job)["state"], "done")
        self.servers[-1].stop()
        time.sleep(0.1)
        server = self.serve("--keep-days", "0.000001")
        wait_for(lambda: server.get("/api/jobs").json["jobs"] == [])
        self.assertEqual(server.get("/api/files").json["files"], [])
        self.assertEqual(list((self.data / "results").iterdir()), [])
        self.assertEqual(list((self.data / "films").iterdir()), [])


if __name__ == "__main__":
    main()
