"""Track which release the pipeline trained last, and from what.

python -m scripts.ci.training_state unchanged   succeed if data and model code are unchanged
python -m scripts.ci.training_state record      record the release of gate.json: it passed
python -m scripts.ci.training_state version     print that release's version
python -m scripts.ci.training_state accept      make the live release the champion
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from scripts.ci.smoke_test import champion_kept

ROOT = Path(__file__).resolve().parents[2]
TRAINED_FROM = (
    "mlmodel/sentiment",
    "mlmodel/training/train.py",
    "mlmodel/training/gate.py",
    "requirements-training.txt",
)


def record_file() -> Path:
    return Path(os.environ.get("VAR_DIR") or ROOT / "var") / "trained.json"


def fingerprint() -> str:
    """Return a hash of what determines a training: the committed code and the current data."""
    tree = subprocess.run(
        ["git", "-C", str(ROOT), "ls-tree", "HEAD", *TRAINED_FROM], check=True, capture_output=True
    )
    dataset = ROOT / os.environ.get("DATASET", "data/train.csv")
    return hashlib.sha256(tree.stdout + hashlib.sha256(dataset.read_bytes()).digest()).hexdigest()


def read_record() -> dict[str, str]:
    try:
        return json.loads(record_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        sys.exit(f"{record_file()} is missing: no model has passed the gate here yet.")


def unchanged() -> None:
    trained = read_record()
    if trained["fingerprint"] != fingerprint():
        sys.exit("Data or model code changed since the last training.")
    print(f"Neither data nor model code changed since release {trained['version']}.")


def record() -> None:
    gate = json.loads((ROOT / "var" / "build" / "gate.json").read_text(encoding="utf-8"))
    trained = {"version": gate["version"], "fingerprint": fingerprint()}
    incoming = record_file().with_suffix(".incoming")
    incoming.write_text(json.dumps(trained), encoding="utf-8")
    incoming.replace(record_file())


def accept() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rottenpotatoes.settings")
    import django

    django.setup()
    from mlmodel.lifecycle import releases
    from mlmodel.models import Release

    trained = releases.find(read_record()["version"])
    kept, reason = champion_kept(trained.checksum, str(ROOT / "var" / "build" / "deployed.json"))
    live = Release.objects.filter(checksum=kept).first() if kept else trained
    if reason:
        print(reason)
    if live is None:  # for example a site's first model, which comes with the code
        print(f"Model {kept[:12]} was not trained here: the champion stays what it was.")
        return
    if not live.is_champion:
        build = os.environ.get("BUILD", "")
        releases.promote(live.version, by_name="pipeline", reason=f"live in {build}")
    print(f"Release {live.version} is the champion.")


def version() -> None:
    print(read_record()["version"])


COMMANDS = {"unchanged": unchanged, "record": record, "version": version, "accept": accept}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]]()
