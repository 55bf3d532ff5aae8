"""Writes docs/chapter4.md, its figures and its tables from a folder of results.

`python -m scripts.chapter4 DIR`, where DIR is what `experiment chapter4 --out DIR` filled.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from scripts.server import ROOT
from spiral_dash.experiments.catalogue import CHAPTER, as_asked, chosen
from spiral_dash.experiments.design import Experiment
from spiral_dash.experiments.drawing import draw
from spiral_dash.experiments.figures import Figure
from spiral_dash.experiments.plan import run_digest
from spiral_dash.experiments.results import Results
from spiral_dash.experiments.series import panels
from spiral_dash.experiments.store import Store
from spiral_dash.experiments.verdicts import Verdict, verdicts
from spiral_dash.experiments.words import number, probability

DOCS = ROOT / "docs"
PAGE, FOLDER = DOCS / "chapter4.md", DOCS / "chapter4"
INK = "#767676"
CLAIM_COLUMNS = (
    *("claim", "verdict", "test", "p_holm", "effect_name", "effect", "estimate", "low", "high"),
    *("unit", "seeds"),
)
COMMENTS = FOLDER / "comments"
BEGINNING = """# Chapter 4, over many seeds

What the thesis drew from one seed each, over {seeds} seeds: {runs} runs of 100 epochs. Lines are
means over the seeds, bands their 95 % t intervals; p-values are corrected for all claims of an
experiment (Holm). How it is done, and what the verdicts mean: [experiments.md](experiments.md). The
tables behind the figures are in [chapter4/](chapter4). All of it again:

```
python -m spiral_dash experiment chapter4 --seeds {seeds} --out DIR
python -m scripts.chapter4 DIR
```
"""


def main(folder: Path) -> None:
    """Write the page, the figures and the tables."""
    FOLDER.mkdir(exist_ok=True)
    with Store(folder) as store:
        asked = {one.id: one for one in store.experiments()}
        chapter = [as_asked(asked[known.id]) for known in chosen([CHAPTER])]
        results = [Results.read(store, experiment) for experiment in chapter]
    seeds = max(experiment.seeds for experiment in chapter)
    planned = {run_digest(config) for one in chapter for *_, config in one.configs()}
    parts = [_section(one) for one in results]
    PAGE.write_text(
        BEGINNING.format(seeds=seeds, runs=f"{len(planned):,}") + "".join(parts), "utf-8"
    )


def _section(results: Results) -> str:
    experiment = results.experiment
    lines = [
        f"\n## {experiment.id}\n\n{experiment.question}\n",
        f"The thesis ({experiment.section}): {experiment.thesis}\n",
        *(f"{text}\n" for text in experiment.remarks),
        _counts(results),
    ]
    for place, figure in enumerate(experiment.figures, start=1):
        drawn = draw(results, figure, INK)
        if drawn is None:
            continue
        name = f"{experiment.id.replace('.', '-')}-{place}"
        (FOLDER / f"{name}.svg").write_text(drawn + "\n", "utf-8")
        if figure.kind not in {"mapping", "boundary"}:
            _table(results, figure, FOLDER / f"{name}.csv")
        lines.append(
            f"![{figure.title}](chapter4/{name}.svg)\n\n*{figure.title} (thesis Fig "
            f"{', '.join(figure.thesis)}).*\n"
        )
    found = verdicts(results)
    _claims(found, FOLDER / f"{experiment.id.replace('.', '-')}-claims.csv")
    lines += [*_verdicts(found), _comment(experiment)]
    return "\n".join(lines)


def _counts(results: Results) -> str:
    failed = f"; {results.failed} lack a measurement" if results.failed else ""
    return f"{results.done} runs; {results.diverged} diverged{failed}.\n"


def _comment(experiment: Experiment) -> str:
    path = COMMENTS / f"{experiment.id}.md"
    return "\n" + path.read_text("utf-8") if path.is_file() else ""


def _verdicts(found: list[Verdict]) -> Iterator[str]:
    yield "| claim | verdict | test | p | effect | estimate [95 %] |\n|---|---|---|---|---|---|"
    for one in found:
        tested = one.tested
        unit = f" {one.unit}" if one.unit else ""
        yield (
            f"| {one.claim.text} | **{one.text}** | {tested.test}, {tested.seeds} seeds | "
            f"{probability(one.p)} | {tested.effect_name} {number(tested.effect)} | "
            f"{number(tested.estimate)} [{number(tested.low)}, {number(tested.high)}]{unit} |"
        )


def _table(results: Results, figure: Figure, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["panel", "line", "x", "mean", "low", "high", "seeds"])
        for panel in panels(results, figure):
            for line in panel.lines:
                for place, x in enumerate(panel.x):
                    numbers = (line.mean[place], line.low[place], line.high[place])
                    seeds = int(np.isfinite(line.values[place]).sum())
                    shown = panel.ticks[place] if panel.ticks else f"{x:g}"
                    row = [f"{value:.6g}" for value in numbers]
                    writer.writerow([panel.title, line.label, shown, *row, seeds])


def _claims(found: list[Verdict], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(CLAIM_COLUMNS)
        for one in found:
            t = one.tested
            numbers = [f"{v:.6g}" for v in (t.estimate, t.low, t.high)]
            row = [one.claim.text, one.text, t.test, f"{one.p:.3g}", t.effect_name]
            writer.writerow([*row, f"{t.effect:.6g}", *numbers, one.unit, t.seeds])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
