#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How fast relief is, and how much memory it takes, beside a plain ffmpeg transcode.

    bench/bench.py [--relief build/src/cli/relief] [--seconds 10] [FILE]

Both write H.264 with the same encoder, preset, quality and threads, one after the other, RUNS
times in turn; the medians are compared, so that a noisy machine disturbs both alike. Without FILE
a 1080p clip is drawn by ffmpeg's own sources. Absolute figures hold for this machine only: quote
the ratios. --json prints one object for programs.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time


def measure(command):
    """Run a command. Returns seconds by the clock, CPU seconds, peak resident MiB."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}\n{message.decode(errors='replace')}")
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def draw_clip(path, seconds):
    """A 1080p film with moving texture and sound."""
    picture = ("mandelbrot=s=1920x1080:r=25,format=yuv420p,"
               "drawgrid=w=240:h=240:t=4:c=white@0.4")
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i",
         "sine=440:sample_rate=48000", "-t", str(seconds), "-c:v", "libx264", "-preset",
         "ultrafast", "-crf", "18", "-c:a", "aac", path], check=True, stdin=subprocess.DEVNULL)


def frame_count(path):
    answer = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v:0", "-count_packets", "-show_entries",
         "stream=nb_read_packets", "-of", "csv=p=0", path], check=True, capture_output=True)
    return int(answer.stdout.split(b",")[0].split()[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("file", nargs="?")
    parser.add_argument("--relief", default="build/src/cli/relief")
    parser.add_argument("--seconds", type=float, default=6, help="length of the drawn clip")
    parser.add_argument("--preset", default="medium", help="x264 preset of both (default medium)")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE",
                        help="further options of relief")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clip = args.file or os.path.join(folder, "clip.mp4")
        if not args.file:
            draw_clip(clip, args.seconds)
        out = os.path.join(folder, "out.mp4")
        commands = {
            "transcode": ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", clip, "-c:v", "libx264",
                          "-crf", "18", "-preset", args.preset, "-c:a", "copy", out],
            "relief": [args.relief, clip, "-o", out, "-y", "-q", "--crf", "18", "--preset",
                       args.preset] + ["--" + option for option in args.option],
        }
        frames = frame_count(clip)
        runs = {name: [] for name in commands}
        for _ in range(args.runs):
            for name, command in commands.items():
                runs[name].append(measure(command))
    result = {"frames": frames, "cores": os.cpu_count()}
    for name, values in runs.items():
        wall, cpu, peak = (statistics.median(v) for v in zip(*values))
        result[name] = {"fps": frames / wall, "cpu_ms_per_frame": 1000 * cpu / frames,
                        "peak_mib": peak}
    result["time_ratio"] = result["transcode"]["fps"] / result["relief"]["fps"]
    result["extra_mib"] = result["relief"]["peak_mib"] - result["transcode"]["peak_mib"]
    if args.json:
        print(json.dumps(result, indent=2))
        return
    print(f"{frames} frames, {args.runs} runs each, {os.cpu_count()} cores, preset {args.preset}")
    for name in runs:
        r = result[name]
        print(f"{name:10} {r['fps']:7.1f} frames/s {r['cpu_ms_per_frame']:8.1f} CPU ms a frame "
              f"{r['peak_mib']:7.0f} MiB at most")
    print(f"relief takes {result['time_ratio']:.2f} times as long as the transcode "
          f"and {result['extra_mib']:.0f} MiB more")


if __name__ == "__main__":
    main()
