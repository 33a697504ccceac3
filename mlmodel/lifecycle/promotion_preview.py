"""What a promotion would change elsewhere on the site.

The model knows nothing of reviews. Whoever knows what is read adds a teller here, when it starts.
"""

from collections.abc import Callable

from mlmodel.sentiment.models.scorer import Scorer

tellers: list[Callable[[Scorer], list[str]]] = []  # each gives sentences


def effects_of(scorer: Scorer) -> list[str]:
    return [sentence for tell in tellers for sentence in tell(scorer)]
