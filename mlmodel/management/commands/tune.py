import re
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from common.arguments import positive
from mlmodel.management.errors import stoppable, summarize_errors
from mlmodel.management.options import add_training_options, default_unlabelled
from mlmodel.sentiment.tuning.search import Scores, rounded
from mlmodel.training.dask_cluster import ClusterLost

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from mlmodel.training.tune import Search


def study_name(value: str) -> str:
    if not re.fullmatch(r"[\w.-]+", value):
        raise ValueError(value)
    return value


class Command(BaseCommand):
    help = "Search an algorithm's parameters. The same command resumes an interrupted search."

    def add_arguments(self, parser: CommandParser) -> None:
        add_training_options(parser)
        parser.add_argument("--study", type=study_name, help="its name (default: the algorithm's)")
        parser.add_argument(
            "--trials", type=positive, default=30, help="number of trials the study ends with"
        )
        parser.add_argument(
            "--timeout", type=positive, metavar="SECONDS", help="start no trial after that"
        )
        parser.add_argument("--folds", type=int, choices=range(2, 11), default=3)
        parser.add_argument(
            "--sample", type=positive, metavar="N", help="search on N reviews, which is faster"
        )
        parser.add_argument(
            "--dask",
            metavar="ADDRESS",
            help="run one trial per worker of this Dask cluster; `local` starts a cluster here",
        )

    def handle(self, *, algorithm, study, trials, timeout, no_pull, **options) -> None:
        try:
            # Optuna takes a second to import, and the web image does not contain it.
            from mlmodel.training import tune  # noqa: PLC0415
        except ImportError as error:
            raise CommandError(
                "Optuna is not installed here: pip install -r requirements-training.txt"
            ) from error
        self.tune = tune
        task = tune.Task(
            algorithm=algorithm,
            dataset=options["dataset"] or settings.DATA_DIR / "train.csv",
            unlabelled=options["unlabelled"],
            n_reviews=options["sample"],
            n_folds=options["folds"],
            seed=options["seed"],
        )
        with summarize_errors():
            try:
                with tune.open_search(
                    task, name=study or algorithm, do_pull=not no_pull, progress=self.progress
                ) as search:
                    self.search(search, trials, timeout, options["dask"])
                    self.report(search, options["dataset"], options["unlabelled"])
            except ClusterLost as error:
                raise CommandError(f"{error}; finished trials are kept: run it again") from error

    def progress(self, message: str) -> None:
        self.stdout.write(f"  {message}")

    def search(
        self, search: "Search", n_trials: int, timeout_s: int | None, dask: str | None
    ) -> None:
        n_done = len(search.trials)
        if n_done:
            self.stdout.write(f"  study {search.study.study_name} has {n_done} trials already")
        # disable=None: no bar unless this is a terminal. The lines below are written anyway.
        with tqdm(total=max(n_trials, n_done), initial=n_done, unit="trial", disable=None) as bar:

            def on_trial(trial: "FrozenTrial") -> None:
                bar.clear()
                self.stdout.write(f"  {describe(trial)}")
                bar.update()

            with stoppable(
                lambda: (
                    f"stopped; {len(search.trials)} trials are kept, and the same command "
                    "continues with them"
                )
            ):
                self.tune.run_trials(
                    search,
                    n_trials=n_trials,
                    timeout_s=timeout_s,
                    dask=dask,
                    on_trial=on_trial,
                    progress=lambda message: bar.set_postfix_str(message.partition(":")[0]),
                )

    def report(self, search: "Search", dataset: Path | None, unlabelled: Path | None) -> None:
        best = search.best
        if best is None:
            raise CommandError(f"no trial of study {search.study.study_name} has a result")
        data_options = ["--dataset", str(dataset)] if dataset else []
        if unlabelled:
            is_default = unlabelled == default_unlabelled()
            data_options += ["--unlabelled"] if is_default else ["--unlabelled", str(unlabelled)]
        command = self.tune.train_command(search.measurement.algorithm, best, *data_options)
        self.stdout.write(f"Best of {len(search.trials)}: {describe(best)}")
        self.stdout.write(f"To train with it:\n{command}")


def describe(trial: "FrozenTrial") -> str:
    params = " ".join(f"{name}={value}" for name, value in rounded(trial.params).items())
    if trial.value is None:
        return f"trial {trial.number}: refused ({trial.user_attrs['refusal']}); {params}"
    scores = Scores(**trial.user_attrs["scores"])
    of_sentences = "" if scores.sentences is None else f", sentences {scores.sentences:.4f}"
    return (
        f"trial {trial.number}: {trial.value:.4f} "
        f"(reviews {scores.reviews:.4f}{of_sentences}); {params}"
    )
