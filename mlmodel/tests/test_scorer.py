import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlmodel.sentiment.features.compile import compile_pipeline
from mlmodel.sentiment.features.linear import LinearNgrams, pack_ngram
from mlmodel.sentiment.features.ngram_counts import in_order
from mlmodel.sentiment.models.calibration import Calibration
from mlmodel.sentiment.models.explanation import Contribution, merge_spans
from mlmodel.sentiment.models.prediction import make_prediction
from mlmodel.sentiment.models.readability import Readability
from mlmodel.sentiment.models.scorer import CompiledScorer, PipelineScorer
from mlmodel.sentiment.training.fit import train
from mlmodel.tests.small_corpus import small_corpus

LINEAR = ["nb-logistic", "logistic", "linear-svm", "complement-nb"]
PARAMS = {"linear-svm": {"min_df": 1}, "complement-nb": {"min_df": 1}}
# Arbitrary Unicode, and texts made of words that the models know.
words = st.sampled_from(["not", "great", "awful", "dull", "the", "İ", "!", "?", "<br />", "sister"])
texts = st.one_of(st.text(max_size=300), st.lists(words, max_size=60).map(" ".join))


@pytest.fixture(scope="module")
def trained():
    corpus = small_corpus()
    return {
        name: train(corpus, algorithm=name, params=PARAMS.get(name), seed=1)
        for name in [*LINEAR, "random-forest"]
    }


@pytest.mark.parametrize("name", [*LINEAR, "random-forest"])
def test_linear_algorithms_get_a_compiled_scorer(trained, name):
    expected = CompiledScorer if name in LINEAR else PipelineScorer
    assert isinstance(trained[name].scorer, expected)


@pytest.mark.parametrize("name", [*LINEAR, "random-forest"])
def test_every_algorithm_learns(trained, name):
    assert trained[name].scorer.predict("I found the plot superb and moving.").label == "positive"
    assert trained[name].scorer.predict("The acting is dull and silly.").label == "negative"


@pytest.fixture(scope="module")
def pairs(trained):
    return {
        name: (trained[name].pipeline, compile_pipeline(trained[name].pipeline)) for name in LINEAR
    }


@pytest.mark.parametrize("name", LINEAR)
def test_compiled_scorer_agrees_with_the_pipeline(pairs, name):
    pipeline, model = pairs[name]

    @settings(max_examples=150)
    @given(texts)
    def same(text):
        expected = (
            pipeline.decision_function([text])[0]
            if hasattr(pipeline[-1], "decision_function")
            else np.subtract(
                *pipeline[-1]._joint_log_likelihood(pipeline[:-1].transform([text]))[0, ::-1]
            )
        )
        assert model.decision(text)[0] == pytest.approx(expected, abs=1e-6)

    same()


@settings(max_examples=100)
@given(text=texts)
def test_contributions_add_up_to_the_decision(trained, text):
    scorer = trained["nb-logistic"].scorer
    explanation = scorer.explain(text)
    total = explanation.intercept + sum(part.weight for part in explanation.contributions)
    assert total == pytest.approx(explanation.decision, abs=1e-9)
    assert explanation.decision == pytest.approx(scorer.decision_function([text])[0], abs=1e-12)


@pytest.mark.parametrize("name", ["nb-logistic", "random-forest"])
def test_the_spans_of_an_explanation_are_the_text(trained, name):
    text = "  The acting is<br />AWFUL, İ say: not funny at all! "
    spans = trained[name].scorer.explain(text).spans
    assert "".join(span.text for span in spans) == text


@pytest.mark.parametrize("name", [*LINEAR, "random-forest"])
def test_windows_1252_is_scored_as_its_repaired_spelling(trained, name):
    scorer = trained[name].scorer
    assert scorer.predict("I don\x92t find it dull\x85silly") == scorer.predict(
        "I don’t find it dull…silly"
    )


def test_neighbouring_words_for_one_side_become_a_phrase():
    text = "so not good"
    spans = merge_spans(text, [(0, 2), (3, 6), (7, 11)], np.array([0.0, -0.5, -0.4]))
    assert [(span.text, span.side) for span in spans] == [("so ", ""), ("not good", "negative")]


def test_a_neutral_word_inside_a_phrase_belongs_to_it():
    text = "waste of time here"
    bounds = [(0, 5), (6, 8), (9, 13), (14, 18)]
    spans = merge_spans(text, bounds, np.array([-0.5, 0, -0.2, 0]), np.array([-0.4, -0.3, 0, 0]))
    assert [span.text for span in spans] == ["waste of time", " here"]


def test_a_phrase_ends_where_the_other_side_begins():
    text = "great fun awful end"
    bounds = [(0, 5), (6, 9), (10, 15), (16, 19)]
    spans = merge_spans(text, bounds, np.array([0.5, 0.2, -0.6, 0]), np.array([0.3, 0.3, 0, 0]))
    assert [span.text for span in spans] == ["great fun", " ", "awful", " end"]


def test_a_phrase_ends_with_its_sentence():
    bounds = [(0, 5), (5, 6), (7, 12)]
    spans = merge_spans("Great. Great", bounds, np.array([0.5, 0.2, 0.6]))
    assert [span.text for span in spans] == ["Great.", " ", "Great"]


@pytest.mark.parametrize(
    ("ngram", "phrase"),
    [("not ¬good", "not good"), ("¬at ¬all", "(not) at all"), ("great", "great")],
)
def test_phrase_of_a_contribution_has_no_negation_marks(ngram, phrase):
    assert Contribution(ngram, 1.0).phrase == phrase


def test_an_empty_text_is_unreadable(trained):
    for name in ("nb-logistic", "random-forest"):
        assert trained[name].scorer.predict("").label == "unreadable"


def test_predict_many_agrees_with_predict(trained):
    scorer = trained["random-forest"].scorer
    many = ["The acting is awful", "brilliant from start to end"]
    assert scorer.predict_many(many) == [scorer.predict(text) for text in many]


def test_same_decision_is_stronger_evidence_in_a_long_text():
    calibration = Calibration(slope=0.5, slope_length=0.3)
    assert calibration.p_positive(1.0, 200) > calibration.p_positive(1.0, 5) > 0.5


def test_extreme_decisions_stay_probabilities():
    calibration = Calibration()
    assert [calibration.p_positive(d, 5) for d in (-1e9, 1e9)] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("decision", "readability", "label"),
    [
        (0.0, Readability(), "positive"),  # exactly at the bound: p is 0.5
        (-1e-9, Readability(), "negative"),
        (0.0, Readability("too_short"), "unreadable"),
    ],
)
def test_label_at_the_bounds(decision, readability, label):
    assert make_prediction(decision, 20, 20, Calibration(), readability).label == label


def counting_scorer(**weights: float) -> CompiledScorer:
    """A scorer that adds up weights, once for each occurrence of an n-gram (with _ for a space)."""
    ngrams = {name.replace("_", " "): weight for name, weight in weights.items()}
    tokens = in_order(token for ngram in ngrams for token in ngram.split())
    numbers = {token: number for number, token in enumerate(tokens, start=1)}
    packed = sorted((pack_ngram(ngram, numbers), weight) for ngram, weight in ngrams.items())
    keys, values = zip(*packed, strict=True)
    model = LinearNgrams(
        tokens, np.array(keys), np.array(values), 0.0, is_normalised=False, counting="count"
    )
    return CompiledScorer(model, Calibration())


@pytest.mark.parametrize(
    ("weights", "text", "spans"),
    [
        # "good" counts 0.4 at each place, and half of "good story" at each of its words.
        (
            {"good": 0.4, "good_story": 0.6},
            "good. good story.",
            [("good", 0.4), (". ", 0.0), ("good story", 1.0), (".", 0.0)],
        ),
        # "of" is neutral, 0.3 - 0.9 / 3, but the trigram links it to its neighbours.
        (
            {"waste": -0.5, "of": 0.3, "waste_of_time": -0.9},
            "a waste of time",
            [("a ", 0.0), ("waste of time", -1.1)],
        ),
    ],
)
def test_spans_share_out_the_weight_of_every_ngram(weights, text, spans):
    explanation = counting_scorer(**weights).explain(text)
    assert [(span.text, pytest.approx(span.weight)) for span in explanation.spans] == spans
    assert explanation.decision == pytest.approx(sum(weight for _, weight in spans))


@pytest.mark.parametrize(
    ("text", "n_words", "n_known"),
    [
        ("great 😂 🦑", 1, 1),  # known and unknown emoji are no words next to words
        ("sister 🦑 no", 2, 1),
        ("😂😂", 2, 2),  # alone they are an opinion
        ("🦑", 0, 0),
    ],
)
def test_emoji_count_as_words_only_alone(text, n_words, n_known):
    tokens = in_order(["great", "😂"])
    numbers = {token: number for number, token in enumerate(tokens, start=1)}
    keys = np.sort([pack_ngram(ngram, numbers) for ngram in ("great", "😂")])
    model = LinearNgrams(tokens, keys, np.ones(2), 0.0)
    assert model.decision(text)[1:] == (n_words, n_known)
