import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.features.linear import MAX_TOKENS, pack_ngrams, unpack_key
from mlmodel.sentiment.io import model_folder, pipeline_file
from mlmodel.sentiment.io.loader import load_scorer
from mlmodel.sentiment.training.fit import train
from mlmodel.tests.small_corpus import small_corpus
from tests.support import run


@pytest.fixture
def folder(model_folders, tmp_path):
    return Path(shutil.copytree(model_folders[0], tmp_path / "model"))


@pytest.mark.parametrize("algorithm", ["nb-logistic", "random-forest"])
def test_a_saved_model_predicts_the_same(algorithm, tmp_path):
    trained = train(small_corpus(), algorithm=algorithm, seed=1)
    checksum = trained.save(tmp_path)
    text = "Frankly, the ending was a great waste for two hours."
    assert load_scorer(tmp_path, checksum=checksum).predict(text) == trained.scorer.predict(text)


def test_a_changed_byte_changes_the_checksum(folder):
    before = model_folder.folder_checksum(folder)
    path = folder / model_folder.ARRAYS
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    assert model_folder.folder_checksum(folder) != before


@pytest.mark.parametrize("name", [model_folder.META, model_folder.ARRAYS])
def test_a_truncated_file_is_refused(folder, name):
    path = folder / name
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ModelUnavailable, match="damaged"):
        load_scorer(folder)


def test_an_unknown_format_is_refused(folder):
    meta = json.loads((folder / model_folder.META).read_text())
    (folder / model_folder.META).write_text(json.dumps(meta | {"format": 99}))
    with pytest.raises(ModelUnavailable, match="format 99"):
        load_scorer(folder)


def test_a_pickle_in_the_arrays_is_refused(folder):
    np.savez(folder / model_folder.ARRAYS, tokens=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ModelUnavailable, match="damaged"):
        load_scorer(folder)


def test_a_model_file_with_an_untrusted_type_is_refused(tmp_path):
    model_folder.write_meta(tmp_path, {"kind": "pipeline"}, model_folder.Calibration())
    foreign = Pipeline([("x", FunctionTransformer(subprocess.check_output))])
    skops.io.dump(foreign, tmp_path / pipeline_file.PIPELINE)
    with pytest.raises(ModelUnavailable, match=r"not trusted: subprocess\.check_output"):
        load_scorer(tmp_path)


def test_an_ngram_and_its_key_are_the_same():
    ids = np.array([MAX_TOKENS, 7, 1])
    keys, starts = pack_ngrams(ids, 3)
    assert [unpack_key(int(key)) for key in keys] == [
        (MAX_TOKENS,),
        (7,),
        (1,),
        (MAX_TOKENS, 7),
        (7, 1),
        (MAX_TOKENS, 7, 1),
    ]
    assert starts.tolist() == [0, 1, 2, 0, 1, 0]


def test_the_package_needs_no_django_and_a_linear_model_no_scikit_learn(folder):
    code = (
        "import sys, pathlib; from mlmodel.sentiment.io.loader import load_scorer;"
        "load_scorer(pathlib.Path(sys.argv[1])).predict('wonderful');"
        "print([m for m in ('django', 'sklearn', 'mlflow', 'pandas') if m in sys.modules])"
    )
    assert run(sys.executable, "-c", code, folder).stdout.strip() == "[]"
