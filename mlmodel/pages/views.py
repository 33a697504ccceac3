import time

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from common.throttling import CountingThrottle
from mlmodel import events
from mlmodel.models import Promotion, Release
from mlmodel.monitoring.daily_profiles import drift_of
from mlmodel.monitoring.drift_page import cards
from mlmodel.pages.forms import TryForm
from mlmodel.pages.fragments import FRAGMENT, wants_fragment
from mlmodel.pages.model_page import (
    accuracy_chart,
    gate_rows,
    metric_rows,
    served_release,
    slice_rows,
    strongest,
)
from mlmodel.pages.short_texts import kinds_of, length_rows
from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.serving.champion import get_failure, get_scorer, get_served, serving_release

# Not translated: the model knows English only.
EXAMPLES = (
    "Not bad at all. I would even see it again.",
    "A great cast and a lavish budget, and still I left disappointed.",
    "Hardly a masterpiece, but my children have not stopped singing since.",
    "I have had more fun waiting for the bus.",
    "Two hours of rain, silence and one goat. I was in tears.",
)
N_RELEASES = 20
N_HISTORY = 100


class TryPage(FormView):
    template_name = "mlmodel/try.html"
    form_class = TryForm
    kept_fields = ("text",)

    def get_initial(self) -> dict:
        examples = {str(number): text for number, text in enumerate(EXAMPLES)}
        text = examples.get(self.request.GET.get("example", ""))
        return {"text": text} if text else {}

    def get_context_data(self, **kwargs) -> dict:
        defaults = {"prediction": None, "explanation": None, "examples": EXAMPLES}
        return super().get_context_data(**(defaults | kwargs))

    def form_valid(self, form: TryForm) -> HttpResponse:
        if not CountingThrottle().admits(self.request, "predict"):
            form.add_error(None, _("Too many requests. Please try again later."))
            return self.render_to_response(self.get_context_data(form=form), status=429)
        started = time.perf_counter()
        try:
            scorer = get_scorer()
            explanation = scorer.explain(form.cleaned_data["text"])
        except ModelUnavailable:
            form.add_error(None, _("No model is loaded at the moment. Please try again later."))
            return self.render_to_response(self.get_context_data(form=form), status=503)
        result = {"prediction": explanation.prediction, "explanation": explanation}
        if wants_fragment(self.request):
            # No event: unfinished texts say nothing about the model.
            return render(self.request, FRAGMENT, result)
        latency_ms = (time.perf_counter() - started) * 1000
        events.prediction(
            explanation.prediction, path="try", version=scorer.version, latency_ms=latency_ms
        )
        return self.render_to_response(self.get_context_data(form=form, **result))

    def form_invalid(self, form: TryForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=400)


class ModelPage(TemplateView):
    template_name = "mlmodel/model.html"

    def get_context_data(self, **kwargs) -> dict:
        context = super().get_context_data(**kwargs)
        context["releases"] = Release.objects.newest_first()[:N_RELEASES]
        context["refused"] = get_failure()
        try:
            served = get_served()
        except ModelUnavailable:
            return context | {"release": None, "metrics": []}
        release = served_release(served)
        positive, negative = strongest(served.scorer)
        # Releases that were trained by earlier versions of the site have none of them.
        reference, demo, short = (
            release.metrics.get(name) or {} for name in ("reference", "demo", "short_reviews")
        )
        return context | {
            "release": release,
            "promotion": release.last_promotion,
            "serving_image_tag": settings.IMAGE_TAG,
            "gate": gate_rows(release),
            "metrics": metric_rows(release),
            "slices": slice_rows(release),
            "reference": length_rows(reference),
            "demo": length_rows(demo),
            "short": length_rows(short),
            "kinds": kinds_of(reference),
            "strongest_positive": positive,
            "strongest_negative": negative,
        }


class ReleasesPage(TemplateView):
    """When which release was champion, why, and how good each release was."""

    template_name = "mlmodel/releases.html"

    def get_context_data(self, **kwargs) -> dict:
        releases = list(Release.objects.newest_first()[:N_HISTORY])
        serving = serving_release()
        promotions = Promotion.objects.newest_first().select_related("release", "previous")
        return super().get_context_data(
            **kwargs,
            releases=releases,
            release=serving,
            promotions=promotions[:N_HISTORY],
            chart=accuracy_chart(releases, serving),
            refused=get_failure(),
        )


class DriftPage(TemplateView):
    """Whether the site's reviews still resemble those that the model was trained on."""

    template_name = "mlmodel/drift.html"

    def get_context_data(self, **kwargs) -> dict:
        context = super().get_context_data(**kwargs)
        release = serving_release()
        if release is None:
            return context | {"drift": None}
        drift = drift_of(release)
        return context | {
            "drift": drift,
            "n_reviews": drift.together.n,
            "status": drift.status,
            "cards": cards(drift) if drift.days else [],
        }
