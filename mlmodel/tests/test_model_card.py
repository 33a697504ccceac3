import dataclasses
import xml.etree.ElementTree as ET

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from mlmodel.lifecycle import mlflow_registry
from mlmodel.sentiment.evaluation.behaviour import GroupResult
from mlmodel.sentiment.io.model_folder import folder_checksum
from mlmodel.training import calibration_plot, model_card
from mlmodel.training.model_card import facts_of
from mlmodel.training.model_card_text import CardFacts, render
from mlmodel.training.train import train_and_register

BINS = [
    {"n": 90, "p_positive": 0.1, "positive": 0.2},
    {"n": 3, "p_positive": 0.5, "positive": 0.9},
    {"n": 70, "p_positive": 0.9, "positive": 0.8},
]
FIGURES = {"n": 163, "films": 12, "accuracy": 0.91234, "ece": 0.0111, "reliability": BINS}
CARD = CardFacts(
    facts={
        "algorithm": "logistic",
        "params": {"C": 2.0, "max_features": 5000, "seed": 3, "refit": True},
        "metrics": FIGURES,
        "git_commit": "c" * 40,
        "n_reviews": 1630,
    },
    checksum="a" * 64,
    size_bytes=2_500_000,
    n_ngrams=5000,
    behaviour=[GroupResult("negation", 9, 10, ("positive: 'Not bad.' negative 0.40",))],
)


def with_figures(**figures) -> CardFacts:
    return dataclasses.replace(CARD, facts={**CARD.facts, "metrics": FIGURES | figures})


def test_the_card_in_docs_is_of_the_model_that_is_shipped():
    checksum = folder_checksum(settings.BASE_DIR / "mlmodel" / "pretrained")
    card = (settings.BASE_DIR / "docs" / "model-card.md").read_text(encoding="utf-8")
    assert checksum in card, "run `manage.py model_card mlmodel/pretrained` and commit docs/"


def test_the_card_in_docs_has_its_plot():
    docs = settings.BASE_DIR / "docs"
    files = model_card.documents(facts_of(settings.BASE_DIR / "mlmodel" / "pretrained"))
    plot = (docs / "img" / "calibration.svg").read_text(encoding="utf-8")
    assert plot == files["img/calibration.svg"]


def test_the_card_tells_what_the_model_is_and_how_good():
    text = render(CARD)
    assert f"`{'a' * 64}`" in text
    assert "2.5 MB, 5,000 n-grams" in text
    assert "163 of 12 films" in text
    assert "| accuracy | 91.2 % | – |" in text


def test_the_card_says_how_to_train_the_model_again():
    assert (
        "manage.py train --promote --algorithm logistic --seed 3 --refit "
        "--param C=2.0 --param max_features=5000\n"
    ) in render(CARD)


def test_the_card_shows_what_the_behaviour_suite_found():
    text = render(CARD)
    assert "| negation | 9 of 10 | 90.0 % |" in text
    assert "- negation: positive: 'Not bad.' negative 0.40" in text


def test_the_card_tells_sentences_from_reviews():
    part = {"n": 400, "accuracy": 0.75, "ece": 0.02}
    few = {"n": 40, "accuracy": 0.9, "ece": 0.14}
    slices = {"under 15": part, "80 to 299": few}
    text = render(with_figures(sentences=part | {"places": {"first": part}, "slices": slices}))
    assert "| first sentence | 400 | 75.0 % | 0.0200 |" in text
    assert "| 80 to 299 words | 40 | 90.0 % | – |" in text  # 15 bins of 40 are chance


@pytest.mark.parametrize("missing", ["reliability", "films"])
def test_a_card_of_an_older_training_says_less(missing):
    figures = {name: value for name, value in FIGURES.items() if name != missing}
    text = render(dataclasses.replace(CARD, facts=CARD.facts | {"metrics": figures}))
    assert "None" not in text
    assert ("calibration.svg" in text) == (missing != "reliability")


def test_a_model_saved_without_mlflow_has_a_card(model_folders):
    text = render(facts_of(model_folders[0]))
    assert folder_checksum(model_folders[0]) in text
    assert "None" not in text


def test_the_plot_shows_bins_that_hold_enough_reviews():
    plot = ET.fromstring(calibration_plot.draw({"held-out reviews": BINS}))
    circles = plot.findall("{http://www.w3.org/2000/svg}circle")
    assert [(circle.get("cx"), circle.get("cy")) for circle in circles] == [
        ("80.0", "304.0"),
        ("336.0", "112.0"),
    ]


def test_the_same_figures_give_the_same_bytes():
    assert model_card.documents(CARD) == model_card.documents(dataclasses.replace(CARD))


def test_a_plot_of_another_model_does_not_stay(tmp_path):
    output = tmp_path / "card.md"
    model_card.write(CARD, output)
    assert (tmp_path / "img" / "calibration.svg").exists()
    model_card.write(with_figures(reliability=[]), output)
    assert not (tmp_path / "img" / "calibration.svg").exists()


@pytest.mark.django_db
def test_without_a_champion_the_pretrained_model_is_described(tmp_path, settings, model_folders):
    settings.PRETRAINED_MODEL = model_folders[1]
    call_command("model_card", output=tmp_path / "card.md")
    assert folder_checksum(model_folders[1]) in (tmp_path / "card.md").read_text(encoding="utf-8")


@pytest.mark.django_db
def test_every_training_run_brings_its_card(lab, reviews_csv):
    release = train_and_register(dataset=reviews_csv, algorithm="logistic")
    text = mlflow_registry.connect().artifacts.load_text(f"runs:/{release.run_id}/model-card.md")
    assert release.checksum in text


def test_a_folder_without_a_model_is_one_sentence(tmp_path):
    with pytest.raises(CommandError, match="there is no model in"):
        call_command("model_card", tmp_path, output=tmp_path / "card.md")
