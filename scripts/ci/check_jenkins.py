"""Check that Jenkins' environment says where a build goes, before anything is built.

Only the standard library: this runs before the packages are installed.
"""

import argparse
import os
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What a build of main needs, and the role's variable for it.
PLACES = {
    "IMAGE": "jenkins_image",
    "TRAINING_HISTORY": "jenkins_history",
    "BACKUP_DIR": "jenkins_backup",
    "INVENTORY": "jenkins_inventory",
    "SITE_URL": "jenkins_site_url",
}
FOLDERS = ("TRAINING_HISTORY", "BACKUP_DIR")
HOW = "in Jenkins' global environment ({variable} of ansible/roles/jenkins)"


def faults(environment: Mapping[str, str], *, defaults: Collection[str] = ()) -> Iterator[str]:
    """Yield a sentence for each setting that is missing or makes no sense.

    ``defaults`` names the variables whose value is the Makefile's, which Jenkins has not set.
    """
    values = {name: value for name, value in environment.items() if name not in defaults}
    if not values.get("MAIL_TO"):
        how = HOW.format(variable="jenkins_mail_to")
        yield f"MAIL_TO is not set, so a failure would reach no one. Set it {how}."
    if not values.get("BRANCH_NAME"):
        yield (
            "BRANCH_NAME is not set: this job is not a multibranch pipeline, so it would deploy "
            "nothing. Create a multibranch pipeline, as ansible/roles/jenkins does."
        )
    if values.get("BRANCH_NAME") == "main":
        yield from _faults_of_places(values)
        yield from _faults_of_approval(values)


def _faults_of_places(values: Mapping[str, str]) -> Iterator[str]:
    for name, variable in PLACES.items():
        value, how = values.get(name, ""), HOW.format(variable=variable)
        if not value:
            yield f"{name} is not set. Set it {how}."
        elif name in FOLDERS and not Path(value).is_absolute():
            yield f"{name} is {value!r}, which is deleted with the workspace. Use a path from / on."
        elif name == "INVENTORY" and not (ROOT / "ansible" / value).exists():
            yield f"INVENTORY is {value!r}, but there is no ansible/{value}. Correct it {how}."
        elif name == "SITE_URL" and not value.startswith(("http://", "https://")):
            yield f"SITE_URL is {value!r}. Begin it with http:// or https://."


def _faults_of_approval(values: Mapping[str, str]) -> Iterator[str]:
    wanted = values.get("APPROVE_DEPLOY", "")
    if wanted not in ("", "true", "false"):
        yield f"APPROVE_DEPLOY is {wanted!r}. Set it to true or false."
    if wanted == "true" and not values.get("DEPLOY_APPROVERS"):
        how = HOW.format(variable="jenkins_deploy_approvers")
        yield (
            "APPROVE_DEPLOY is true, but DEPLOY_APPROVERS is not set. Name those who may approve "
            f"{how}, separated by commas."
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path, help="where to write the text of the mail")
    parser.add_argument("--default", action="append", default=[], help="a variable Jenkins lacks")
    options = parser.parse_args()
    found = list(faults(os.environ, defaults=options.default))
    if not found:
        return
    text = "The build stopped before it began:\n" + "\n".join(f"- {each}" for each in found)
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(f"{text}\n\nLog: {os.environ.get('BUILD_URL', 'on this machine')}\n")
    sys.exit(text)


if __name__ == "__main__":
    main()
