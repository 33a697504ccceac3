"""Reading reviews: predictions, and the words that decided."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from mlmodel.sentiment.features.linear import LinearNgrams, n_tokens
from mlmodel.sentiment.features.text import token_spans, tokenize, words
from mlmodel.sentiment.models.calibration import Calibration
from mlmodel.sentiment.models.explanation import Contribution, Explanation, Span, merge_spans
from mlmodel.sentiment.models.prediction import Prediction, make_prediction


class Scorer(Protocol):
    """What reads reviews, whatever the algorithm behind it."""

    version: str

    def predict(self, text: str) -> Prediction: ...

    def predict_many(self, texts: Sequence[str]) -> list[Prediction]: ...

    def explain(self, text: str) -> Explanation: ...


class CompiledScorer:
    """Scores a linear n-gram model by table look-up."""

    def __init__(self, model: LinearNgrams, calibration: Calibration, version: str = "") -> None:
        self.model = model
        self.calibration = calibration
        self.version = version

    def predict(self, text: str) -> Prediction:
        return make_prediction(*self.model.decide(text), self.calibration)

    def predict_many(self, texts: Sequence[str]) -> list[Prediction]:
        return [self.predict(text) for text in texts]

    def decision_function(self, texts: Sequence[str]) -> np.ndarray:
        """Decision values in log-odds, shape (len(texts),)."""
        return np.array([self.model.decide(text)[0] for text in texts])

    def explain(self, text: str) -> Explanation:
        """A prediction with the exact contribution of every n-gram."""
        keys, values, places, starts = self.model.contributions(tokenize(text))
        order = np.argsort(-np.abs(values), kind="stable")
        decision = self.model.intercept + float(values.sum())
        return Explanation(
            prediction=self.predict(text),
            spans=self._spans(text, keys, values, places, starts),
            contributions=tuple(
                Contribution(self.model.ngram(int(keys[i])), float(values[i])) for i in order
            ),
            decision=decision,
            intercept=self.model.intercept,
        )

    def _spans(self, text, keys, values, places, starts) -> tuple[Span, ...]:
        bounds = token_spans(text)
        weights, links = np.zeros(len(bounds)), np.zeros(len(bounds))
        slot = np.searchsorted(keys, places)
        slot[slot == len(keys)] = 0
        counted = keys[slot] == places if len(keys) else np.zeros(len(places), bool)
        slot, starts = slot[counted], starts[counted]
        shares = values / np.maximum(np.bincount(slot, minlength=len(keys)), 1)
        for i, start in zip(slot, starts, strict=True):
            n = n_tokens(int(keys[i]))
            weights[start : start + n] += shares[i] / n
            links[start : start + n - 1] += shares[i]
        return merge_spans(text, bounds, weights, links)


class PipelineScorer:
    """Scores with a scikit-learn pipeline: for what is not linear."""

    def __init__(self, pipeline, calibration: Calibration, version: str = "") -> None:
        self.pipeline = pipeline
        self.calibration = calibration
        self.version = version
        self._vocabulary = set(pipeline[0].vocabulary_)

    def decision_function(self, texts: Sequence[str]) -> np.ndarray:
        """Log-odds of the forest's vote, shape (len(texts),)."""
        p = np.clip(self.pipeline.predict_proba(list(texts))[:, 1], 1e-3, 1 - 1e-3)
        return np.log(p / (1 - p))

    def predict(self, text: str) -> Prediction:
        return self.predict_many([text])[0]

    def predict_many(self, texts: Sequence[str]) -> list[Prediction]:
        if not texts:
            return []
        predictions = []
        for text, decision in zip(texts, self.decision_function(texts), strict=True):
            found = words(text)
            n_known = sum(word in self._vocabulary for word in found)
            predictions.append(
                make_prediction(float(decision), len(found), n_known, self.calibration)
            )
        return predictions

    def explain(self, text: str) -> Explanation:
        """A prediction and what each word did to it: the decision without that word."""
        bounds = token_spans(text)
        tokens = tokenize(text)
        without = [" ".join(tokens[:i] + tokens[i + 1 :]) for i in range(len(tokens))]
        decisions = self.decision_function([text, *without])
        weights = decisions[0] - decisions[1:]
        order = np.argsort(-np.abs(weights), kind="stable")
        return Explanation(
            prediction=self.predict(text),
            spans=merge_spans(text, bounds, weights),
            contributions=tuple(Contribution(tokens[i], float(weights[i])) for i in order),
            decision=float(decisions[0]),
            intercept=0.0,
        )
