"""The scikit-learn pipeline that a compiled model stands for."""

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from mlmodel.sentiment.features.linear import LinearNgrams
from mlmodel.sentiment.features.text import ngrams, words


def as_pipeline(model: LinearNgrams) -> Pipeline:
    """Undo ``compile_pipeline``: the same decision value, computed by scikit-learn."""
    vocabulary = {model.ngram(int(key)): column for column, key in enumerate(model.keys)}
    count = CountVectorizer(
        analyzer=ngrams if model.max_n > 1 else words,
        binary=model.counting == "binary",
        vocabulary=vocabulary,
    )
    weigh = TfidfTransformer(
        norm="l2" if model.is_normalised else None,
        use_idf=model.scales is not None,
        sublinear_tf=model.counting == "log",
    )
    coefficients = model.weights.astype(float)
    if model.scales is None:
        weigh.fit(count.transform([""]))
    else:
        weigh.idf_ = model.scales.astype(float)
        coefficients = coefficients / weigh.idf_
    classify = LogisticRegression()
    classify.classes_ = np.array([False, True])
    classify.coef_ = coefficients[np.newaxis]
    classify.intercept_ = np.array([model.intercept])
    return Pipeline([("ngrams", count), ("weigh", weigh), ("classify", classify)])
