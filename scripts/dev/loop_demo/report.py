"""Write the report as JSON, Markdown and one HTML page with its pictures inside."""

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.template import Context, Engine

from scripts.dev.loop_demo.step import Chapter, Result

MAX_LINES = 45  # of a step's output
HEAD = 20  # of these, from the start of the output
FOLDER = Path(__file__).with_name("templates")


def write(out: Path, chapters: Sequence[Chapter], results: Sequence[Result]) -> None:
    shown = _as_data(out, chapters, results)
    (out / "report.json").write_text(
        json.dumps([asdict(result) for result in results], indent=1) + "\n", encoding="utf-8"
    )
    for name, autoescape in (("report.md", False), ("report.html", True)):
        engine = Engine(dirs=[str(FOLDER)], autoescape=autoescape)
        text = engine.get_template(name).render(Context(shown, autoescape=autoescape))
        (out / name).write_text(text, encoding="utf-8")


def _as_data(out: Path, chapters: Sequence[Chapter], results: Sequence[Result]) -> dict[str, Any]:
    by_step = {result.step.name: result for result in results}
    return {
        "seconds": round(sum(result.seconds for result in results)),
        "n_steps": len(results),
        "problem": next((r for r in results if r.problem), None),
        "chapters": [
            {
                "title": chapter.title,
                "results": [
                    _result(out, by_step[step.name])
                    for step in chapter.steps
                    if step.name in by_step
                ],
            }
            for chapter in chapters
            if chapter.steps[0].name in by_step
        ],
    }


def _result(out: Path, result: Result) -> dict[str, Any]:
    return {
        "step": result.step,
        # Markdown's `code`: every second part.
        "prose": [
            {"is_code": bool(i % 2), "text": text}
            for i, text in enumerate(result.step.prose.split("`"))
        ],
        "command": result.command,
        "output": shorten(result.output),
        "exit_code": result.exit_code,
        "seconds": result.seconds,
        "problem": result.problem,
        "pictures": [
            asdict(picture) | {"data": _data_url(out / picture.path) if picture.path else ""}
            for picture in result.pictures
        ],
    }


def _data_url(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()


def shorten(output: str) -> str:
    """Return the first and the last lines of a long output.

    >>> shorten("a\\nb\\n")
    'a\\nb'
    """
    lines = output.rstrip().splitlines()
    if len(lines) <= MAX_LINES:
        return "\n".join(lines)
    left_out = f"[{len(lines) - MAX_LINES} lines left out]"
    return "\n".join([*lines[:HEAD], left_out, *lines[HEAD - MAX_LINES :]])
