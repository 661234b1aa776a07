#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Schemathesis asks everything that web/openapi.json describes, right and wrong: no answer is a
failure of the server, each has the form that is described. Needs scripts/setup long."""

import os
import pathlib
import subprocess
import sys
import unittest

from server import Case, main

ROOT = pathlib.Path(os.environ.get("ROOT", pathlib.Path(__file__).parents[2]))
TOOL = ROOT / ".deps/python/bin/schemathesis"

CONFIG = """
[generation]
max-examples = 40
[checks]
negative_data_rejection.enabled = false
"""


class OpenApi(Case):
    def test_no_answer_is_a_failure(self):
        server = self.serve()
        film = server.upload(self.draw())
        server.wait_state(server.convert(film), "done")
        (self.folder / "schemathesis.toml").write_text(CONFIG)
        # Streams that do not end are left out; tests of the interface read them.
        done = subprocess.run(
            [TOOL, "--config-file", "schemathesis.toml", "run", server.url + "api/openapi.json",
             "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,"
             "response_schema_conformance", "--exclude-path", "/api/events", "--seed", "1",
             "--phases", "examples,coverage,fuzzing", "--rate-limit", "55/s", "--no-color"],
            cwd=self.folder, text=True, timeout=800, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        print(done.stdout[-3000:])
        self.assertEqual(done.returncode, 0, done.stdout[-6000:])
        self.assertEqual(server.get("/api/health").json["status"], "ok")


if __name__ == "__main__":
    if not TOOL.exists():
        print("skipped: needs schemathesis: scripts/setup long")
        sys.exit(77)
    main()
