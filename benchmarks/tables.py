"""Results of a benchmark, printed as Markdown tables and written as JSON."""

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tabulate import tabulate


@dataclass(frozen=True)
class Table:
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | float]]
    note: str = ""

    def lines(self) -> list[str]:
        """Return the lines of an aligned Markdown table."""
        rows = [[_show(cell) for cell in row] for row in self.rows]
        align = ["left", *["right"] * (len(self.columns) - 1)]
        table = tabulate(rows, self.columns, "pipe", colalign=align, disable_numparse=True)
        return table.splitlines()


def _show(cell: str | float) -> str:
    if isinstance(cell, str):
        return cell
    if cell >= 100 or cell == int(cell):
        return f"{cell:,.0f}"
    return f"{cell:.3g}"


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
