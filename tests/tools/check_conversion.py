#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Convert films and prove that nothing was lost.

    tests/tools/check_conversion.py --relief build/src/cli/relief [--to mkv] FILE...

For each FILE: the conversion succeeds; frame count, presentation times and duration equal the
source's; copied sound is the same to the byte, and sound that relief says it converted is there
and as long; the output plays from start to end without a
decoder's warning; no unfinished file is left. One line a film; exit 1 when one failed.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from fractions import Fraction

SOUND_TOLERANCE = 0.05  # seconds: encoders count in blocks
TOLERANCE = Fraction(1, 900)  # containers with millisecond clocks round to the nearest


def run(command, seconds=600):
    return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=seconds)


def probe(path, *arguments):
    answer = run(["ffprobe", "-v", "error", "-of", "json", *arguments, path])
    return json.loads(answer.stdout or "{}")


def video_stream(path):
    """The stream that relief converts: the first video that is no cover picture."""
    for stream in probe(path, "-show_streams").get("streams", []):
        if stream["codec_type"] == "video" and not stream["disposition"].get("attached_pic"):
            return stream
    return None


def count_frames(path):
    stream = probe(path, "-count_frames", "-select_streams", str(video_stream(path)["index"]),
                   "-show_entries", "stream=nb_read_frames")["streams"][0]
    return int(stream.get("nb_read_frames", 0))


def shown_times(path, stream):
    """Presentation times of all frames in seconds, and the last one's length or None."""
    frames = probe(path, "-select_streams", str(stream["index"]), "-show_entries",
                   "frame=best_effort_timestamp,pkt_duration,duration").get("frames", [])
    base = Fraction(stream["time_base"])
    times = [int(f["best_effort_timestamp"]) * base for f in frames
             if f.get("best_effort_timestamp") is not None]
    last = frames[-1].get("duration", frames[-1].get("pkt_duration")) if frames else None
    return times, int(last) * base if last else None


def stream_end(stream):
    """When the stream ends, as the container says, or None."""
    length = stream.get("duration")
    return Fraction(stream.get("start_time", "0")) + Fraction(length) if length else None


def film_length(path):
    """What the container says, or None."""
    length = probe(path, "-show_format")["format"].get("duration")
    return Fraction(length) if length else None


def sound_hashes(path):
    """SHA-256 of the packets of each sound track, in order."""
    if not any(s["codec_type"] == "audio" for s in probe(path, "-show_streams")["streams"]):
        return []
    answer = run(["ffmpeg", "-v", "error", "-i", path, "-map", "0:a?", "-c", "copy", "-f",
                  "streamhash", "-"])
    return [line.split(b"=")[-1] for line in answer.stdout.split() if b"=" in line]


def sound_lengths(path):
    """How many seconds of each sound track can be heard, in order."""
    count = sum(s["codec_type"] == "audio" for s in probe(path, "-show_streams")["streams"])
    return [len(run(["ffmpeg", "-v", "quiet", "-i", path, "-map", f"0:a:{i}", "-ac", "1", "-ar",
                     "8000", "-f", "s16le", "-"]).stdout) / 16000 for i in range(count)]


def compare_sound(source, output, said):
    """What is wrong with the sound, as a list of texts."""
    wanted, got = sound_hashes(source), sound_hashes(output)
    if wanted == got:
        return []
    if len(wanted) != len(got):
        return [f"{len(got)} sound tracks, not {len(wanted)}"]
    # Streams are named by their number among all; sound is converted in the same order.
    streams = [s["index"] for s in probe(source, "-show_streams")["streams"]
               if s["codec_type"] == "audio"]
    lengths = list(zip(sound_lengths(source), sound_lengths(output)))
    wrong = []
    for i, stream in enumerate(streams):
        converted = re.search(rf"audio stream {stream} \(\w+\) converted to ", said)
        if wanted[i] != got[i] and not converted:
            wrong.append(f"sound {stream} differs")
        elif wanted[i] != got[i] and abs(lengths[i][0] - lengths[i][1]) > SOUND_TOLERANCE:
            wrong.append(f"sound {stream} lasts {lengths[i][1]:.3f}, not {lengths[i][0]:.3f}")
    return wrong


def compare(source, output, said):
    """What is wrong with the output, as a list of texts."""
    wrong = []
    count = count_frames(source), count_frames(output)
    if count[0] != count[1]:
        wrong.append(f"{count[1]} frames, not {count[0]}")
    streams = video_stream(source), video_stream(output)
    (wanted, last), (got, got_last) = (shown_times(p, s) for p, s in zip((source, output), streams))
    if wanted and len(wanted) == len(got):  # raw streams have no times
        worst = max(abs(a - b) for a, b in zip(wanted, got))
        if worst > TOLERANCE:
            at = max(range(len(got)), key=lambda i: abs(wanted[i] - got[i]))
            wrong.append(f"frame {at} at {float(got[at]):.4f}, not {float(wanted[at]):.4f}")
        # MP4 tells a stream's end, Matroska each frame's; a source may say both.
        ends = [end - wanted[-1] for end in (film_length(source), stream_end(streams[0])) if end]
        ends += [last] if last else []
        last_shown = stream_end(streams[1]) - got[-1] if stream_end(streams[1]) else got_last
        if last_shown and ends and min(abs(end - last_shown) for end in ends) > 2 * TOLERANCE:
            wrong.append(f"last frame lasts {float(last_shown):.4f}, not {float(ends[-1]):.4f}")
    wrong += compare_sound(source, output, said)
    played = run(["ffmpeg", "-v", "warning", "-i", output, "-map", "0:v", "-map", "0:a?", "-f",
                  "null", "-"])
    # The muxer called null complains of the source's own uneven times; decoders are what counts.
    noise = [l for l in played.stderr.decode(errors="replace").splitlines() if l.strip() and
             not any(known in l for known in ("null @", "repeated", "timescale not set"))]
    if noise or played.returncode:
        wrong.append("plays with: " + "; ".join(noise[:2]))
    return wrong


def check(relief, source, to, options):
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "out." + to)
        done = run([relief, source, "-o", output, "--progress", "none", *options])
        said = done.stderr.decode(errors="replace").strip()
        if done.returncode:
            return [f"exit {done.returncode}: {said}"], said
        left = [name for name in os.listdir(folder) if name != "out." + to]
        return compare(source, output, said) + [f"left behind {name}" for name in left], said


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--relief", required=True)
    parser.add_argument("--to", default="mp4", help="extension of the output (default mp4)")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--warnings", action="store_true", help="show what relief says")
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    options = ["--" + option for option in args.option]
    failed = 0
    for source in args.files:
        wrong, said = check(args.relief, source, args.to, options)
        print(f"{'FAIL' if wrong else 'ok  '} {os.path.basename(source)}", *wrong, sep="  ",
              flush=True)
        if args.warnings and said:
            print("     " + said.replace("\n", "\n     "))
        failed += bool(wrong)
    print(f"{len(args.files) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
