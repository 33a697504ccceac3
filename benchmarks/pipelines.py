"""Convert a compiled model back to a scikit-learn pipeline, for comparison."""

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from mlmodel.sentiment.features.linear import LinearNgrams
from mlmodel.sentiment.features.text import ngrams, words


def as_pipeline(model: LinearNgrams) -> Pipeline:
    """Return a pipeline with the same decision values: the inverse of ``compile_pipeline``."""
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
