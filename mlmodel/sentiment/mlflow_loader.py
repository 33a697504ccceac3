"""How MLflow loads a model folder as a ``pyfunc``: it calls ``_load_pyfunc``."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.models.scorer import Scorer

if TYPE_CHECKING:
    import pandas as pd


class ReviewReader:
    """Reads reviews, given as a DataFrame's column ``review``, a list or an array."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> "pd.DataFrame":
        import pandas as pd

        predictions = self.scorer.predict_many(list(_texts(model_input)))
        return pd.DataFrame(
            {
                "label": [prediction.label for prediction in predictions],
                "p_positive": [prediction.p_positive for prediction in predictions],
            }
        )


def _texts(model_input: Any) -> Iterable[str]:
    # A DataFrame iterates over its columns' names: without this, one text would be read, "review".
    if hasattr(model_input, "columns"):
        return model_input["review"]
    return [model_input] if isinstance(model_input, str) else model_input


def _load_pyfunc(path: str) -> ReviewReader:
    return ReviewReader(load_scorer(Path(path)))
