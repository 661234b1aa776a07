#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Make relief-small.onnx from nothing but the asset library and the real pictures:
#   RELIEF_ASSETS=FOLDER RELIEF_DEPTH=FOLDER training/reproduce.sh OUT
# Every step goes on where it was stopped, so the same call may be repeated.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: reproduce.sh OUT}
: "${RELIEF_ASSETS:?the folder of the asset library}" "${RELIEF_DEPTH:?the folder of real pictures}"
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
mkdir -p "$out"
python3 "$here/render_set.py" "$out/renders" --count "${PICTURES:-12000}"
python3 "$here/train.py" --data "$out/renders" --out "$out/run" --steps "${STEPS:-12000}" \
    --real 0.08 --rank 0.15 ${THREADS:+--threads "$THREADS"}
python3 "$here/export.py" "$out/run/checkpoint.pt" "$out/relief-small.onnx"
python3 "$here/evaluate.py" "$out/relief-small.onnx" --half both --renders "$out/renders" \
    --sheet "$out/sheet.png"
