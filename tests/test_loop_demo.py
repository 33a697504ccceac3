"""`make loop-demo` runs to its end with the expected results, and its tutorial has its commands."""

import csv
import json
import re
import shutil
import subprocess
import sys

import pytest
import requests
from django.conf import settings

from scripts.dev.loop_demo import corpus, report, workspace
from scripts.dev.loop_demo.pictures import BROWSERS
from scripts.dev.loop_demo.runner import Runner
from scripts.dev.loop_demo.step import Chapter, Picture, Result, Step
from scripts.dev.loop_demo.story import REFUSED, STORY
from tests.support import run

ROOT = settings.BASE_DIR
FENCED = re.compile(r"^```\n(.*?)^```", re.DOTALL | re.MULTILINE)
# What the tutorial writes for the values of a run.
PLACEHOLDERS = {"{port}": "8000", "{url}": "http://127.0.0.1:8000", "{commit_1}": "COMMIT"}


@pytest.fixture
def runner(tmp_path):
    return Runner(tmp_path, {"PATH": "/usr/bin:/bin"}, {"name": "potato"})


def step(command: str, **fields) -> Step:
    return Step("name", "Title", "Prose with `code`.", command, **fields)


def status_of_data() -> str:
    """Return what the demo would change if it did not work in a copy."""
    paths = ("data", ".dvc", "dvc.lock", "metrics", "params.yaml")
    return run("git", "status", "--porcelain", "--", *paths, cwd=ROOT).stdout


@pytest.mark.slow
def test_every_step_of_the_demo_has_its_expected_result(tmp_path):
    out = tmp_path / "loop demo"  # a path with a space
    before = status_of_data()
    done = run(sys.executable, "-m", "scripts.dev.loop_demo", out, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    results = {each["step"]["name"]: each for each in json.loads((out / "report.json").read_text())}
    assert list(results) == [step.name for chapter in STORY for step in chapter.steps]
    refused = {name for name, each in results.items() if each["exit_code"] == REFUSED}
    assert refused == {"weak", "bad-data"}
    labels = {name: json.loads(results[name]["output"])["label"] for name in ("ask-1", "ask-2")}
    assert labels == {"ask-1": "negative", "ask-2": "positive"}
    assert results["same-md5"]["output"] == results["remember-md5"]["output"]
    pictures = [picture for each in results.values() for picture in each["pictures"]]
    assert all((out / picture["path"]).stat().st_size for picture in pictures if picture["path"])
    has_chromium = any(map(shutil.which, BROWSERS))
    assert [p["caption"] for p in pictures if not p["path"] and has_chromium] == []
    assert (out / "report.html").read_text().count("<img") == len(pictures)
    assert status_of_data() == before
    with pytest.raises(requests.ConnectionError):  # the server was stopped
        requests.get(results["serve"]["output"].split()[-1], timeout=5)


def test_the_tutorial_shows_commands_of_the_demo():
    commands = " && ".join(step.command for chapter in STORY for step in chapter.steps)
    for name, value in PLACEHOLDERS.items():
        commands = commands.replace(name, value)
    text = (ROOT / "docs" / "tutorial.md").read_text()
    shown = [line for block in FENCED.findall(text) for line in block.splitlines()]
    assert shown[0] == "make loop-demo"
    assert [line for line in shown[1:] if line not in commands.split(" && ")] == []


def test_the_same_seed_writes_the_same_corpus(tmp_path):
    for name in ("a", "b"):
        corpus.write(tmp_path / name, 200, seed=3)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_generated_reviews_differ():
    texts = [text for text, *_ in corpus.reviews(2_000)]
    assert len(set(texts)) == len(texts)


def test_swapped_labels_change_nothing_else(tmp_path):
    def rows(name, **options):
        corpus.write(tmp_path / name, 50, **options)
        return list(csv.DictReader((tmp_path / name).open()))

    for right, wrong in zip(rows("right"), rows("wrong", swap_labels=True), strict=True):
        assert {right["sentiment"], wrong["sentiment"]} == {"positive", "negative"}
        assert right | {"sentiment": ""} == wrong | {"sentiment": ""}


@pytest.mark.parametrize(
    ("command", "fields", "problem"),
    [
        ("exit 2", {}, "exit code 2 instead of 0"),
        ("true", {"exit_code": 2}, "exit code 0 instead of 2"),
        ("echo no", {"expected": {"version": "1"}}, "the output is not JSON"),
        ("echo '{}'", {"expected": {"version": "1"}}, "version is None instead of '1'"),
        ("echo turnip", {"same_as": "name"}, "'turnip' instead of 'potato'"),
        ("echo {name}", {"same_as": "name"}, ""),
        ("test -e again || { touch again; false; }", {"within_s": 60}, ""),
    ],
)
def test_an_unexpected_result_is_a_problem(runner, command, fields, problem):
    assert runner.run(step(command, **fields)).problem == problem


def test_the_demo_stops_at_the_first_problem(runner):
    story = [Chapter("One", (step("true"), step("false"), step("true")))]
    results = runner.run_all(story, after_each=lambda result: None)
    assert [bool(result.problem) for result in results] == [False, True]


def test_a_server_that_does_not_start_is_a_problem_with_its_log(runner):
    (runner.site / "var").mkdir()
    runner.values["url"] = "http://127.0.0.1:9"
    result = runner.run(step("echo 'no such model'; exit 3", is_server=True))
    assert (result.exit_code, result.output) == (3, "no such model\n")
    assert result.problem == "the site does not answer"


def test_the_report_escapes_output_and_names_missing_pictures(tmp_path):
    missing = Picture("A plot", missing_because="<none>")
    result = Result(step("echo '<b>'"), "echo '<b>'", "<script>", 0, pictures=[missing])
    report.write(tmp_path, [Chapter("One", (result.step,))], [result])
    page = (tmp_path / "report.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;none&gt;" in page
    assert "<code>code</code>" in page


@pytest.mark.parametrize("name", ["report.md", "report.html"])
def test_the_report_names_the_step_that_failed(tmp_path, name):
    result = Result(step("false"), "false", "", 1, problem="exit code 1 instead of 0")
    report.write(tmp_path, [Chapter("One", (result.step,))], [result])
    assert "Stopped at “Title”: exit code 1 instead of 0" in (tmp_path / name).read_text()


def test_the_demo_does_not_empty_a_folder_of_someone_else(tmp_path):
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(workspace.WorkspaceError, match="has other files"):
        workspace.prepare(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_the_demo_empties_its_own_folder(tmp_path):
    workspace.prepare(tmp_path / "out")
    (tmp_path / "out" / "old").touch()
    site = workspace.prepare(tmp_path / "out")
    assert not (tmp_path / "out" / "old").exists()
    assert (site / "manage.py").exists()


def test_commands_of_the_demo_ignore_the_developers_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/site")
    environment = workspace.environment(tmp_path / "site")
    assert not {"DATABASE_URL", "VAR_DIR", "DJANGO_SETTINGS_MODULE"} & set(environment)
    shown = subprocess.run(["sh", "-c", "cd && pwd"], env=environment, capture_output=True)
    assert shown.returncode != 0 or shown.stdout.decode().strip() == str(tmp_path / "home")
