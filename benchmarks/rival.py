"""The obvious alternative: TF-IDF and logistic regression, served by FastAPI.

Run it with ``uvicorn benchmarks.rival:app``; ``RIVAL_MODEL`` names the model's folder.
"""

import os
from pathlib import Path

import mlflow.sklearn
import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from mlmodel.sentiment.data.corpus import read_corpus


def save_model(folder: Path, corpus: Path) -> None:
    """Train TF-IDF of 5,000 words with logistic regression, and save it by MLflow."""
    data = read_corpus(corpus)
    pipeline = make_pipeline(TfidfVectorizer(max_features=5_000), LogisticRegression())
    pipeline.fit(data.texts, np.where(data.labels, "positive", "negative"))
    # Python integers, because skops would store each numpy integer in a file of its own.
    pipeline[0].vocabulary_ = {word: int(i) for word, i in pipeline[0].vocabulary_.items()}
    example = np.array(["A good movie.", "A bad movie."], dtype=object)
    mlflow.sklearn.save_model(
        pipeline, folder, input_example=example, pip_requirements=["scikit-learn"]
    )


class Review(BaseModel):
    text: str


def make_app(folder: str) -> FastAPI:
    model = mlflow.sklearn.load_model(folder)
    app = FastAPI()

    # Not async: FastAPI runs it in a thread, so that other requests do not wait.
    @app.post("/predict")
    def predict(review: Review) -> dict[str, str | float]:
        [p_negative, p_positive] = model.predict_proba([review.text])[0]
        label = "positive" if p_positive >= p_negative else "negative"
        return {"label": label, "p_positive": p_positive}

    return app


if "RIVAL_MODEL" in os.environ:
    app = make_app(os.environ["RIVAL_MODEL"])
