"""Reviews with labels that people on this site have set, for the gate.

Apps that store such labels add a provider when they start; mlmodel does not import them.
"""

from collections.abc import Callable, Iterable

import numpy as np
from django.conf import settings

from mlmodel.sentiment.data.corpus import read_usable_rows, text_key
from mlmodel.sentiment.data.human_labels import is_gold
from mlmodel.sentiment.evaluation.reference import ReferenceSet

Labelled = tuple[str, bool]  # a text, and whether it is positive

providers: list[Callable[[], Iterable[Labelled]]] = []


def gold_reviews() -> ReferenceSet:
    """Return the site's gold reviews: no dataset version contains them."""
    labels: dict[str, Labelled] = {}
    for text, is_positive in _labelled():
        key = text_key(text)
        if is_gold(key):
            labels[key] = (text, is_positive)
    texts = [text for text, _ in labels.values()]
    values = np.array([is_positive for _, is_positive in labels.values()], dtype=bool)
    return ReferenceSet(texts, values, ["gold"] * len(texts))


def _labelled() -> Iterable[Labelled]:
    path = settings.DATA_DIR / "gold.csv"
    if path.exists():
        for row in read_usable_rows(path):
            yield row.review, row.sentiment == "positive"
    for provider in providers:  # newer than the file
        yield from provider()
