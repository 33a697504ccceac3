"""Compare the compiled scorer with the scikit-learn pipeline and with tokenising alone."""

from functools import partial

import numpy as np

from benchmarks.measuring import alternate, in_fresh_process
from benchmarks.pipelines import as_pipeline
from benchmarks.reviews import MODEL, N_WORDS, reviews
from benchmarks.tables import Table
from mlmodel.sentiment.features.text import tokenize
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.io.model_folder import find_data

COMPILED, PIPELINE, TOKENISING = "compiled scorer", "scikit-learn pipeline", "tokenising only"


def measure(*, is_quick: bool = False) -> list[Table]:
    scorer = load_scorer(MODEL)
    pipeline = as_pipeline(scorer.model)
    one = _one_review(scorer, pipeline, *((4, 1) if is_quick else (40, 25)))
    many = _batches(scorer, pipeline, *((20, 1) if is_quick else (1_000, 5)))
    return [one, many, _loading(1 if is_quick else 5)]


def _one_review(scorer, pipeline, n_texts: int, rounds: int) -> Table:
    texts = reviews(n_texts)
    contenders = {
        COMPILED: lambda: [scorer.predict(text) for text in texts],
        PIPELINE: lambda: [pipeline.decision_function([text]) for text in texts],
        TOKENISING: lambda: [tokenize(text) for text in texts],
    }
    seconds = alternate(contenders, rounds=rounds)
    difference = np.abs(scorer.decision_function(texts) - pipeline.decision_function(texts)).max()
    return Table(
        f"One review of {N_WORDS} words",
        ["", "ms", "times the compiled scorer's", "times tokenising"],
        [
            [name, time / n_texts * 1e3, time / seconds[COMPILED], time / seconds[TOKENISING]]
            for name, time in seconds.items()
        ],
        f"Median of {rounds} alternating rounds over {n_texts} reviews. The decision values of "
        f"scorer and pipeline differ by {difference:.0e} at most.",
    )


def _batches(scorer, pipeline, n_texts: int, rounds: int) -> Table:
    texts = reviews(n_texts)
    contenders = {
        COMPILED: partial(scorer.predict_many, texts),
        PIPELINE: partial(pipeline.decision_function, texts),
        TOKENISING: lambda: [tokenize(text) for text in texts],
    }
    seconds = alternate(contenders, rounds=rounds)
    return Table(
        f"{n_texts:,} reviews of {N_WORDS} words at once, on one core",
        ["", "reviews/s", "of the compiled scorer's"],
        [
            [name, n_texts / time, f"{seconds[COMPILED] / time:.0%}"]
            for name, time in seconds.items()
        ],
        f"Median of {rounds} alternating rounds.",
    )


def _loading(rounds: int) -> Table:
    loads = [in_fresh_process("benchmarks.one_process", "scorer") for _ in range(rounds)]
    web = in_fresh_process("benchmarks.one_process", "web")
    size = sum(path.stat().st_size for path in find_data(MODEL).iterdir())
    median = {name: float(np.median([load[name] for load in loads])) for name in loads[0]}
    return Table(
        "The model in a fresh process",
        ["", "value", "unit"],
        [
            ["files on disk", size / 1e6, "MB"],
            ["loading time", median["load_s"], "s"],
            ["resident memory before", median["before_mb"], "MB"],
            ["resident memory with the model", median["resident_mb"], "MB"],
            ["resident memory of the site's process with the model", web["resident_mb"], "MB"],
        ],
        f"Median of {rounds} processes; of the site one, after its first page and prediction.",
    )
