"""The labels of a dataset are examined before a model is trained on them."""

from dataclasses import replace

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from mlmodel.lifecycle.releases import adopt
from mlmodel.models import Release
from mlmodel.sentiment.data.corpus import Corpus, text_hash
from mlmodel.sentiment.evaluation.criteria import PROFILES
from mlmodel.sentiment.evaluation.label_examination import examine
from mlmodel.sentiment.evaluation.reference import load_reference
from mlmodel.tests.labelled import labelled_rows, write_csv

N = 1200
RELEASE, SMOKE = PROFILES["release"], PROFILES["smoke"]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """1,200 reviews without a word in common but "bad", which the fixed scorer reads."""
    texts = [f"{'Bad' if i % 2 else 'Fine'} a{i} b{i} c{i} d{i}." for i in range(N)]
    return Corpus(texts, np.arange(N) % 2 == 0, [f"tt{i // 4}" for i in range(N)], [None] * N)


def examined(corpus, fixed_scorer, profile=RELEASE, **how):
    return examine(corpus, profile, scorer=fixed_scorer, **how)


def refused(examination) -> list[str]:
    return [line.name for line in examination.refusals]


def flipped(corpus: Corpus, n: int) -> Corpus:
    """The corpus with the first ``n`` labels turned around."""
    return replace(corpus, labels=corpus.labels ^ (np.arange(len(corpus)) < n))


def test_labels_that_the_serving_model_confirms_pass(corpus, fixed_scorer):
    assert refused(examined(corpus, fixed_scorer)) == []


@pytest.mark.parametrize(("n", "names"), [(240, []), (241, ["label agreement"])])
def test_labels_that_contradict_the_serving_model_are_refused(corpus, fixed_scorer, n, names):
    assert refused(examined(flipped(corpus, n), fixed_scorer)) == names


def test_the_most_contradictory_rows_are_listed_by_row_and_label(corpus, fixed_scorer):
    listed = examined(flipped(corpus, N), fixed_scorer).contradictions
    assert len(listed) == 20
    assert (listed[0].row, listed[0].label, listed[0].text) == (2, "negative", corpus.texts[0])


def test_few_confident_predictions_are_too_little_evidence(corpus, fixed_scorer):
    unreadable = replace(corpus, texts=[f"zzz {text}" for text in corpus.texts])
    assert refused(examined(unreadable, fixed_scorer)) == ["label agreement"]
    assert refused(examined(unreadable, fixed_scorer, SMOKE)) == []


def test_without_a_serving_model_nothing_can_contradict(corpus):
    assert examine(corpus, RELEASE, scorer=None).refusals == []


@pytest.mark.parametrize("rare", [True, False])
def test_labels_of_one_kind_are_refused(corpus, fixed_scorer, rare):
    places = np.flatnonzero(corpus.labels == rare)[:50].tolist()
    others = np.flatnonzero(corpus.labels != rare).tolist()
    few = corpus.take(places + others)
    assert "class balance" in refused(examined(few, fixed_scorer))


@pytest.mark.parametrize(("n", "names"), [(999, ["dataset size"]), (1000, [])])
def test_a_small_dataset_is_refused(corpus, fixed_scorer, n, names):
    assert refused(examined(corpus.take(range(n)), fixed_scorer)) == names


def test_near_duplicates_are_refused(corpus, fixed_scorer):
    long = " ".join(f"word{i}" for i in range(40))
    texts = [f"{long} {text}" for text in corpus.texts]
    assert refused(examined(replace(corpus, texts=texts), fixed_scorer)) == ["near-duplicates"]


@pytest.mark.parametrize("change", [str, str.upper, lambda text: f"<b>{text}</b>"])
def test_a_leaked_reference_review_is_refused_under_every_profile(corpus, fixed_scorer, change):
    texts = [*corpus.texts[:-1], change("I loved every minute of it.")]
    for profile in (RELEASE, SMOKE):
        examination = examined(replace(corpus, texts=texts), fixed_scorer, profile)
        assert refused(examination) == ["leaked reference reviews"]
        assert f"(rows {N + 1})" in examination.refusals[0].why


def test_a_review_of_a_few_words_may_equal_a_reference_review(corpus, fixed_scorer):
    short = [text for text in load_reference().texts if len(text.split()) < 4]
    texts = [*short, *corpus.texts[len(short) :]]
    examination = examined(replace(corpus, texts=texts), fixed_scorer)
    assert "leaked reference reviews" not in refused(examination)


def test_reviews_that_were_held_out_from_the_serving_model_are_refused(corpus, fixed_scorer):
    for n, names in ((1, []), (2, ["leaked held-out reviews"])):  # 1 of 1,000 may be chance
        held_out = {text_hash(text) for text in corpus.texts[:n]}
        examination = examined(corpus, fixed_scorer, held_out_before=held_out)
        assert refused(examination) == names


def test_without_movies_held_out_reviews_are_reported_only(corpus, fixed_scorer):
    without = replace(corpus, movies=[""] * N)
    held_out = {text_hash(text) for text in corpus.texts[:100]}
    examination = examined(without, fixed_scorer, held_out_before=held_out)
    assert examination.refusals == []
    assert "100 of 1,200 rows" in examination.lines[-1].why


@pytest.fixture
def serving(lab, settings, model_folders, db):
    settings.PRETRAINED_MODEL = model_folders[0]
    return adopt(model_folders[0])


@pytest.fixture
def flipped_csv(tmp_path):
    rows = labelled_rows(200, n_movies=40)
    other = {"positive": "negative", "negative": "positive"}
    return write_csv(
        tmp_path / "flipped.csv", [row | {"sentiment": other[row["sentiment"]]} for row in rows]
    )


def test_training_on_refused_labels_ends_before_it_begins(serving, flipped_csv, capsys):
    with pytest.raises(CommandError, match=r"label agreement: 0\.00 %") as error:
        call_command("train", dataset=flipped_csv, no_pull=True, profile="smoke")
    assert error.value.returncode == 2
    assert str(error.value).count("\nrow ") == 20
    assert list(Release.objects.all()) == [serving]
    assert "fitting" not in capsys.readouterr().out


def test_the_examine_command_has_exit_code_2_and_prints_the_rows(serving, flipped_csv, capsys):
    with pytest.raises(CommandError, match="labelled positive, read as") as error:
        call_command("examine", dataset=flipped_csv, profile="smoke")
    assert error.value.returncode == 2
    assert "class balance" in capsys.readouterr().out


def test_the_gate_refuses_a_model_of_labels_that_were_not_examined(serving, flipped_csv):
    options = {"dataset": flipped_csv, "profile": "smoke", "algorithm": "logistic"}
    with pytest.raises(CommandError, match=r"the gate refuses release 1: .*label agreement"):
        call_command("train", no_pull=True, no_examination=True, promote=True, **options)
    assert Release.objects.champion() is None
