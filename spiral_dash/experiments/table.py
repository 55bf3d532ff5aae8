"""Results as one table: CSV for anything, Parquet and data frames with pandas."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spiral_dash.core.csv_safe import write_csv
from spiral_dash.core.validation import ConfigError
from spiral_dash.experiments.results import Results

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".parquet")


def needed(*modules: str) -> None:
    """Refuse, with what to install, where a module of the extra `experiments` is lacking."""
    lacking = [name for name in modules if find_spec(name) is None]
    if lacking:
        raise ConfigError(
            {
                "install": f"This needs {', '.join(lacking)}: install what belongs to it with "
                'pip install "spiral-dash[experiments]".'
            }
        )


def check_export(path: Path) -> None:
    """Refuse a file that no table is written to; raise `ConfigError`."""
    if path.suffix not in SUFFIXES:
        raise ConfigError(
            {"export": f"--export: expected a file .csv or .parquet, got {path.name!r}."}
        )
    if path.suffix == ".parquet":
        needed("pandas", "pyarrow")


def export(results: Results, path: Path) -> int:
    """Write every row of the results; return how many; raise `ConfigError`."""
    check_export(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".parquet":
            frame = data_frame(results)
            frame.to_parquet(path, index=False)
            return len(frame)
        rows = list(results.rows())
        header = _header(rows)
        with path.open("w", newline="", encoding="utf-8") as file:
            write_csv(file, header, ([row.get(name, "") for name in header] for row in rows))
        return len(rows)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError({"export": f"{path}: expected a file to write to: {reason}."}) from error


def _header(rows: list[dict[str, Any]]) -> list[str]:
    names: dict[str, None] = {}
    for row in rows:
        names |= dict.fromkeys(row)
    names.pop("error", None)
    return [*names, "error"]


def data_frame(results: Results) -> pd.DataFrame:
    """Return every row of the results as a data frame; needs pandas."""
    needed("pandas")
    import pandas as pd

    rows = list(results.rows())
    return pd.DataFrame(rows, columns=_header(rows))
