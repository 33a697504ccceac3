"""Print a model folder's lineage as Docker's build arguments: image_labels.py FOLDER."""

import sys
from pathlib import Path

import yaml


def read(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}


def build_arguments(folder: Path) -> dict[str, str]:
    mlmodel = read(folder / "MLmodel")
    if not mlmodel:
        raise FileNotFoundError(
            f"{folder} contains no model: create it with `manage.py export_model {folder}`"
        )
    metadata = mlmodel.get("metadata") or {}
    number = read(folder / "registered_model_meta").get("model_version")
    return {
        "MODEL_DIR": str(folder),
        "DATA_HASH": str(metadata.get("dataset_hash") or "unknown"),
        "RUN_ID": str(mlmodel.get("run_id") or "unknown"),
        "MODEL_VERSION": str(number or "unknown"),
    }


if __name__ == "__main__":
    try:
        arguments = build_arguments(Path(sys.argv[1]))
    except FileNotFoundError as error:
        sys.exit(str(error))
    print(" ".join(f"--build-arg {name}={value}" for name, value in arguments.items()))
