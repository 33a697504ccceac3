import re
import shlex

import numpy as np
import optuna
import pytest
from django.core.management import CommandError, call_command

from common.locks import exclusive
from mlmodel.lifecycle import mlflow_registry
from mlmodel.sentiment.models.algorithms import ALGORITHMS
from mlmodel.sentiment.tuning.search import Measurement, Scores, rounded, sample, space_of
from mlmodel.tests.labelled import labelled_rows, write_csv
from mlmodel.tests.small_corpus import small_corpus
from mlmodel.training import tune as tuning

pytestmark = pytest.mark.django_db
QUICK = {"algorithm": "logistic", "folds": 2}


@pytest.fixture
def desk(lab, settings):
    """A folder for the studies."""
    settings.VAR_DIR = lab / "var"
    return lab


@pytest.fixture
def tune(desk, capsys):
    dataset = write_csv(desk / "reviews.csv", labelled_rows(120, n_movies=30))

    def run(**options) -> str:
        call_command("tune", **({"dataset": dataset} | QUICK | options))
        return capsys.readouterr().out

    return run


@pytest.fixture
def fails_in_trial(monkeypatch):
    """Make the measurement of that number, counted from 0, raise an error."""
    measure = Measurement.__call__

    def install(number: int, error: BaseException) -> None:
        calls = iter(range(100))

        def failing(self, params, **options):
            if next(calls) == number:
                raise error
            return measure(self, params, **options)

        monkeypatch.setattr(Measurement, "__call__", failing)

    return install


def runs(name: str) -> list:
    from django.conf import settings

    client = mlflow_registry.connect().MlflowClient()
    experiment = client.get_experiment_by_name(settings.MLFLOW_MODEL_NAME)
    return client.search_runs([experiment.experiment_id], f"run_name LIKE '{name}'")


@pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=ALGORITHMS)
def test_every_algorithm_has_ranges_around_its_defaults(algorithm):
    assert algorithm.space
    for name, range_ in algorithm.space.items():
        assert range_.low < algorithm.defaults[name] < range_.high


def test_student_parameters_are_searched_with_unlabelled_reviews_only():
    assert "student_C" in space_of("nb-logistic", unlabelled=True)
    assert "student_C" not in space_of("nb-logistic", unlabelled=False)


def test_the_objective_is_the_mean_of_reviews_and_sentences():
    assert Scores(reviews=0.9, sentences=0.7).objective == pytest.approx(0.8)


def test_parameters_are_rounded_to_three_digits():
    params = rounded({"C": 2.23456, "max_features": 16407})
    assert params == {"C": 2.23, "max_features": 16407}


def test_a_sample_holds_whole_movies():
    corpus = small_corpus()
    taken = sample(corpus, 40, seed=0)
    assert len(taken) == 40
    assert {taken.movies.count(movie) for movie in set(taken.movies)} == {10}


def test_a_measurement_uses_reviews_the_model_has_not_seen():
    corpus = small_corpus()
    random = np.random.default_rng(0)
    noise = sample(corpus, 160, seed=0)
    noise.labels[:] = random.random(160) < 0.5
    learnt = Measurement(corpus, "logistic", n_folds=2)({})
    assert learnt.reviews > 0.9
    assert Measurement(noise, "logistic", n_folds=2)({}).reviews < 0.75


def test_the_defaults_are_tried_first(tune):
    assert re.search(r"trial 0: .* C=1.0 max_features=5000", tune(trials=1))


def test_every_trial_is_a_child_run_of_the_search(tune):
    tune(trials=3)
    [parent] = runs("tune%")
    trials = runs("trial%")
    assert {run.data.tags["mlflow.parentRunId"] for run in trials} == {parent.info.run_id}
    assert len(trials) == 3
    objectives = [run.data.metrics["objective"] for run in trials]
    assert parent.data.metrics["objective"] == max(objectives)


def test_an_interrupted_search_is_resumed(tune, fails_in_trial, capsys):
    fails_in_trial(2, KeyboardInterrupt())
    with pytest.raises(CommandError, match="2 trials are kept") as stopped:
        tune(trials=4)
    capsys.readouterr()
    output = tune(trials=4)
    assert stopped.value.returncode == 130
    assert "has 2 trials already" in output
    assert len(re.findall(r"^  trial \d", output, re.MULTILINE)) == 2
    assert (len(runs("tune%")), len(runs("trial%"))) == (1, 4)


def test_an_interrupted_trial_is_repeated_first(tune, monkeypatch):
    tried = []

    def interrupt(self, params, **options):
        tried.append(params)
        raise KeyboardInterrupt

    def measure(self, params, **options):
        tried.append(params)
        return Scores(0.9, 0.7)

    tune(trials=1)
    monkeypatch.setattr(Measurement, "__call__", interrupt)
    with pytest.raises(CommandError, match="stopped"):
        tune(trials=2)
    monkeypatch.setattr(Measurement, "__call__", measure)
    tune(trials=2)
    assert tried[0] == tried[1]


def test_the_trial_of_a_killed_process_is_repeated_first(tune, desk):
    tune(trials=1)
    study = optuna.load_study(study_name="logistic", storage=f"sqlite:///{desk}/var/tuning.sqlite3")
    killed = study.ask()
    params = {"C": killed.suggest_float("C", 0.05, 20, log=True)}
    assert f"C={rounded(params)['C']} " in tune(trials=2)


def test_trials_that_mlflow_missed_are_logged_later(tune, monkeypatch):
    def away(*args, **kwargs):
        raise mlflow_registry.RegistryUnavailable("MLflow is away")

    with monkeypatch.context() as patch:
        patch.setattr(mlflow_registry, "log_trial", away)
        with pytest.raises(CommandError, match="MLflow is away"):
            tune(trials=2)
    tune(trials=2)
    assert len(runs("trial%")) == 2


def test_a_finished_search_reports_its_result_again(tune):
    first = tune(trials=2)
    again = tune(trials=2)
    assert again.splitlines()[-3:] == first.splitlines()[-3:]


def test_the_printed_command_trains(tune):
    command = shlex.split(tune(trials=2).splitlines()[-1])
    assert command[:5] == ["python", "manage.py", "train", "--algorithm", "logistic"]
    call_command(*command[2:], profile="smoke")


def test_parameters_that_an_algorithm_refuses_do_not_end_the_search(tune, fails_in_trial):
    fails_in_trial(0, ValueError("no terms remain"))
    output = tune(trials=2)
    assert "trial 0: refused (no terms remain)" in output
    assert "Best of 2: trial 1" in output


def test_no_trial_starts_after_the_timeout(desk):
    dataset = write_csv(desk / "reviews.csv", labelled_rows(120, n_movies=30))
    task = tuning.Task("logistic", dataset, n_folds=2)
    with tuning.open_search(task, name="mine") as search:
        tuning.run_trials(search, n_trials=5, timeout_s=0)
    assert search.trials == []


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"algorithm": "tea-leaves"}, "there is no algorithm 'tea-leaves'"),
        ({"folds": 3}, "study logistic was started with folds 2, not 3"),
        ({"unlabelled": "absent.csv"}, "logistic cannot learn from unlabelled"),
        ({"sample": 2, "study": "other"}, "cannot be split into 2 folds"),
    ],
)
def test_an_impossible_search_is_a_one_sentence_error(tune, options, complaint):
    tune(trials=1)
    with pytest.raises(CommandError, match=complaint) as error:
        tune(trials=2, **options)
    assert "\n" not in str(error.value)


def test_a_damaged_study_file_is_a_one_sentence_error(tune, settings):
    settings.VAR_DIR.mkdir()
    (settings.VAR_DIR / "tuning.sqlite3").write_text("no database, and longer than a header" * 9)
    with pytest.raises(CommandError, match=r"tuning.sqlite3 cannot be read"):
        tune(trials=1)


def test_a_second_process_in_the_same_study_is_refused(tune, desk):
    with (
        exclusive(desk / "var" / "tuning-logistic.lock"),
        pytest.raises(CommandError, match="another process"),
    ):
        tune(trials=1)


def test_a_cluster_measures_the_same_as_this_process(tune):
    pytest.importorskip("distributed")
    here = tune(trials=1, study="here")
    there = tune(trials=3, study="there", dask="local")
    defaults = re.compile(r"trial 0: .*")
    assert defaults.search(there).group() == defaults.search(here).group()
    assert len(re.findall(r"^  trial \d", there, re.MULTILINE)) == 3


def test_an_unreachable_cluster_leaves_the_study_unchanged(tune, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("mlmodel.training.dask_cluster.CONNECT_S", 1)
    tune(trials=1)
    with pytest.raises(CommandError, match=r"no Dask cluster answers .*; finished trials are kept"):
        tune(trials=2, dask="tcp://127.0.0.1:1")
    assert "has 1 trials already" in tune(trials=2)
