from django.http import HttpRequest

from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.serving.champion import get_scorer


def model_version(request: HttpRequest) -> dict[str, str]:
    """Add the version of the model that serves, for the footer of every page."""
    try:
        return {"model_version": get_scorer().version}
    except ModelUnavailable:
        return {"model_version": ""}
