"""Run Ansible on the command line, and parse its recap."""

import json
import os
import re
from pathlib import Path

from django.conf import settings

from tests import support

ANSIBLE = Path(settings.BASE_DIR) / "ansible"
BIN = Path(settings.BASE_DIR) / ".venv-deploy" / "bin"
RECAP = re.compile(r"ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)")


def environment(**more: str) -> dict[str, str]:
    return os.environ | {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "ANSIBLE_CONFIG": str(ANSIBLE / "ansible.cfg"),
        "ANSIBLE_NOCOLOR": "1",
        **more,
    }


def run(
    playbook: Path | str, inventory: str, *options: str, path: str = "", **variables
) -> tuple[int, str]:
    command = [BIN / "ansible-playbook", "-i", inventory, playbook, "-e", json.dumps(variables)]
    command += options
    more = {"PATH": f"{path}:{BIN}:{os.environ['PATH']}"} if path else {}
    done = support.run(*command, cwd=ANSIBLE, env=environment(**more), check=False)
    return done.returncode, done.stdout + done.stderr


def n_changed(output: str) -> int:
    recap = RECAP.search(output)
    assert recap, output[-3000:]
    assert (recap[3], recap[4]) == ("0", "0"), output[-3000:]
    return int(recap[2])


def play(folder: Path, role: str) -> Path:
    """Write a playbook that applies one role."""
    path = folder / f"{role}.yml"
    plays = [{"name": "Try it", "hosts": "all", "gather_facts": False, "roles": [role]}]
    path.write_text(json.dumps(plays))
    return path
