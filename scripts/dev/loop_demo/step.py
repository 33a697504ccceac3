"""One step of the demo: what it explains, what it runs, and what must come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Step:
    """A shell command with its explanation and the expected result.

    ``{name}`` in the command is replaced by what an earlier step kept under that name.
    """

    name: str
    title: str
    prose: str
    command: str
    exit_code: int = 0
    expected: Mapping[str, Any] = field(default_factory=dict)  # fields of the JSON output
    within_s: float = 0  # repeat the command this long until its result is the expected one
    same_as: str = ""  # the output must equal what was kept under this name
    keep_as: str = ""  # the name under which to keep the output
    is_server: bool = False  # runs until the end of the demo
    plots: tuple[str, ...] = ()  # of the newest run, by file name
    pages: Mapping[str, str] = field(default_factory=dict)  # screenshots: name to path


@dataclass(frozen=True)
class Chapter:
    title: str
    steps: tuple[Step, ...]


@dataclass
class Picture:
    """A picture of the report, or the reason why it is missing."""

    caption: str
    path: str = ""  # relative to the report
    missing_because: str = ""


@dataclass
class Result:
    """What a step printed, and how long it took."""

    step: Step
    command: str
    output: str = ""
    exit_code: int | None = None  # None while a server runs
    seconds: float = 0.0
    problem: str = ""  # how the result differs from the expected one
    pictures: list[Picture] = field(default_factory=list)
