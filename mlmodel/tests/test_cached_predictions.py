import numpy as np
import pytest

from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.evaluation.cached_predictions import (
    FILE,
    load_predictions,
    look_up,
    save_predictions,
)
from mlmodel.sentiment.io.model_folder import META


@pytest.fixture
def folder(tmp_path):
    (tmp_path / META).write_text("{}")
    return tmp_path


def write(folder):
    save_predictions(
        folder, ["A good film.", "Bad."], np.array([0.9, 0.2]), np.array([True, False])
    )


def test_saved_predictions_are_found_for_copies_of_a_text(folder):
    write(folder)
    p, readable = look_up(load_predictions(folder), ["bad. ", "Never seen.", "A <br />good film."])
    assert p[0] == pytest.approx(0.2)
    assert np.isnan(p[1])
    assert (p[2], readable.tolist()) == (pytest.approx(0.9), [False, False, True])


def test_equal_predictions_give_equal_bytes(folder):
    write(folder)
    before = (folder / FILE).read_bytes()
    write(folder)
    assert (folder / FILE).read_bytes() == before


def test_file_does_not_contain_the_texts(folder):
    write(folder)
    assert "good" not in "".join(load_predictions(folder))


def test_model_without_saved_predictions_has_none(folder):
    assert load_predictions(folder) == {}


def test_damaged_file_makes_the_model_unavailable(folder):
    (folder / FILE).write_bytes(b"nonsense")
    with pytest.raises(ModelUnavailable, match="is damaged"):
        load_predictions(folder)
