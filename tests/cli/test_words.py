# SPDX-License-Identifier: MIT
"""What files say of their streams in words: titles, languages, what each is for. All of it goes
along, or a warning says what does not; read back by ffprobe, mediainfo and a box dump by hand."""

import json
import shutil
import subprocess

import boxes
import command

TITLES = {"v:0": "A Film", "a:0": "Plain", "a:1": "The director speaks, \u00e9h", "s:0": "Signs"}


class Words(command.Case):
    def setUp(self):
        super().setUp()
        (self.folder / "s.srt").write_text("1\n00:00:00,100 --> 00:00:00,200\nHello\n")
        words = [word for stream, title in TITLES.items()
                 for word in (f"-metadata:s:{stream}", f"title={title}")]
        for name, codecs in (("a.mp4", ["-c:s", "mov_text"]), ("a.mkv", ["-c:s", "srt"])):
            self.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=0.2", "-f", "lavfi", "-i",
                        "sine=d=0.2", "-f", "lavfi", "-i", "sine=d=0.2", "-i", "s.srt", "-map", "0",
                        "-map", "1", "-map", "2", "-map", "3", "-c:a", "aac", *codecs, *words,
                        "-metadata:s:a:1", "language=fra", "-disposition:a:0", "default",
                        "-disposition:a:1", "comment+visual_impaired", "-disposition:s:0", "forced",
                        name)

    def take(self, name, output):
        done = self.relief(name, "-o", output, "--progress", "none", "-y")
        self.assert_plays(output)
        return done.stderr

    def tags(self, name, key):
        return [stream.get("tags", {}).get(key) for stream in self.streams(name)]

    def purposes(self, name, index):
        # FFmpeg reads each of MP4's roles as two of its own names.
        flags = self.streams(name)[index]["disposition"]
        return {key for key, on in flags.items() if on} - {"captions", "descriptions"}

    def tracks(self, name):
        return boxes.tracks((self.folder / name).read_bytes())

    def roles(self, name, index):
        kinds = self.tracks(name)[index].get("udta/kind", [])
        return [kind.split(b"\0")[-2].decode() for kind in kinds]

    def mediainfo(self, name, kind, field):
        if not shutil.which("mediainfo"):
            self.skipTest("needs mediainfo")
        done = subprocess.run(["mediainfo", f"--Inform={kind};%{field}%|", name], cwd=self.folder,
                              capture_output=True, text=True, timeout=60)
        return done.stdout.strip().split("|")[:-1]

    def test_titles_of_mp4_go_along(self):
        wanted = list(TITLES.values())
        for output in "b.mkv", "b.mov", "b.m4v":
            with self.subTest(output=output):
                self.assertEqual(self.take("a.mp4", output), "")
                if output == "b.mkv":
                    self.assertEqual(self.tags(output, "title"), wanted)
                    continue
                titles = [track["udta/name"][0].decode() for track in self.tracks(output)]
                self.assertEqual(titles, wanted)
                self.assertEqual(self.mediainfo(output, "Text", "Title")[0].split(" / ")[0],
                                 "Signs")
        self.take("b.m4v", "c.mkv")
        self.assertEqual(self.tags("c.mkv", "title"), wanted)
        self.assertEqual(self.tags("c.mkv", "HANDLER_NAME"), [None] * 4)

    def test_handlers_are_called_by_the_title(self):
        # The only name that most players of MP4 show.
        for output in "b.mp4", "b.mov":
            self.take("a.mkv", output)
            self.assertEqual(self.tags(output, "handler_name"), list(TITLES.values()))
        self.ffmpeg("-i", "a.mp4", "-map", "0", "-c", "copy", "-metadata:s:a:0",
                    "handler_name=Somebody", "own.mp4")
        self.take("own.mp4", "c.mp4")
        self.assertEqual(self.tags("c.mp4", "handler_name")[1], "Somebody")

    def test_purposes_go_along(self):
        for source, output in (("a.mkv", "b.mp4"), ("a.mkv", "b.mov"), ("a.mp4", "b.m4v"),
                               ("b.mov", "c.mkv"), ("b.m4v", "d.mkv")):
            with self.subTest(source=source, output=output):
                self.assertEqual(self.take(source, output), "")
                self.assertEqual(self.purposes(output, 2), {"comment", "visual_impaired"})
                self.assertIn("forced", self.purposes(output, 3))
        self.assertEqual(self.roles("b.mp4", 2), ["description", "commentary"])
        tags = self.tracks("b.mov")[2]["udta/tagc"]
        self.assertEqual(tags, [b"public.accessibility.describes-video",
                                b"public.auxiliary-content"])

    def test_forced_texts_are_flagged_and_seen(self):
        for output in "b.mp4", "b.mov":
            self.take("a.mkv", output)
            self.assertEqual(self.mediainfo(output, "Text", "Forced"), ["Yes"])
        # Only the sample entry's flag is left.
        data = (self.folder / "b.mp4").read_bytes()
        (self.folder / "flag.mp4").write_bytes(data.replace(b"forced-subtitle", b"xxxxxxxxxxxxxxx"))
        self.assertNotIn("forced", self.purposes("flag.mp4", 3))
        self.take("flag.mp4", "c.mkv")
        self.assertIn("forced", self.purposes("c.mkv", 3))

    def test_texts_are_on_only_if_they_were(self):
        for output in "b.mp4", "b.mov":
            self.take("a.mkv", output)
            on = [track["tkhd"][0][3] & 1 for track in self.tracks(output)]
            self.assertEqual(on, [1, 1, 0, 0])
        self.ffmpeg("-i", "a.mkv", "-map", "0", "-c", "copy", "-disposition:s:0", "default",
                    "on.mkv")
        self.take("on.mkv", "c.mp4")
        self.assertEqual([track["tkhd"][0][3] & 1 for track in self.tracks("c.mp4")], [1, 1, 0, 1])

    def test_tags_of_any_name_go_along(self):
        tags = {"DIRECTOR": "Nobody \u00e9", "IMDB": "tt1", "title": "A Film", "SYNOPSIS": "Long"}
        words = [word for key, value in tags.items() for word in ("-metadata", f"{key}={value}")]
        self.ffmpeg("-i", "a.mkv", "-map", "0:v", "-c", "copy", *words, "tagged.mkv")
        for source, output in ("tagged.mkv", "b.mp4"), ("tagged.mkv", "b.mov"), ("b.mov", "c.mkv"):
            self.assertEqual(self.take(source, output), "")
            found = self.ffprobe(output, "-show_format")["format"]["tags"]
            self.assertEqual({key: value for key, value in tags.items()
                              if found.get(key, found.get(key.lower())) != value}, {})
            if not output.endswith(".mkv"):
                self.assertEqual(self.mediainfo(output, "General", "DIRECTOR"), [tags["DIRECTOR"]])

    def make_tagged(self):
        """A film whose tracks have languages of BCP 47, as mkvmerge writes them."""
        held = {"v:0": "eng=en-GB...", "a:0": "und=yue...", "s:0": "por=pt-BR..."}
        words = [word for stream, text in held.items()
                 for word in (f"-metadata:s:{stream}", f"language={text}")]
        self.ffmpeg("-i", "a.mkv", "-map", "0", "-c", "copy", *words, "-write_crc32", "0",
                    "tagged.mkv")
        data = (self.folder / "tagged.mkv").read_bytes()
        for text in held.values():
            code, tag = text.rstrip(".").encode().split(b"=")
            two = (b"\x83" + code + b"\x22\xb5\x9d" + bytes([0x80 | len(tag)]) + tag)
            one = bytes([0x80 | len(text)]) + text.encode()
            data = data.replace(b"\x22\xb5\x9c" + one, b"\x22\xb5\x9c" + two)
        (self.folder / "tagged.mkv").write_bytes(data)

    def language_tags(self, name):
        """Of the tracks that have one, in order."""
        data = (self.folder / name).read_bytes()
        if name.endswith(".mkv"):
            parts = data.split(b"\x22\xb5\x9d")[1:]
            return [part[1:1 + (part[0] & 0x7f)].decode() for part in parts]
        return [body[4:-1].decode() for track in self.tracks(name)
                for body in track.get("mdia/elng", [])]

    def test_languages_of_bcp47_go_along(self):
        wanted = ["en-GB", "yue", "pt-BR"]
        self.make_tagged()
        self.assertEqual(self.language_tags("tagged.mkv"), wanted)
        for source, output in (("tagged.mkv", "b.mkv"), ("tagged.mkv", "b.mp4"),
                               ("tagged.mkv", "b.mov"), ("b.mp4", "c.mkv"), ("b.mov", "d.mp4")):
            with self.subTest(source=source, output=output):
                self.assertEqual(self.take(source, output), "")
                self.assertEqual(self.language_tags(output), wanted)
                self.assertEqual(self.tags(output, "language")[3], "por")
                self.assertEqual([tag for tag in self.tags(output, "LANGUAGE-BCP47") if tag], [])
        self.assertEqual(self.tags("b.mkv", "language"), ["eng", None, "fra", "por"])
        told = json.loads(self.run_relief("info", "--json", "b.mkv").stdout)["streams"]
        self.assertEqual([stream["language"] for stream in told], ["en-GB", "", "fra", "pt-BR"])
        if shutil.which("mkvmerge"):
            done = subprocess.run(["mkvmerge", "-J", "b.mkv"], cwd=self.folder, text=True,
                                  capture_output=True, timeout=60)
            told = [track["properties"].get("language_ietf")
                    for track in json.loads(done.stdout)["tracks"]]
            self.assertEqual([tag for tag in told if tag], wanted)

    def test_a_language_that_has_no_place_is_told(self):
        self.make_tagged()
        said = self.take("tagged.mkv", "b.webm")
        self.assertIn("that the language of stream 3 is pt-BR", said)
        self.assertNotIn("yue", said)
        done = self.relief("tagged.mkv", "-o", "-", "--progress", "none", text=False)
        self.assertIn(b"that the language of stream 3 is pt-BR", done.stderr)
        self.assertIn(b"por", done.stdout)
        self.assertNotIn(b"=pt-BR", done.stdout)

    def test_what_a_container_has_no_word_for_is_told(self):
        self.ffmpeg("-i", "a.mkv", "-map", "0:v", "-map", "0:a", "-c:v", "copy", "-c:a", "mp2",
                    "-metadata", "DIRECTOR=Nobody", "-disposition:a:1", "comment+original",
                    "-metadata:s:a:0", "MIXER=Somebody", "tagged.mkv")
        for output, lost, kept in (
                ("b.webm", ["stream 2 is \"comment\""], ["title", "language", "DIRECTOR"]),
                ("b.ts", ["the title of stream 2", "stream 2 is \"comment\"", "DIRECTOR"],
                 ["language"]),
                ("b.avi", ["the language of stream 2", "stream 2 is \"comment\"", "DIRECTOR"],
                 ["title"]),
                ("b.mp4", ["stream 2 is \"original\"", "MIXER of stream 1"],
                 ["comment", "title", "language"]),
                ("b.mkv", [], ["left out"])):
            with self.subTest(output=output):
                said = self.take("tagged.mkv", output)
                lines = [line for line in said.splitlines() if "have no word" in line]
                self.assertEqual(len(lines), 1 if lost else 0, said)
                for word in lost:
                    self.assertIn(word, lines[0])
                for word in kept:
                    self.assertNotIn(word, "".join(lines))

    def test_styles_of_subtitles_are_told_of(self):
        self.ffmpeg("-i", "a.mkv", "-map", "0", "-c", "copy", "-c:s", "ass", "styled.mkv")
        self.assertEqual(self.take("styled.mkv", "b.mkv"), "")
        self.assertIn("styles are left out", self.take("styled.mkv", "b.mp4"))
        self.assertEqual(self.take("a.mkv", "c.mp4"), "")

    def test_chapters_of_matroska_stay_as_they_are(self):
        if not shutil.which("mkvmerge") or not shutil.which("mkvextract"):
            self.skipTest("needs mkvmerge and mkvextract")

        def atom(start, end, inside):
            return (f"<ChapterAtom><ChapterTimeStart>00:00:00.{start}</ChapterTimeStart>"
                    f"<ChapterTimeEnd>00:00:00.{end}</ChapterTimeEnd>{inside}</ChapterAtom>")

        def name(text, language="eng"):
            return (f"<ChapterDisplay><ChapterString>{text}</ChapterString>"
                    f"<ChapterLanguage>{language}</ChapterLanguage></ChapterDisplay>")

        head = '<?xml version="1.0"?>'
        inner = atom(100, 150, name("Inner"))
        first = atom("000", 200, name("One") + name("Eins", "ger") + inner)
        ordered = "<EditionFlagOrdered>1</EditionFlagOrdered>" + atom("050", 100, name("Short"))
        editions = f"<EditionEntry>{first}</EditionEntry><EditionEntry>{ordered}</EditionEntry>"
        (self.folder / "c.xml").write_text(head + f"<Chapters>{editions}</Chapters>")
        self.merge("-o", "c.mkv", "--chapters", "c.xml", "a.mkv")
        self.assertEqual(self.take("c.mkv", "b.mkv"), "")
        self.assertEqual(self.chapters("b.mkv"), self.chapters("c.mkv"))
        self.assertIn("Inner", self.chapters("b.mkv"))
        self.assertEqual(self.ffprobe("b.mkv", "-show_chapters"),
                         self.ffprobe("c.mkv", "-show_chapters"))
        for output, words in ("b.mp4", []), ("c.b.mkv", ["--start", "0.08"]):
            done = self.relief("c.mkv", "-o", output, "--progress", "none", *words)
            self.assertIn("further editions and languages are left out", done.stderr)
        # Plain ones lose nothing anywhere, and keep their language.
        edition = f"<EditionEntry>{atom('000', 200, name('One'))}</EditionEntry>"
        (self.folder / "p.xml").write_text(head + f"<Chapters>{edition}</Chapters>")
        self.merge("-o", "p.mkv", "--chapters", "p.xml", "a.mkv")
        for output in "d.mkv", "d.mp4":
            self.assertEqual(self.take("p.mkv", output), "")
        self.assertIn("<ChapterLanguage>eng", self.chapters("d.mkv"))

    def merge(self, *words):
        subprocess.run(["mkvmerge", "-q", *words], cwd=self.folder, check=True, timeout=60)

    def chapters(self, name):
        done = subprocess.run(["mkvextract", name, "chapters", "-"], cwd=self.folder, check=True,
                              capture_output=True, text=True, timeout=60)
        return done.stdout


if __name__ == "__main__":
    command.main()
