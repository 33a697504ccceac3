import dataclasses

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from mlmodel.lifecycle import mlflow_registry
from mlmodel.sentiment.evaluation.behaviour import GroupResult
from mlmodel.sentiment.io.model_folder import folder_checksum
from mlmodel.training import model_card
from mlmodel.training.model_card_text import CardData, render
from mlmodel.training.plots import calibration_svg

BINS = [
    {"n": 90, "p_positive": 0.1, "positive": 0.2},
    {"n": 3, "p_positive": 0.5, "positive": 0.9},
    {"n": 70, "p_positive": 0.9, "positive": 0.8},
]
METRICS = {"n": 163, "films": 12, "accuracy": 0.91234, "ece": 0.0111, "reliability": BINS}
CARD = CardData(
    record={
        "algorithm": "logistic",
        "params": {"C": 2.0, "max_features": 5000, "seed": 3, "refit": True},
        "metrics": METRICS,
        "git_commit": "c" * 40,
        "n_reviews": 1630,
    },
    checksum="a" * 64,
    size_bytes=2_500_000,
    n_ngrams=5000,
    behaviour=[GroupResult("negation", 9, 10, ("positive: 'Not bad.' negative 0.40",))],
)


def with_metrics(**metrics) -> CardData:
    return dataclasses.replace(CARD, record={**CARD.record, "metrics": METRICS | metrics})


def test_the_card_in_docs_describes_the_shipped_model():
    checksum = folder_checksum(settings.BASE_DIR / "mlmodel" / "pretrained")
    card = (settings.BASE_DIR / "docs" / "model-card.md").read_text(encoding="utf-8")
    assert checksum in card, "run `manage.py model_card mlmodel/pretrained` and commit docs/"


def test_the_card_contains_the_models_size_and_metrics():
    text = render(CARD)
    assert f"`{'a' * 64}`" in text
    assert "2.5 MB, 5,000 n-grams" in text
    assert "163 of 12 movies" in text
    assert "| accuracy | 91.2 % | – |" in text


def test_the_card_contains_the_command_that_trains_the_model():
    assert (
        "manage.py train --promote --algorithm logistic --seed 3 --refit "
        "--param C=2.0 --param max_features=5000\n"
    ) in render(CARD)


def test_the_card_contains_the_results_of_the_behaviour_suite():
    text = render(CARD)
    assert "| negation | 9 of 10 | 90.0 % |" in text
    assert "- negation: positive: 'Not bad.' negative 0.40" in text


SHORT = {"n": 400, "accuracy": 0.75, "ece": 0.02}
FEW = {"n": 40, "accuracy": 0.9, "ece": 0.14}
REFERENCE = SHORT | {"short": {"under 15": FEW}, "kinds": {"wry": {"n": 40, "accuracy": 0.7}}}


def test_the_card_contains_the_metrics_of_the_reference_set():
    text = render(with_metrics(reference=REFERENCE))
    assert "| all | 400 | 75.0 % | 0.0200 |" in text
    assert "| under 15 words | 40 | 90.0 % | 0.1400 |" in text
    assert "| wry | 40 | 70.0 % |" in text
    assert "demo_reviews.csv" not in text


def test_the_card_contains_the_metrics_of_the_demo_reviews():
    text = render(with_metrics(reference=REFERENCE, demo=SHORT | {"short": {"under 30": SHORT}}))
    assert "| under 30 words | 400 | 75.0 % | 0.0200 |" in text
    assert "demo_reviews.csv" in text


def test_the_card_contains_the_short_reviews_by_length_kind_and_confidence():
    very_sure = {"n": 30, "accuracy": 0.95}
    short = REFERENCE | {"lengths": {"6 to 14": SHORT}, "very_sure": very_sure}
    text = render(with_metrics(reference=REFERENCE, short_reviews=short))
    assert "*short reviews of other writers*" in text
    assert "| 6 to 14 words | 400 | 75.0 % | 0.0200 |" in text
    assert "| very sure, under 30 words | 30 | 95.0 % | – |" in text
    assert text.count("| wry | 40 | 70.0 % |") == 2


@pytest.mark.parametrize("missing", ["reliability", "films"])
def test_a_card_leaves_out_metrics_that_an_older_training_lacks(missing):
    metrics = {name: value for name, value in METRICS.items() if name != missing}
    text = render(dataclasses.replace(CARD, record=CARD.record | {"metrics": metrics}))
    assert "None" not in text
    assert ("calibration.svg" in text) == (missing != "reliability")


def test_a_model_saved_without_mlflow_has_a_card(model_folders):
    text = render(model_card.read_model(model_folders[0]))
    assert folder_checksum(model_folders[0]) in text
    assert "None" not in text


def test_the_plot_leaves_out_bins_with_few_reviews():
    few = [BINS[1]]
    with_all, without = (calibration_svg(bins) for bins in ([*BINS, *few], BINS[::2]))
    assert with_all == without


def test_the_same_metrics_give_the_same_card():
    assert model_card.documents(CARD) == model_card.documents(dataclasses.replace(CARD))


def test_the_plot_of_another_model_is_removed(tmp_path):
    output = tmp_path / "card.md"
    model_card.write(CARD, output)
    assert (tmp_path / "img" / "calibration.svg").exists()
    model_card.write(with_metrics(reliability=[]), output)
    assert not (tmp_path / "img" / "calibration.svg").exists()


@pytest.mark.django_db
def test_without_a_champion_the_pretrained_model_is_described(tmp_path, settings, model_folders):
    settings.PRETRAINED_MODEL = model_folders[1]
    call_command("model_card", output=tmp_path / "card.md")
    assert folder_checksum(model_folders[1]) in (tmp_path / "card.md").read_text(encoding="utf-8")


@pytest.mark.django_db
def test_every_training_logs_a_model_card(trained):
    text = mlflow_registry.connect().artifacts.load_text(f"runs:/{trained.run_id}/model-card.md")
    assert trained.checksum in text


def test_a_folder_without_a_model_is_a_one_sentence_error(tmp_path):
    with pytest.raises(CommandError, match="there is no model in"):
        call_command("model_card", tmp_path, output=tmp_path / "card.md")
