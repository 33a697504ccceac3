import re
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from tqdm import tqdm

from common.arguments import positive, seed
from mlmodel.error_summary import in_one_sentence
from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.models.algorithms import ALGORITHMS, DEFAULT
from mlmodel.sentiment.tuning.study import Trial
from mlmodel.training.dask_cluster import ClusterLost
from mlmodel.training.tune import Search, Task, best_of, go_on, open_search, train_command

INTERRUPTED = 130  # what a shell says of a program that Ctrl-C stopped


def study_name(value: str) -> str:
    if not re.fullmatch(r"[\w.-]+", value):
        raise ValueError(value)
    return value


class Command(BaseCommand):
    help = "Search an algorithm's parameters. The same command again goes on where it stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        known = ", ".join(sorted(ALGORITHMS))
        parser.add_argument("--algorithm", default=DEFAULT, help=f"one of {known}")
        parser.add_argument("--study", type=study_name, help="its name; default: the algorithm's")
        parser.add_argument(
            "--trials", type=positive, default=30, help="how many the study is to have in the end"
        )
        parser.add_argument(
            "--timeout", type=positive, metavar="SECONDS", help="begin no trial after that"
        )
        parser.add_argument("--folds", type=int, choices=range(2, 11), default=3)
        parser.add_argument(
            "--sample", type=positive, metavar="N", help="search quickly, on N reviews"
        )
        parser.add_argument("--dataset", type=Path, help="default: data/train.csv")
        parser.add_argument(
            "--unlabelled",
            type=Path,
            nargs="?",
            const=settings.DATA_DIR / "unlabelled.csv.gz",
            help="learn from reviews without labels, too (default: data/unlabelled.csv.gz)",
        )
        parser.add_argument(
            "--dask",
            metavar="ADDRESS",
            help="a trial on each worker of this Dask cluster; `local` starts one here",
        )
        parser.add_argument("--no-pull", action="store_true", help="use the data as it lies there")
        parser.add_argument("--seed", type=seed, default=0)

    def handle(self, *, algorithm, study, trials, timeout, no_pull, **options) -> None:
        task = Task(
            algorithm=algorithm,
            dataset=options["dataset"] or settings.DATA_DIR / "train.csv",
            unlabelled=options["unlabelled"],
            n_reviews=options["sample"],
            n_folds=options["folds"],
            seed=options["seed"],
        )
        try:
            with open_search(
                task, name=study or algorithm, do_pull=not no_pull, progress=self.progress
            ) as search:
                self.search(search, trials, timeout, options["dask"])
                self.report(search, options["dataset"], options["unlabelled"])
        except ClusterLost as error:
            raise CommandError(f"{error}; finished trials are kept: run it again") from error
        except (SentimentError, OSError, DatabaseError) as error:
            raise CommandError(in_one_sentence(error)) from error

    def progress(self, message: str) -> None:
        self.stdout.write(f"  {message}")

    def search(
        self, search: Search, n_trials: int, timeout_s: int | None, dask: str | None
    ) -> None:
        done = len(search.study.trials)
        if done:
            self.stdout.write(f"  study {search.study.name} has {done} trials already")
        # Hidden where nobody looks; the lines of the trials are written anyway.
        with tqdm(total=max(n_trials, done), initial=done, unit="trial", disable=None) as bar:

            def on_trial(trial: Trial) -> None:
                bar.clear()
                self.stdout.write(f"  {line(trial)}")
                bar.update()

            try:
                go_on(
                    search,
                    n_trials=n_trials,
                    timeout_s=timeout_s,
                    dask=dask,
                    on_trial=on_trial,
                    progress=lambda message: bar.set_postfix_str(message.partition(":")[0]),
                )
            except KeyboardInterrupt:
                kept = len(search.study.trials)
                raise CommandError(
                    f"stopped; {kept} trials are kept, and the same command goes on with them",
                    returncode=INTERRUPTED,
                ) from None

    def report(self, search: Search, dataset: Path | None, unlabelled: Path | None) -> None:
        best = best_of(search)
        data_options = ["--dataset", str(dataset)] if dataset else []
        if unlabelled:
            is_default = unlabelled == settings.DATA_DIR / "unlabelled.csv.gz"
            data_options += ["--unlabelled"] if is_default else ["--unlabelled", str(unlabelled)]
        command = train_command(search.measurement.algorithm, best, *data_options)
        self.stdout.write(f"Best of {len(search.study.trials)}: {line(best)}")
        self.stdout.write(f"To train with it:\n{command}")


def line(trial: Trial) -> str:
    params = " ".join(f"{name}={value}" for name, value in trial.params.items())
    if trial.scores is None:
        return f"trial {trial.number}: refused ({trial.refusal}); {params}"
    scores = trial.scores
    of_sentences = "" if scores.sentences is None else f", sentences {scores.sentences:.4f}"
    return (
        f"trial {trial.number}: {scores.objective:.4f} "
        f"(reviews {scores.reviews:.4f}{of_sentences}); {params}"
    )
