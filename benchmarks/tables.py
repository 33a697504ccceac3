"""Results of a benchmark, printed as Markdown tables and written as JSON."""

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Table:
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | float]]
    note: str = ""

    def lines(self) -> list[str]:
        """Return the lines of an aligned Markdown table."""
        cells = [list(self.columns), *([_show(cell) for cell in row] for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        head, *body = ["| " + " | ".join(_pad(row, widths)) + " |" for row in cells]
        rule = "| " + " | ".join("-" * width for width in widths) + " |"
        return [head, rule, *body]


def _show(cell: str | float) -> str:
    if isinstance(cell, str):
        return cell
    if cell >= 100 or cell == int(cell):
        return f"{cell:,.0f}"
    return f"{cell:.3g}"


def _pad(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = zip(row, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]


def machine() -> dict[str, str | int | float]:
    """Return what the figures depend on, including the load of other processes."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count() or 0,
        "load_before": round(os.getloadavg()[0], 2),
    }


def write(folder: Path, name: str, tables: Sequence[Table], conditions: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    content = {"machine": conditions, "tables": [asdict(table) for table in tables]}
    (folder / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def show(tables: Sequence[Table]) -> None:
    for table in tables:
        print(f"\n{table.title}\n", *table.lines(), sep="\n")
        if table.note:
            print(f"\n{table.note}")
    sys.stdout.flush()
