"""Examine the labels of a dataset before a model is trained on them."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmodel.sentiment.data.corpus import Corpus, text_hash
from mlmodel.sentiment.data.near_duplicates import near_duplicates
from mlmodel.sentiment.evaluation.criteria import Line, Profile, check_bound
from mlmodel.sentiment.evaluation.metrics import predict_arrays
from mlmodel.sentiment.evaluation.reference import load_reference
from mlmodel.sentiment.features.text import words
from mlmodel.sentiment.models.prediction import POSITIVE_FROM
from mlmodel.sentiment.models.scorer import Scorer

CONFIDENT = 0.9  # probability of the predicted label
N_LISTED = 20
MIN_LEAK_WORDS = 5  # two people may both write "Loved it."
MIN_COMPARED = 20  # confidently read rows, where the profile asks for none
FIRST_ROW = 2  # of a file; row 1 is its header


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A row whose label contradicts a confident prediction.

    Parameters
    ----------
    row : int
        Counts the file's header as row 1.
    label : str
        "positive" or "negative".
    p_positive : float
    text : str
    """

    row: int
    label: str
    p_positive: float
    text: str


@dataclass(frozen=True, slots=True)
class Examination:
    """A line for each criterion, and the ``N_LISTED`` most contradictory rows."""

    lines: tuple[Line, ...]
    contradictions: tuple[Contradiction, ...]

    @property
    def refusals(self) -> list[Line]:
        """The criteria that refused."""
        return [line for line in self.lines if line.outcome == "refused"]


def examine(
    corpus: Corpus,
    profile: Profile,
    *,
    scorer: Scorer | None,
    trained_on: Corpus | None = None,
    held_out_before: Collection[str] = (),
) -> Examination:
    """Examine a dataset's labels.

    Parameters
    ----------
    corpus : Corpus
        n reviews, in the order of the file's rows.
    profile : Profile
    scorer : Scorer or None
        Of what serves; None if nothing does.
    trained_on : Corpus, optional
        The part of the corpus that is not held out; default: all of it.
    held_out_before : collection of str
        The ``text_hash`` of the reviews that were held out from what serves.

    Returns
    -------
    Examination
    """
    agreement, contradictions = _agreement(corpus, profile, scorer)
    lines = (
        agreement,
        _balance(corpus, profile),
        check_bound(
            "dataset size", (len(corpus), len(corpus)), profile.rows, of="rows that differ"
        ),
        _near_duplicates(corpus, profile),
        _reference_leak(corpus),
        _held_out_leak(trained_on or corpus, held_out_before),
    )
    return Examination(lines, contradictions)


def _agreement(
    corpus: Corpus, profile: Profile, scorer: Scorer | None
) -> tuple[Line, tuple[Contradiction, ...]]:
    name = "label agreement"
    if scorer is None:
        return Line(name, "measured", "no model serves, so there is nothing to compare with"), ()
    p_positive, readable = predict_arrays(scorer, corpus.texts)
    is_confident = readable & (np.maximum(p_positive, 1 - p_positive) >= CONFIDENT)
    agrees = (p_positive >= POSITIVE_FROM) == corpus.labels
    n = int(is_confident.sum())
    share = float(agrees[is_confident].mean()) if n else None
    if n < MIN_COMPARED and not profile.min_confident:
        return Line(name, "measured", f"too few rows to compare: {n}", share), ()
    line = check_bound(
        name,
        (share, n),
        profile.agreement,
        of=f"rows that the serving model reads with at least {CONFIDENT:.0%} confidence",
        needed=profile.min_confident,
    )
    return line, _most_contradictory(corpus, p_positive, is_confident & ~agrees)


def _most_contradictory(
    corpus: Corpus, p_positive: NDArray[np.float64], contradicts: NDArray[np.bool_]
) -> tuple[Contradiction, ...]:
    places = np.flatnonzero(contradicts)
    surest = np.argsort(-np.abs(p_positive[places] - POSITIVE_FROM), kind="stable")[:N_LISTED]
    return tuple(
        Contradiction(
            row=int(i) + FIRST_ROW,
            label="positive" if corpus.labels[i] else "negative",
            p_positive=float(p_positive[i]),
            text=corpus.texts[i],
        )
        for i in places[surest]
    )


def _balance(corpus: Corpus, profile: Profile) -> Line:
    share = float(corpus.labels.mean())
    rarer = "positive" if share < 0.5 else "negative"
    of = f"rows are {rarer}"
    return check_bound(
        "class balance", (min(share, 1 - share), len(corpus)), profile.minority, of=of
    )


def _near_duplicates(corpus: Corpus, profile: Profile) -> Line:
    repeated = {later for _, later, _ in near_duplicates(corpus.texts)}
    return check_bound(
        "near-duplicates",
        (len(repeated) / len(corpus), len(corpus)),
        profile.near_duplicates,
        of="rows repeat another row almost word for word",
        is_limit=True,
    )


def _reference_leak(corpus: Corpus) -> Line:
    reference = {tuple(words(text)) for text in load_reference().texts}
    rows = [
        number
        for number, text in enumerate(corpus.texts, start=FIRST_ROW)
        if len(own := tuple(words(text))) >= MIN_LEAK_WORDS and own in reference
    ]
    of = "rows are reference reviews, which are never trained on" + _listed(rows)
    return check_bound(
        "leaked reference reviews", (len(rows), len(corpus)), 0, of=of, is_limit=True
    )


def _held_out_leak(trained_on: Corpus, held_out_before: Collection[str]) -> Line:
    name = "leaked held-out reviews"
    leaked = [
        text_hash(text) in held_out_before and len(words(text)) >= MIN_LEAK_WORDS
        for text in trained_on.texts
    ]
    n_of_known_movies = sum(
        is_leaked and bool(movie)
        for is_leaked, movie in zip(leaked, trained_on.movies, strict=True)
    )
    if not n_of_known_movies and any(leaked):
        # Without the movie's id it is impossible to hold out the same movies again.
        why = (
            f"{sum(leaked):,} of {len(leaked):,} rows to train on were held out from the serving "
            "model; they have no imdb_id, so they cannot be held out again"
        )
        return Line(name, "measured", why, sum(leaked))
    of = "rows to train on were held out from the serving model"
    by_chance = len(trained_on) // 1_000  # people write the same short text about several movies
    n_rows = (n_of_known_movies, len(trained_on))
    return check_bound(name, n_rows, by_chance, of=of, is_limit=True)


def _listed(rows: list[int]) -> str:
    if not rows:
        return ""
    more = ", ..." if len(rows) > N_LISTED else ""
    return f" (rows {', '.join(map(str, rows[:N_LISTED]))}{more})"


def contradictions_table(contradictions: Collection[Contradiction]) -> str:
    """Return the contradictory rows as lines of text."""
    return "\n".join(
        f"row {each.row}: labelled {each.label}, read as {each.p_positive:.0%} positive: "
        f"{' '.join(each.text.split())[:100]}"
        for each in contradictions
    )
