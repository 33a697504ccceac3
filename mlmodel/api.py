import time
from typing import TypedDict

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import exceptions, permissions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.openapi import ErrorSerializer
from common.throttling import CountingThrottle
from mlmodel.monitoring import events
from mlmodel.pages.model_page import served_release
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.models.prediction import Prediction
from mlmodel.serializers import (
    PredictInput,
    PredictionSerializer,
    PredictionsSerializer,
    ReleaseSerializer,
)
from mlmodel.serving.champion import Served, get_served


class Circumstances(TypedDict):
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
        "model_version": version,
    }


class PredictView(APIView):
    """Label one text or many. Nothing is stored."""

    authentication_classes = ()  # a token or a session would cost a query
    permission_classes = (permissions.AllowAny,)
    throttle_classes = (CountingThrottle,)
    throttle_scope = "predict"

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
        wanted = PredictInput(data=request.data)
        wanted.is_valid(raise_exception=True)
        scorer = served_or_503().scorer
        started = time.perf_counter()
        if "text" in wanted.validated_data:
            prediction = scorer.predict(wanted.validated_data["text"])
            events.prediction(prediction, **_circumstances(scorer.version, started))
            return Response(as_json(prediction, scorer.version))
        predictions = scorer.predict_many(wanted.validated_data["texts"])
        events.predictions(predictions, **_circumstances(scorer.version, started))
        return Response({"predictions": [as_json(p, scorer.version) for p in predictions]})


def _circumstances(version: str, started: float) -> Circumstances:
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
