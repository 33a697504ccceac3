"""What is trained on which data, and how MLflow describes it before the training starts."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from mlmodel.lifecycle.data_pull import pull
from mlmodel.lifecycle.lineage import Lineage, file_md5, lineage_of
from mlmodel.lifecycle.training_run import DatasetInput, Plan
from mlmodel.sentiment.data.corpus import Corpus, check, read_corpus, read_unlabelled
from mlmodel.sentiment.data.short_reviews import WEIGHT, ShortReviews, read_short_reviews
from mlmodel.sentiment.models.algorithms import get_algorithm
from mlmodel.sentiment.training.fit import make_fit

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Task:
    """What is trained on which data."""

    dataset: Path
    algorithm: str
    unlabelled: Path | None = None
    short_reviews: Path | None = None
    short_weight: float = WEIGHT
    params: dict[str, Any] | None = None
    seed: int = 0
    refit: bool = False  # release a model of all reviews, with the metrics of the evaluated one

    @property
    def all_params(self) -> dict[str, Any]:
        return get_algorithm(self.algorithm).defaults | (self.params or {})

    def check(self) -> None:
        """Fail on an unknown algorithm or parameter before anything takes long."""
        make_fit(self.algorithm, self.all_params, ["any"] if self.unlabelled else [], self.seed)


@dataclass(frozen=True)
class Data:
    """The data of a task, as it was when the training started."""

    corpus: Corpus
    unlabelled: list[str]
    unlabelled_md5: str
    lineage: Lineage
    short: ShortReviews | None = None
    short_md5: str = ""

    @property
    def ambiguous(self) -> list[str]:
        return self.short.ambiguous if self.short else []

    def with_short(
        self, corpus: Corpus, *, weight: float
    ) -> tuple[Corpus, NDArray[np.float64] | None]:
        """Return the corpus with the short reviews, and the weight of each review."""
        if self.short is None:
            return corpus, None
        return self.short.added_to(corpus, weight=weight)


def read(task: Task, *, do_pull: bool, progress: Progress) -> Data:
    """Pull the data, read it and check it."""
    for path in filter(None, [task.dataset, task.unlabelled]):
        if do_pull and pull(path):
            progress(f"{path} is the version that this commit names")
    corpus = read_corpus(task.dataset)
    check(corpus)
    short = task.short_reviews
    return Data(
        corpus=corpus,
        unlabelled=read_unlabelled(task.unlabelled, besides=corpus) if task.unlabelled else [],
        unlabelled_md5=file_md5(task.unlabelled) if task.unlabelled else "",
        lineage=lineage_of(task.dataset),
        short=read_short_reviews(short, part="train") if short else None,
        short_md5=file_md5(short) if short else "",
    )


def plan_of(task: Task, data: Data) -> Plan:
    lineage = data.lineage
    tracked = {"dvc_md5": lineage.dataset_hash} if lineage.dataset_tracked else {}
    return Plan(
        name=f"{task.algorithm}, dataset {lineage.dataset_version}",
        params={"algorithm": task.algorithm, **used_params(task, data)},
        tags={
            "git_sha": lineage.git_commit,
            "git_dirty": str(lineage.git_dirty).lower(),
            "dataset_version": lineage.dataset_version,
            "dataset_md5": lineage.dataset_hash,
            "image_tag": lineage.image_tag,
            **tracked,
        },
        datasets=_dataset_inputs(task, data),
    )


def used_params(task: Task, data: Data) -> dict[str, Any]:
    """Return the parameters that have an effect on the model."""
    params = get_algorithm(task.algorithm).used_params(
        task.all_params, unlabelled=bool(data.unlabelled)
    )
    params |= {"seed": task.seed, "refit": task.refit}
    if task.unlabelled:
        params |= {"unlabelled": len(data.unlabelled), "unlabelled_md5": data.unlabelled_md5}
    if data.short:
        params |= {
            "short_reviews": len(data.short),
            "short_reviews_md5": data.short_md5,
            "short_weight": task.short_weight,
        }
    return params


def _dataset_inputs(task: Task, data: Data) -> list[DatasetInput]:
    corpus, version = data.corpus, data.lineage.dataset_version
    columns = {"review": "string", "sentiment": "string"}
    if any(rating is not None for rating in corpus.ratings):
        columns["rating"] = "long"
    if any(corpus.movies):
        columns["imdb_id"] = "string"
    labelled = DatasetInput(
        path=_shown_path(task.dataset),
        name=f"reviews-{version}",
        digest=data.lineage.dataset_hash,
        context="training",
        columns=columns,
        profile={
            "num_rows": len(corpus),
            "num_elements": len(corpus) * len(columns),
            "num_positive": int(corpus.labels.sum()),
            "num_negative": int((~corpus.labels).sum()),
            "num_movies": len(set(corpus.movies) - {""}),
        },
        target="sentiment",
    )
    inputs = [labelled]
    if data.short and task.short_reviews:
        labels = data.short.labels
        inputs.append(
            DatasetInput(
                path=_shown_path(task.short_reviews),
                name="short-reviews",
                digest=data.short_md5,
                context="training",
                columns={"review": "string", "sentiment": "string"},
                profile={
                    "num_rows": len(labels),
                    "num_elements": 2 * len(labels),
                    "num_positive": int(labels.sum()),
                    "num_negative": int((~labels).sum()),
                },
                target="sentiment",
            )
        )
    if not task.unlabelled:
        return inputs
    unlabelled = DatasetInput(
        path=_shown_path(task.unlabelled),
        name="reviews-unlabelled",
        digest=data.unlabelled_md5,
        context="unlabelled",
        columns={"review": "string"},
        profile={"num_rows": len(data.unlabelled), "num_elements": len(data.unlabelled)},
    )
    return [*inputs, unlabelled]


def _shown_path(path: Path) -> str:
    """Return the path in the checkout, which with the commit says which data it is."""
    path = path.absolute()
    is_inside = path.is_relative_to(settings.BASE_DIR)
    return str(path.relative_to(settings.BASE_DIR) if is_inside else path)
