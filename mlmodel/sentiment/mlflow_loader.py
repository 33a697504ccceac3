"""How MLflow loads a model folder as a ``pyfunc``: it calls ``_load_pyfunc``.

Only MLflow imports this module; the rest of the library works without MLflow and pandas.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException

from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.models.scorer import Scorer

COLUMN = "review"


class PyfuncScorer:
    """Scores the reviews that MLflow passes on.

    Parameters
    ----------
    scorer : Scorer
    """

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer

    def predict(self, model_input: Any) -> pd.DataFrame:
        """Predict reviews, as MLflow calls it.

        Parameters
        ----------
        model_input : DataFrame of n rows, or what makes one
            Raw texts in a column ``review``, or in a single column without a name.

        Returns
        -------
        DataFrame of n rows
            ``label`` ("positive", "negative" or "unreadable") and ``p_positive``, the calibrated
            probability that the review is positive, 0.0-1.0; with the index of the input.

        Raises
        ------
        MlflowException
            If a row is not text, or there is no such column.
        """
        reviews = _reviews(pd.DataFrame(model_input))
        texts = [_check(text, row) for row, text in enumerate(reviews)]
        predictions = self.scorer.predict_many(texts)
        return pd.DataFrame(
            {
                "label": [prediction.label for prediction in predictions],
                "p_positive": [prediction.p_positive for prediction in predictions],
            },
            index=reviews.index,
        ).astype({"label": str})  # also without rows


def _reviews(table: pd.DataFrame) -> pd.Series:
    if COLUMN in table:
        reviews = table[COLUMN]
    # pandas numbers the column of a list or an array; MLflow's Spark function writes it as text.
    elif len(table.columns) == 1 and str(table.columns[0]).isdecimal():
        reviews = table.iloc[:, 0]
    else:
        # MLflow drops all but the first column, because the signature names none.
        raise MlflowException.invalid_parameter_value(
            f"the first column is {str(table.columns[0])!r}, not {COLUMN!r}: pass a table with the "
            f"single column {COLUMN!r}, or a list of reviews"
        )
    # MLflow puts the lists of a dict of columns into a single row.
    return reviews.explode(ignore_index=True) if len(reviews) == 1 else reviews


def _check(text: Any, row: int) -> str:
    if isinstance(text, np.ndarray) and text.ndim == 0:  # from MLflow's server
        text = text.item()
    if isinstance(text, str):
        return text
    # MLflow's server answers 400 with the message of its own exceptions, and hides others.
    raise MlflowException.invalid_parameter_value(
        f"row {row} (counted from 0) is {text!r}, which is not text: remove the row, or replace "
        "the value by the text of a review"
    )


def _load_pyfunc(path: str) -> PyfuncScorer:
    return PyfuncScorer(load_scorer(Path(path)))
