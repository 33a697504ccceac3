"""Scorers: predictions for texts, and the words that decided them."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from mlmodel.sentiment.features.linear import LinearNgrams, n_tokens
from mlmodel.sentiment.features.text import MARKS, ngrams, token_spans, tokenize, words
from mlmodel.sentiment.models.calibration import Calibration
from mlmodel.sentiment.models.explanation import Contribution, Explanation, Span, merge_spans
from mlmodel.sentiment.models.prediction import Prediction, make_prediction
from mlmodel.sentiment.models.readability import (
    FEW_WORDS,
    OPINION_WEIGHT,
    Readability,
    check_readability,
    has_pair,
)


class Scorer(Protocol):
    """A trained model that scores raw review texts.

    Attributes
    ----------
    version : str
        The model's name.

    Examples
    --------
    >>> from mlmodel.sentiment import load_scorer
    >>> scorer = load_scorer("mlmodel/pretrained", version="pretrained")
    >>> scorer
    CompiledScorer(version='pretrained', n_features=500000)
    >>> [prediction.label for prediction in scorer.predict_many(["Superb!", "A dull mess."])]
    ['positive', 'negative']
    """

    version: str

    def predict(self, text: str) -> Prediction:
        """Predict the label of one text.

        Parameters
        ----------
        text : str
            Raw text of any length; markup and capitals do not matter.

        Returns
        -------
        Prediction

        Examples
        --------
        >>> from mlmodel.sentiment import load_scorer
        >>> prediction = load_scorer("mlmodel/pretrained").predict("Never boring.")
        >>> prediction.label, round(prediction.confidence, 2)
        ('positive', 0.71)
        """
        ...

    def predict_many(self, texts: Sequence[str]) -> list[Prediction]:
        """Predict the label of each text.

        Parameters
        ----------
        texts : sequence of str, length n

        Returns
        -------
        list of Prediction, length n
        """
        ...

    def explain(self, text: str) -> Explanation:
        """Predict the label of a text, and what each n-gram contributed to it.

        Parameters
        ----------
        text : str

        Returns
        -------
        Explanation

        Examples
        --------
        >>> from mlmodel.sentiment import load_scorer
        >>> scorer = load_scorer("mlmodel/pretrained")
        >>> explanation = scorer.explain("The music was good, the ending a waste of time.")
        >>> explanation.contributions[0].phrase
        'a waste of'
        >>> [span.text for span in explanation.spans if span.strength == 4]
        ['a waste of time.']
        """
        ...


class CompiledScorer:
    """Scorer of a linear n-gram model, by table look-up.

    Parameters
    ----------
    model : LinearNgrams
    calibration : Calibration
    version : str, optional
    """

    def __init__(self, model: LinearNgrams, calibration: Calibration, version: str = "") -> None:
        self.model = model
        self.calibration = calibration
        self.version = version

    def __repr__(self) -> str:
        return f"CompiledScorer(version={self.version!r}, n_features={self.model.n_features})"

    def predict(self, text: str) -> Prediction:
        """Predict the label of one text."""
        decision, n_words, n_known = self.model.decision(text)
        readability = check_readability(text, n_words, n_known, self._knows_pair)
        if readability.reason is None and n_words <= FEW_WORDS and not self._has_opinion(text):
            readability = Readability("too_short")
        return make_prediction(decision, n_words, n_known, self.calibration, readability)

    def _knows_pair(self, text: str) -> bool:
        return has_pair(self._weights(text))

    def _has_opinion(self, text: str) -> bool:
        # "!" has a weight, but "Brazil!" is no opinion.
        return any(
            abs(weight) >= OPINION_WEIGHT and not set(ngram.split(" ")) <= set(MARKS)
            for ngram, weight in self._weights(text).items()
        )

    def _weights(self, text: str) -> dict[str, float]:
        keys, values, _, _ = self.model.contributions(tokenize(text))
        return dict(zip(map(self.model.ngram, keys.tolist()), values.tolist(), strict=True))

    def predict_many(self, texts: Sequence[str]) -> list[Prediction]:
        """Predict the label of each text."""
        return [self.predict(text) for text in texts]

    def decision_function(self, texts: Sequence[str]) -> np.ndarray:
        """Return decision values in log-odds, not calibrated, shape (len(texts),)."""
        return np.array([self.model.decision(text)[0] for text in texts])

    def explain(self, text: str) -> Explanation:
        """Explain a prediction by the exact contribution of every n-gram."""
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
    """Scorer of a scikit-learn pipeline, for models that are not linear.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted; its first step is a CountVectorizer, its last one has ``predict_proba``.
    calibration : Calibration
    version : str, optional
    """

    def __init__(self, pipeline, calibration: Calibration, version: str = "") -> None:
        self.pipeline = pipeline
        self.calibration = calibration
        self.version = version
        self._vocabulary = set(pipeline[0].vocabulary_)

    def __repr__(self) -> str:
        return f"PipelineScorer(version={self.version!r}, pipeline={self.pipeline[-1]!r})"

    def decision_function(self, texts: Sequence[str]) -> np.ndarray:
        """Return the log-odds of ``predict_proba``, not calibrated, shape (len(texts),)."""
        p = np.clip(self.pipeline.predict_proba(list(texts))[:, 1], 1e-3, 1 - 1e-3)
        return np.log(p / (1 - p))

    def predict(self, text: str) -> Prediction:
        """Predict the label of one text."""
        return self.predict_many([text])[0]

    def predict_many(self, texts: Sequence[str]) -> list[Prediction]:
        """Predict the label of each text."""
        if not texts:
            return []
        predictions = []
        for text, decision in zip(texts, self.decision_function(texts), strict=True):
            tokens = words(text)
            n_known = sum(word in self._vocabulary for word in tokens)
            readability = check_readability(text, len(tokens), n_known, self._knows_pair)
            predictions.append(
                make_prediction(
                    float(decision), len(tokens), n_known, self.calibration, readability
                )
            )
        return predictions

    def _knows_pair(self, text: str) -> bool:
        return has_pair(ngram for ngram in ngrams(text) if ngram in self._vocabulary)

    def explain(self, text: str) -> Explanation:
        """Explain a prediction by how the decision changes without each word."""
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
