"""What a promotion would change elsewhere on the site.

Apps that use the model add a provider when they start; mlmodel does not import them.
"""

from collections.abc import Callable

from mlmodel.sentiment.models.scorer import Scorer

providers: list[Callable[[Scorer], list[str]]] = []  # each returns sentences


def preview_promotion(scorer: Scorer) -> list[str]:
    return [sentence for provider in providers for sentence in provider(scorer)]
