"""The sh steps of the Jenkinsfile, stage by stage, in order."""

import re
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

JENKINSFILE = Path(settings.BASE_DIR) / "Jenkinsfile"
STAGE = re.compile(r"stage\('([^']+)'\)")
SH = re.compile(r"""\bsh(?:\s+'([^']+)'|\(script: '([^']+)')""")


class Step(NamedTuple):
    stage: str
    command: str


def steps() -> list[Step]:
    all_steps, stage = [], ""
    for line in JENKINSFILE.read_text(encoding="utf-8").splitlines():
        if name := STAGE.search(line):
            stage = name[1]
        if "post {" in line:
            stage = f"{stage.split(', ')[0]}, afterwards"
        all_steps += [Step(stage, plain or asked) for plain, asked in SH.findall(line)]
    return all_steps


def commands_of(stage: str) -> list[str]:
    return [step.command for step in steps() if step.stage == stage]
