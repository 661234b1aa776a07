#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The HTTP interface, as a program meets it."""

import json
import os
import socket
import unittest

from server import Case, main, wait_for


class Films(Case):
    def test_a_film_is_brought_looked_into_and_drawn(self):
        film, server = self.draw(frames=25), self.serve()
        name = server.upload(film, "a/../Fête du <b>.mp4")
        listed = server.get("/api/files").json["files"]
        self.assertEqual([(f["id"], f["filename"], f["bytes"]) for f in listed],
                         [(name, "Fête du <b>.mp4", film.stat().st_size)])
        info = server.get(f"/api/probe?id={name}").json
        self.assertEqual((info["width"], info["height"], info["kind"]), (160, 96, "video"))
        self.assertAlmostEqual(info["duration"], 1, delta=0.1)
        self.assertEqual([t["kind"] for t in info["tracks"]], ["video", "audio"])
        self.assertEqual(server.get(f"/api/files/{name}").json["info"], info)
        sizes = {"source": "160x96", "depth": "160x96", "left": "160x96", "right": "160x96",
                 "anaglyph": "160x96", "sbs": "320x96", "output": "160x192"}
        seen = set()
        for view, size in sizes.items():
            answer = server.get(f"/api/preview?id={name}&t=0.5&view={view}&device=dummy"
                                "&format=abl&divergence=5")
            self.assertEqual(answer.status, 200, answer.data)
            self.assertEqual(answer.headers["Content-Type"], "image/jpeg")
            self.assertEqual(answer.headers["X-Relief-Size"], size)
            self.assertEqual(answer.data[:2] + answer.data[-2:], b"\xff\xd8\xff\xd9")
            seen.add(answer.data)
        self.assertEqual(len(seen), len(sizes))
        # Behind the end stands the last picture; smaller ones can be had.
        self.assertEqual(server.get(f"/api/preview?id={name}&t=99&view=source&width=64")
                         .headers["X-Relief-Size"], "64x38")

    def test_its_bytes_come_back(self):
        film, server = self.draw(), self.serve()
        name = server.upload(film)
        self.assertEqual(server.get(f"/api/files/{name}/content").data, film.read_bytes())
        stored = [p for p in self.data.rglob("*") if p.is_file() and "films" in p.parts]
        self.assertEqual([p.name for p in stored], ["film.mp4"])
        self.assertEqual(server.ask("DELETE", f"/api/files/{name}").status, 204)
        self.assertEqual([p for p in (self.data / "films").rglob("*")], [])
        self.check_error(server.get(f"/api/files/{name}"), 404)

    def test_a_form_brings_one_too(self):
        film, server = self.draw(), self.serve()
        part = (b'--line\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
                b'--line\r\nContent-Disposition: form-data; name="file"; filename="../form.mp4"\r\n'
                b"Content-Type: video/mp4\r\n\r\n" + film.read_bytes() + b"\r\n")
        kind = {"Content-Type": "multipart/form-data; boundary=line"}
        answer = server.ask("POST", "/api/uploads", part + b"--line--\r\n", kind)
        self.assertEqual(answer.status, 201, answer.data)
        self.assertEqual(answer.json["filename"], "form.mp4")
        self.assertEqual(server.get(f"/api/files/{answer.json['id']}/content").data,
                         film.read_bytes())
        self.check_error(server.ask("POST", "/api/uploads", part + part + b"--line--\r\n", kind), 400)
        self.check_error(server.ask("POST", "/api/uploads", b"--line--\r\n", kind), 400)
        self.assertEqual(len(server.get("/api/files").json["files"]), 1)
        self.assertEqual(len(list((self.data / "films").iterdir())), 1)

    def test_what_is_no_film_is_told(self):
        server = self.serve()
        text = self.folder / "notes.mp4"
        text.write_text("no film\n" * 100)
        name = server.upload(text)
        message = self.check_error(server.get(f"/api/probe?id={name}"), 422, "input")
        self.assertNotIn(str(self.data), message)
        self.assertNotIn(str(self.data), self.check_error(server.get(f"/api/preview?id={name}"), 422))

    def test_the_limits_of_an_upload(self):
        server = self.serve("--max-upload", "0.0001")
        big = b"x" * 200000
        self.check_error(server.ask("POST", "/api/uploads", big), 413)
        # Nobody said beforehand how much would come.
        chunks = (b"x" * 1000 for _ in range(200))
        self.check_error(server.ask("POST", "/api/uploads", chunks), 413)
        self.check_error(server.ask("POST", "/api/uploads", b""), 400)
        self.assertEqual(list((self.data / "films").iterdir()), [])

    def test_a_folder_of_the_machine(self):
        shared = self.folder / "shared"
        (shared / "inside").mkdir(parents=True)
        film = self.draw("shared/inside/film.mkv")
        (self.folder / "secret.mp4").write_bytes(b"secret")
        os.symlink(self.folder / "secret.mp4", shared / "way-out.mp4")
        server = self.serve("--folder", str(shared))
        names = {e["name"]: e["folder"] for e in server.get("/api/folder").json["entries"]}
        self.assertEqual(names["inside"], True)
        inside = server.get("/api/folder?path=inside").json["entries"]
        self.assertEqual([(e["name"], e["bytes"]) for e in inside],
                         [("film.mkv", film.stat().st_size)])
        answer = server.ask("POST", "/api/files", {"path": "inside/film.mkv"})
        self.assertEqual(answer.status, 201)
        self.assertEqual(server.get(f"/api/probe?id={answer.json['id']}").json["width"], 160)
        for path in "../secret.mp4", "way-out.mp4", "/etc/passwd", "..", "inside/../../secret.mp4":
            self.check_error(server.ask("POST", "/api/files", {"path": path}), 404)
        self.check_error(server.get("/api/folder?path=.."), 404)
        self.assertEqual(server.ask("DELETE", f"/api/files/{answer.json['id']}").status, 204)
        self.assertTrue(film.exists())
        server.stop()
        self.check_error(self.serve().get("/api/folder"), 404)


class Jobs(Case):
    def test_from_film_to_result(self):
        film, server = self.draw(frames=25), self.serve()
        job = server.convert(server.upload(film, "holiday.mkv"), format="sbsl", divergence=2.5,
                             duration="0.6")
        told = server.get(f"/api/jobs/{job}/events").data.decode()
        self.assertIn("event: job\ndata: {", told)
        last = json.loads(told.rstrip().rsplit("data: ", 1)[1])
        done = server.job(job)
        self.assertEqual(last, done)
        self.assertEqual((done["state"], done["progress"]["frames"], done["progress"]["part"]),
                         ("done", 15, 1))
        self.assertEqual(done["options"]["divergence"], "2.5")
        self.assertEqual(done["result"]["filename"], "output_3d_video.mp4")
        whole = server.get(f"/api/jobs/{job}/result")
        self.assertEqual((whole.status, whole.headers["Content-Type"]), (200, "video/mp4"))
        self.assertEqual(len(whole.data), done["result"]["bytes"])
        self.assertIsNone(whole.headers["Content-Disposition"])
        for word, name in ("1", "output_3d_video.mp4"), ("name", "holiday_3d.mp4"):
            saved = server.get(f"/api/jobs/{job}/result?download={word}")
            self.assertIn(f'attachment; filename="{name}"', saved.headers["Content-Disposition"])
            self.assertEqual(saved.data, whole.data)
        self.assertEqual(server.get(f"/api/jobs/{job}/thumbnail").data[:2], b"\xff\xd8")
        result = self.folder / "result.mp4"
        result.write_bytes(whole.data)
        again = server.get(f"/api/probe?id={server.upload(result)}").json
        self.assertEqual((again["width"], again["height"], again["frame_count"]), (320, 96, 15))
        self.assertEqual(server.ask("DELETE", f"/api/jobs/{job}").status, 204)
        self.check_error(server.get(f"/api/jobs/{job}/result"), 404)
        self.assertEqual(list((self.data / "results").iterdir()), [])

    def test_ranges_of_a_result(self):
        server = self.serve()
        job = server.convert(server.upload(self.draw()))
        size = server.wait_state(job, "done")["result"]["bytes"]
        path = f"/api/jobs/{job}/result"
        whole = server.get(path)
        for header, first, last in (("bytes=0-99", 0, 99), ("bytes=100-", 100, size - 1),
                                    ("bytes=-50", size - 50, size - 1),
                                    (f"bytes=10-{size * 2}", 10, size - 1)):
            part = server.get(path, Range=header)
            self.assertEqual((part.status, part.data), (206, whole.data[first:last + 1]), header)
            self.assertEqual(part.headers["Content-Range"], f"bytes {first}-{last}/{size}")
        self.check_error(server.get(path, Range=f"bytes={size}-"), 416)
        for ignored in "bytes=5-2", "lines=1-2", "bytes=a-b", "bytes=0-1,4-5":
            self.assertEqual(server.get(path, Range=ignored).status, 200, ignored)
        tag = whole.headers["ETag"]
        self.assertEqual(server.get(path, Range="bytes=0-1", If_Range=tag).status, 206)
        self.assertEqual(server.get(path, Range="bytes=0-1", If_Range='"other"').status, 200)
        head = server.ask("HEAD", path)
        self.assertEqual((head.status, head.headers["Content-Length"], head.data),
                         (200, str(size), b""))

    def test_a_picture_stays_a_picture(self):
        server = self.serve()
        picture = self.draw("photo.png", "-frames:v", "1", "-an", "-pix_fmt", "rgb24")
        job = server.wait_state(server.convert(server.upload(picture)), "done", "failed")
        self.assertEqual(job["result"]["filename"], "output_3d.png")
        self.assertEqual(server.get(f"/api/jobs/{job['id']}/result").headers["Content-Type"],
                         "image/png")

    def test_pause_resume_cancel_retry(self):
        server = self.serve()
        film = server.upload(self.draw(size="640x360", frames=400))
        first = server.convert(film)
        server.wait_frames(first)
        self.check_error(server.ask("DELETE", f"/api/files/{film}"), 409, "busy")
        self.assertEqual(server.ask("POST", f"/api/jobs/{first}/pause").json["state"], "paused")
        self.check_error(server.ask("POST", f"/api/jobs/{first}/pause"), 409, "state")
        wait_for(lambda: any(self.state(process) == "T" for process in server.family()))
        frames = server.job(first)["progress"]["frames"]
        self.assertEqual(server.job(first)["progress"]["frames"], frames)
        self.assertEqual(server.ask("POST", f"/api/jobs/{first}/resume").json["state"], "running")
        wait_for(lambda: server.job(first)["progress"]["frames"] > frames)
        self.assertEqual(server.ask("POST", f"/api/jobs/{first}/cancel").status, 200)
        self.assertEqual(server.wait_state(first, "cancelled", "failed")["state"], "cancelled")
        self.check_error(server.get(f"/api/jobs/{first}/result"), 409)
        self.assertFalse((self.data / "results" / first).exists())
        second = server.convert(film, duration="0.2")
        server.wait_state(second, "done")
        self.check_error(server.ask("POST", f"/api/jobs/{second}/retry"), 409)
        self.assertEqual(server.ask("POST", f"/api/jobs/{first}/retry").json["state"], "queued")
        server.wait_frames(first)
        # Deleting a job that runs ends it first.
        self.assertEqual(server.ask("DELETE", f"/api/jobs/{first}").status, 204)
        self.assertEqual([j["id"] for j in server.get("/api/jobs").json["jobs"]], [second])

    def test_a_paused_job_makes_way(self):
        server = self.serve()
        film = server.upload(self.draw(size="640x360", frames=400))
        first = server.convert(film, encoder="ffv1")
        server.wait_frames(first, least=80)
        self.assertEqual(server.ask("POST", f"/api/jobs/{first}/pause").json["state"], "paused")
        second = server.convert(film, duration="0.2")
        server.wait_state(second, "done")
        self.assertEqual(server.job(first)["state"], "paused")
        self.assertTrue(self.has_journal(first))
        self.assertEqual(server.ask("POST", f"/api/jobs/{first}/resume").json["state"], "queued")
        done = server.wait_state(first, "done", "failed")
        self.check_it_went_on(done)

    def has_journal(self, job):
        return any((self.data / "results" / job).glob("*.resume"))

    def check_it_went_on(self, job):
        self.assertEqual((job["state"], job["progress"]["frames"]), ("done", 400))
        self.assertIn("goes on at frame", job["log"][0]["message"])

    def test_a_job_goes_on_when_the_server_is_back(self):
        server = self.serve()
        job = server.convert(server.upload(self.draw(size="640x360", frames=400)), encoder="ffv1")
        server.wait_frames(job, least=80)
        server.stop()
        self.assertTrue(self.has_journal(job))
        self.check_it_went_on(self.serve().wait_state(job, "done", "failed"))

    def test_what_was_cancelled_stays_so_when_the_server_ends(self):
        server = self.serve()
        job = server.convert(server.upload(self.draw(size="640x360", frames=400)))
        server.wait_frames(job)
        server.ask("POST", f"/api/jobs/{job}/cancel")
        server.stop()
        self.assertEqual(self.serve().job(job)["state"], "cancelled")

    @staticmethod
    def state(process):
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0]

    def test_a_job_of_the_queue_can_wait_and_end(self):
        server = self.serve()
        film = server.upload(self.draw(size="640x360", frames=200))
        first, second, third = server.convert(film), server.convert(film), server.convert(film)
        self.assertEqual(server.ask("POST", f"/api/jobs/{second}/pause").json["state"], "paused")
        self.assertEqual(server.ask("POST", f"/api/jobs/{third}/cancel").json["state"], "cancelled")
        self.assertEqual(server.ask("POST", f"/api/jobs/{second}/resume").json["state"], "queued")
        for job in second, first:
            self.assertEqual(server.ask("DELETE", f"/api/jobs/{job}").status, 204)
        self.check_error(server.ask("POST", f"/api/jobs/{third}/cancel"), 409, "state")

    def test_a_failure_is_told(self):
        server = self.serve()
        broken = self.folder / "broken.mp4"
        broken.write_bytes(b"nothing")
        job = server.wait_state(server.convert(server.upload(broken)), "failed", "done")
        self.assertEqual((job["state"], job["error"]["code"]), ("failed", "input"))
        # What an encoder does not know fails when it is opened.
        film = server.upload(self.draw())
        job = server.wait_state(server.convert(film, preset="nosuch"), "failed", "done")
        self.assertEqual(job["state"], "failed")
        self.assertTrue(job["error"]["message"])

    def test_events_of_all_jobs(self):
        server = self.serve()
        connection = server.connect(timeout=20)
        connection.request("GET", "/api/events")
        stream = connection.getresponse()
        self.assertEqual(stream.headers["Content-Type"], "text/event-stream")
        job = server.convert(server.upload(self.draw()))
        states = []
        while "done" not in states:
            line = stream.readline().decode()
            if line.startswith("data: {") and '"state"' in line:
                told = json.loads(line[6:])
                self.assertEqual(told["id"], job)
                states.append(told["state"])
        self.assertEqual(server.ask("DELETE", f"/api/jobs/{job}").status, 204)
        while stream.readline() != b"event: gone\n":
            pass
        self.assertEqual(json.loads(stream.readline()[6:]), {"id": job})
        connection.close()


class Words(Case):
    def test_what_can_be_set(self):
        server = self.serve()
        options = {o["name"]: o for o in server.get("/api/options").json["options"]}
        self.assertEqual(options["divergence"]["max"], 10)
        self.assertIn("arcd", [c["name"] for c in options["format"]["choices"]])
        for name in "depth-in", "depth-out", "keep", "report", "output", "overwrite", "log", "token":
            self.assertNotIn(name, options)
        health = server.get("/api/health").json
        self.assertEqual((health["status"], health["files"], health["jobs"]["running"]), ("ok", 0, 0))
        self.assertEqual(server.get("/api/models").json["models"][0]["name"], "built-in")

    def test_wrong_words_are_refused(self):
        server = self.serve()
        film = server.upload(self.draw())

        def post(body, status=400):
            return self.check_error(server.ask("POST", "/api/jobs", body), status)

        for options in ({"divergence": 99}, {"divergence": "deep"}, {"format": "nosuch"},
                        {"no-such": 1}, {"keep": "/tmp"}, {"report": "/tmp/x"}, {"depth-out": "x"},
                        {"depth-in": "/etc/passwd"}, {"model": "/tmp/model.onnx"},
                        {"model": "../model.onnx"}, {"format": None}, {"format": ["arcc"]},
                        {"output": "x"}, {"log": "debug"}, {"preset": "a\x00b"}):
            post({"id": film, "options": options})
        self.assertIn("--divergence", server.ask("POST", "/api/jobs", {
            "id": film, "options": {"divergense": 1}}).json["error"]["hint"])
        post({"id": "nosuchfilm"}, 404)
        for body in "[]", "{", '"x"', '{"id": 5}', '{"options": {}}', '{"id": "a", "id": "b"}':
            post(body)
        post({"id": film, "options": []})
        post({"id": film, "settings": {}})
        post("{" + " " * 70000 + "}", 413)
        for query in "view=nosuch", "t=-1", "t=x", "width=9", "divergence=99", "keep=x", "nosuch=1":
            self.check_error(server.get(f"/api/preview?id={film}&{query}"), 400)
        self.assertEqual(server.get("/api/jobs").json["jobs"], [])

    def test_other_paths_and_methods(self):
        server = self.serve()
        for path in ("/nosuch", "/api", "/api/jobs/", "/api/jobs/../health", "/etc/passwd",
                     "/api/jobs/a.b", "/..%2f..%2fetc/passwd", "/api/jobs/" + "a" * 50):
            self.check_error(server.get(path), 404)
        answer = server.ask("PUT", "/api/jobs")
        self.check_error(answer, 405, "method")
        self.assertEqual(answer.headers["Allow"], "GET, POST")
        for path in "/api/probe", "/api/probe?id=x", "/api/preview", "/api/jobs/x/thumbnail":
            self.check_error(server.get(path), 404)

    def test_the_page_is_there_and_closed(self):
        server = self.serve()
        for path, kind in (("/", "text/html"), ("/app.js", "text/javascript"),
                           ("/style.css", "text/css"), ("/icon.svg", "image/svg"),
                           ("/api/openapi.json", "application/json")):
            answer = server.get(path)
            self.assertEqual(answer.status, 200)
            self.assertTrue(answer.headers["Content-Type"].startswith(kind))
            policy = answer.headers["Content-Security-Policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
            self.assertNotRegex(answer.data, rb'(src|href)="?https?://')

    def test_nonsense_on_the_line(self):
        server = self.serve()
        for bytes_ in (b"\x00\xff\xfe\n\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                       b"POST /api/uploads HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
                       b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
                       b"POST /api/jobs HTTP/1.1\r\nHost: localhost\r\n"
                       b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"):
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
                line.settimeout(2)
                try:
                    line.sendall(bytes_)
                    line.shutdown(socket.SHUT_WR)
                    while line.recv(4096):
                        pass
                except OSError:
                    pass
        self.assertEqual(server.get("/api/health").json["status"], "ok")


if __name__ == "__main__":
    main()
