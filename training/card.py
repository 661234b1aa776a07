# SPDX-License-Identifier: MIT
"""The measured tables of the model card, as Markdown between two marker lines of the file."""
import numpy as np

from measures import mean

START, END = "<!-- measured by training/evaluate.py: begin -->", "<!-- end -->"
PUBLISHED = """
Published figures of two networks of about this purpose, for orientation only: they are by their
authors, on other pictures, and were not run here.

| network | size | WHDR, DIW | delta, NYU | delta, KITTI | AbsRel, NYU | AbsRel, KITTI |
|---|---|---|---|---|---|---|
| MiDaS v2.1 small (its authors' table, zero-shot) | 66 MB | 13.4 % | 13.4 % | 29.3 % | - | - |
| Depth Anything V2 small (its paper, table 2) | 99 MB | - | 2.7 % | 6.4 % | 0.053 | 0.078 |
"""


def row(cells):
    return "| " + " | ".join(cells) + " |"


def number(value):
    return "-" if not np.isfinite(value) else f"{value:.3f}"


def real_table(names, groups, everything):
    """WHDR, AbsRel and delta of each model per domain and over the half's sources."""
    means, count = everything
    lines = [row(["domain (sources)"] + [f"{what} {n}" for what in ("WHDR", "AbsRel", "delta")
                                         for n in names]), "|" + "---|" * (1 + 3 * len(names))]
    for label, (cells, sources) in [*groups.items(), ("**all**", (means, count))]:
        lines.append(row([f"{label} ({sources})"] + [number(cells[n][i]) for i in range(3)
                                                     for n in names]))
    return lines


def edge_table(names, kinds, tables):
    """Edges on held-out renders and on photographs; names without renders' scores are left out."""
    lines = [row(["model", "F-score, renders", "sharpness, renders", "order (WHDR), renders",
                  "px to picture edge", "px by chance"]), "|" + "---|" * 6]
    for name in names[:-2]:                    # a ramp and a constant have no edges
        order, score, sharp = mean([cells[name] for cells in kinds.values()]) if kinds else \
            (np.nan,) * 3
        away, chance = mean([everything[0][name][3:5] for _, everything in tables.values()])
        lines.append(row([name, number(score), number(sharp), number(order),
                          f"{away:.2f}", f"{chance:.2f}"]))
    return lines


def text(names, tables, kinds):
    """All tables as one Markdown text; the first model is called "this"."""
    lines = []
    for half in ("test", "development"):
        groups, everything = tables[half]
        what = "not used to choose" if half == "test" else "checkpoints were chosen on it"
        lines += [f"**{half.capitalize()} half**, {everything[1]} sources, {what}:", ""]
        lines += real_table(names, groups, everything) + [""]
    lines += [f"Edges, on held-out renders of {len(kinds)} kinds and on all measured photographs:",
              ""] + edge_table(names, kinds, tables)
    whole = "\n".join(lines).replace(names[0], "this").replace(".onnx", "")
    return whole + "\n" + PUBLISHED


def write(path, names, tables, kinds):
    """Put the tables between the markers of the file."""
    with open(path, encoding="utf-8") as f:
        before, rest = f.read().split(START)
    after = rest.split(END)[1]
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"{before}{START}\n{text(names, tables, kinds)}{END}{after}")
