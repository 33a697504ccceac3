"""How MLflow loads a model folder as a ``pyfunc``: it calls ``_load_pyfunc``."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.models.scorer import Scorer

if TYPE_CHECKING:
    import pandas as pd


class PyfuncScorer:
    """Scores reviews in a DataFrame's column ``review``, a list or an array."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> "pd.DataFrame":
        """Predict reviews, as MLflow calls it.

        Parameters
        ----------
        model_input : DataFrame with a column ``review``, sequence of str, or str
        params : dict, optional
            Not used.

        Returns
        -------
        DataFrame
            With the columns ``label`` and ``p_positive``.
        """
        import pandas as pd  # start-up cost: MLflow installs it, scoring does not need it  # noqa: PLC0415

        predictions = self.scorer.predict_many(list(_texts(model_input)))
        return pd.DataFrame(
            {
                "label": [prediction.label for prediction in predictions],
                "p_positive": [prediction.p_positive for prediction in predictions],
            }
        )


def _texts(model_input: Any) -> Iterable[str]:
    # Iterating over a DataFrame would give the names of its columns.
    if hasattr(model_input, "columns"):
        return model_input["review"]
    return [model_input] if isinstance(model_input, str) else model_input


def _load_pyfunc(path: str) -> PyfuncScorer:
    return PyfuncScorer(load_scorer(Path(path)))
