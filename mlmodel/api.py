import json
import time
from typing import Any, TypedDict

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import exceptions, permissions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.openapi import ErrorSerializer
from common.throttling import CountingThrottle
from mlmodel import events
from mlmodel.pages.forms import check_text
from mlmodel.pages.model_page import served_release
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.sentiment.models.scorer import Scorer
from mlmodel.serializers import (
    PredictInput,
    PredictionSerializer,
    PredictionsSerializer,
    ReleaseSerializer,
)
from mlmodel.serving.champion import Served, get_served, has_model

JSON_TYPES = {"application/json", "application/json; charset=utf-8"}
# The longest text that is allowed, with every character escaped, and the JSON around it.
MAX_BYTES = 6 * settings.REVIEW_MAX_CHARS + 100
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class EventFields(TypedDict):
    path: str
    version: str
    latency_ms: float


class NoModel(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _("No sentiment model is loaded at the moment.")
    default_code = "model_unavailable"


def served_or_503() -> Served:
    try:
        return get_served()
    except ModelUnavailable as error:
        raise NoModel from error


def as_json(prediction: Prediction, version: str) -> dict:
    return {
        "label": prediction.label,
        "p_positive": prediction.p_positive,
        "confidence": prediction.confidence,
        "readable": prediction.readable,
        "reason": prediction.reason,
        "language": prediction.language or None,
        "model_version": version,
    }


class PredictView(APIView):
    """Label one text or many. Nothing is stored."""

    authentication_classes = ()  # a token or a session would cost a query
    permission_classes = (permissions.AllowAny,)
    throttle_classes = (CountingThrottle,)
    throttle_scope = "predict"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # DRF takes longer over a request than the scorer over its text, so the usual request, with
        # one valid text, is answered without it. Everything else, and every error, is left to DRF.
        text = read_text(request)
        if text is None or not has_model() or not is_within_rate(request):
            return super().dispatch(request, *args, **kwargs)
        content = _encode(predict_one(get_served().scorer, text))
        headers = {"Allow": "POST, OPTIONS"}
        return HttpResponse(content, content_type="application/json", headers=headers)

    @extend_schema(
        summary="Predict the label of texts",
        request=PredictInput,
        responses={
            200: PolymorphicProxySerializer(
                component_name="PredictResult",
                serializers=[PredictionSerializer, PredictionsSerializer],
                resource_type_field_name=None,
            ),
            503: ErrorSerializer,
        },
    )
    def post(self, request: Request) -> Response:
        payload = PredictInput(data=request.data)
        payload.is_valid(raise_exception=True)
        scorer = served_or_503().scorer
        if "text" in payload.validated_data:
            return Response(predict_one(scorer, payload.validated_data["text"]))
        started = time.perf_counter()
        predictions = scorer.predict_many(payload.validated_data["texts"])
        events.predictions(predictions, **_event_fields(scorer.version, started))
        return Response({"predictions": [as_json(p, scorer.version) for p in predictions]})


def read_text(request: HttpRequest) -> str | None:
    """Return the text of a plain JSON request with one valid text, else None."""
    if not _is_plain(request):
        return None
    try:
        match json.loads(request.body.decode()):
            case {"text": str(text), **others} if not others:
                return check_text(text)
    except (ValueError, RecursionError, ValidationError):
        pass
    return None


def _is_plain(request: HttpRequest) -> bool:
    """Return whether a request sends and accepts JSON, with no options that DRF would heed."""
    meta = request.META
    accept, length = meta.get("HTTP_ACCEPT", "*/*"), meta.get("CONTENT_LENGTH", "")
    return (
        request.method == "POST"
        and not meta.get("QUERY_STRING")
        and meta.get("CONTENT_TYPE", "").lower() in JSON_TYPES
        and ";" not in accept
        and ("*/*" in accept or "application/json" in accept)
        and length.isdecimal()
        and int(length) <= MAX_BYTES
    )


def is_within_rate(request: HttpRequest) -> bool:
    throttle = CountingThrottle()
    # By address, as under DRF without authentication: the account would cost queries.
    address = throttle.get_ident(request)  # type: ignore[arg-type]
    return throttle.admits(request, "predict", visitor=address)


def predict_one(scorer: Scorer, text: str) -> dict:
    started = time.perf_counter()
    prediction = scorer.predict(text)
    events.prediction(prediction, **_event_fields(scorer.version, started))
    return as_json(prediction, scorer.version)


def _event_fields(version: str, started: float) -> EventFields:
    latency_ms = (time.perf_counter() - started) * 1000
    return {"path": "predict", "version": version, "latency_ms": latency_ms}


class ModelView(APIView):
    """The current model with its metrics and lineage."""

    @extend_schema(
        summary="Get the current model",
        responses={200: ReleaseSerializer, 503: ErrorSerializer},
    )
    def get(self, request: Request) -> Response:
        return Response(ReleaseSerializer(served_release(served_or_503())).data)
