"""Print the text of the pipeline's mail: the build, the commit, and the gate's results."""

import json
import os
import subprocess
from pathlib import Path

BUILD_DIR = Path(__file__).resolve().parents[2] / "var" / "build"


def commit() -> str:
    command = ["git", "log", "-1", "--format=%h %s (%an)"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip() or "unknown"


def gate_lines(path: Path) -> list[str]:
    """Return the gate's results, if a model was trained in this build."""
    try:
        gate = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return ["No model was trained in this build."]
    against = f" against {gate['against']}" if gate.get("against") else ""
    lines = [f"Release {gate['version']}{against}, profile: {gate.get('profile')}"]
    return lines + [line_of(each) for each in gate.get("lines", [])]


def line_of(line: dict) -> str:
    figures = [figure(line, name) for name in ("challenger", "champion", "floor")]
    return f"  {line['verdict']:8} {line['name']:24} {' '.join(figures)}  {line.get('why', '')}"


def figure(line: dict, name: str) -> str:
    value = line.get(name)
    return f"{name} {'–' if value is None else format(value, '.4f')}"


def report(folder: Path = BUILD_DIR) -> str:
    heading = [
        f"Build:  {os.environ.get('BUILD', 'unknown')}",
        f"Branch: {os.environ.get('BRANCH_NAME', 'unknown')}",
        f"Commit: {commit()}",
        f"Log:    {os.environ.get('BUILD_URL', 'on this machine')}",
        "",
    ]
    return "\n".join(heading + gate_lines(folder / "gate.json"))


if __name__ == "__main__":
    print(report())
