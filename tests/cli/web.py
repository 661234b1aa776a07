# SPDX-License-Identifier: MIT
"""A web server on this machine that behaves badly in all the ways that servers do."""

import http.server
import threading
import time


class Web:
    """Serves `files` (name -> bytes) below http://127.0.0.1:PORT/WAY/NAME, where WAY is how:

    good        as it should, ranges included
    plain       without ranges: always from the start
    moved       redirects to good;   round   redirects to itself
    missing     404;                 busy    503 twice, then good
    cut         breaks off in the middle, the first time; shut   every time
    still       stands still in the middle, the first time; dead   every time
    wrong       one byte is another; longer  some bytes follow
    slow        a little at a time
    """

    def __init__(self, files):
        self.files = files
        self.asked = []  # (way, range or None) of every request
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                web.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # clients that go away
        self.ending = threading.Event()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.ending.set()
        self.server.shutdown()
        self.server.server_close()

    def url(self, way, name):
        return f"http://127.0.0.1:{self.server.server_address[1]}/{way}/{name}"

    def count(self, way):
        return sum(1 for asked, _ in self.asked if asked == way)

    def answer(self, request):
        _, way, name = request.path.split("/")
        wanted = request.headers.get("Range")
        self.asked.append((way, wanted))
        times = self.count(way)
        if way in ("moved", "round"):
            request.send_response(302)
            request.send_header("Location", f"/{'good' if way == 'moved' else 'round'}/{name}")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        if way == "missing" or (way == "busy" and times < 3):
            request.send_error(404 if way == "missing" else 503)
            return
        self.send(request, way, self.files[name], wanted, times)

    def send(self, request, way, data, wanted, times):
        if way == "wrong":
            data = data[:-1] + bytes([data[-1] ^ 1])
        if way == "longer":
            data = data + b"and more"
        begin = int(wanted.split("=")[1].rstrip("-")) if wanted and way != "plain" else 0
        if begin >= len(data):
            request.send_error(416)
            return
        body = data[begin:]
        request.send_response(206 if begin else 200)
        request.send_header("Content-Length", str(len(body)))
        if begin:
            request.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        request.end_headers()
        half = len(body) // 2
        try:
            if way in ("shut", "dead") or (way in ("cut", "still") and times == 1):
                request.wfile.write(body[:half] if way != "dead" else b"")
                request.wfile.flush()
                if way in ("still", "dead"):
                    self.ending.wait(20)
                request.close_connection = True
                request.connection.close()
            elif way == "slow":
                for at in range(0, len(body), 4096):
                    request.wfile.write(body[at:at + 4096])
                    request.wfile.flush()
                    if self.ending.wait(0.05):
                        return
            else:
                request.wfile.write(body)
        except OSError:
            pass  # the other side has gone


def wait_for(test, seconds=20):
    """Until `test` is true; False when it does not come true."""
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
