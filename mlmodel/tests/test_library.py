"""The library's front door, and the library as others install it."""

import doctest
import os
import shutil
import sys
import venv
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

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


@pytest.mark.slow
def test_wheel_scores_a_review_in_a_fresh_environment_with_numpy_alone(wheel, tmp_path):
    venv.create(tmp_path / "fresh", symlinks=True)
    python = tmp_path / "fresh" / "bin" / "python"
    (packages,) = (tmp_path / "fresh" / "lib").glob("python*/site-packages")
    target = ["--no-deps", "--no-index", "--quiet", "--target", packages]
    run_python(sys.executable, "-m", "pip", "install", *target, wheel, cwd=tmp_path)
    installed = Path(np.__file__).parent
    for name in ("numpy", "numpy.libs"):
        (packages / name).symlink_to(installed.with_name(name))
    assert not (packages / "mlmodel" / "models.py").exists()
    code = (
        "from mlmodel.sentiment import load_scorer, __file__ as home\n"
        f"scorer = load_scorer({str(ROOT / 'mlmodel' / 'pretrained')!r})\n"
        "print(home, scorer.predict('A wonderful movie, and never dull.').label)\n"
        "from mlmodel.sentiment.evaluation.behaviour import load_cases; assert load_cases()"
    )
    home, label = run_python(python, "-c", code, cwd=tmp_path).stdout.split()
    assert (home.startswith(str(packages)), label) == (True, "positive")
