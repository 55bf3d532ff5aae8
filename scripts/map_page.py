"""Writes docs/map.md, its picture and its table from a folder of results.

`python -m scripts.map_page DIR`, where DIR is what `experiment map --out DIR` filled.
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.server import ROOT
from spiral_dash.experiments.catalogue import MAP, as_asked
from spiral_dash.experiments.correlations import Correlation, maps
from spiral_dash.experiments.drawing import draw
from spiral_dash.experiments.map_table import rows
from spiral_dash.experiments.results import Results
from spiral_dash.experiments.store import Store
from spiral_dash.experiments.words import probability, two

DOCS = ROOT / "docs"
PAGE, FOLDER = DOCS / "map.md", DOCS / "map"
INK = "#767676"
BEGINNING = """# The map

{question} Over {points} data, {runs} runs of {epochs} epochs from seed {seed}; {diverged} diverged.

{remarks}

A number is Spearman's ρ over the data, in the picture bold with * where it differs from 0, all
{looked_at} considered (Holm, p < 0.05); {certain} do. Orange is above 0, violet below. All of it
again, with a scatter behind every number:

```
python -m spiral_dash experiment map --points {points} --out DIR
python -m spiral_dash report DIR
```

![Rank correlation of the properties of the data and of the network](map/map.svg)

{comment}
## Every correlation that differs from 0

Intervals are of 95 %, each by itself. All numbers: [map/correlations.csv](map/correlations.csv).

| networks | property of the data | property of the network | ρ [95 %] | p (Holm) |
|---|---|---|---|---|
{table}
"""


def main(folder: Path) -> None:
    """Write the page, the picture and the table."""
    FOLDER.mkdir(exist_ok=True)
    with Store(folder) as store:
        known = next(one for one in store.experiments() if one.id == MAP)
        results = Results.read(store, as_asked(known))
    experiment = results.experiment
    [figure] = experiment.figures
    drawn = draw(results, figure, INK)
    assert drawn is not None, "there are runs"
    (FOLDER / "map.svg").write_text(drawn + "\n", "utf-8")
    found = [*rows(maps(results, figure))]
    _write(found, FOLDER / "correlations.csv")
    comment = FOLDER / "comment.md"
    text = BEGINNING.format(
        question=experiment.question,
        points=experiment.shape[1],
        runs=results.done,
        epochs=experiment.epochs,
        seed=experiment.first_seed,
        diverged=results.diverged or "none",
        remarks="\n\n".join(experiment.remarks),
        looked_at=sum(not math.isnan(cell.p) for _, cell in found),
        certain=sum(cell.is_certain for _, cell in found),
        comment=comment.read_text("utf-8") if comment.is_file() else "",
        table="\n".join(_lines(found)),
    )
    PAGE.write_text(text, "utf-8")


def _lines(found: list[tuple[str, Correlation]]) -> Iterator[str]:
    for networks, cell in found:
        if cell.is_certain:
            interval = f"[{two(cell.low)}, {two(cell.high)}]"
            yield (
                f"| {networks} | {cell.x_label} | {cell.y_label.replace('|', chr(92) + '|')} | "
                f"{two(cell.rho)} {interval} | {probability(cell.p)} |"
            )


def _write(found: list[tuple[str, Correlation]], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["networks", "data", "network", "rho", "low", "high", "p_holm", "points"])
        for networks, cell in found:
            numbers = [f"{v:.4g}" for v in (cell.rho, cell.low, cell.high, cell.p)]
            writer.writerow([networks, cell.x_label, cell.y_label, *numbers, cell.points])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
