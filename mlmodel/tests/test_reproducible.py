import json
import os
import sys

from django.conf import settings

from mlmodel.sentiment.models.algorithms import ALGORITHMS
from tests.support import run

TRAIN = """
import json, sys, tempfile
from pathlib import Path
from mlmodel.sentiment.training.fit import train
from mlmodel.tests.small_corpus import small_corpus

checksums = {}
for name in json.loads(sys.argv[1]):
    with tempfile.TemporaryDirectory() as folder:
        checksums[name] = train(small_corpus(), algorithm=name).save(Path(folder))
print(json.dumps(checksums))
"""
# The file of a random forest differs from run to run: skops writes addresses in memory into it.
NAMES = json.dumps(sorted(set(ALGORITHMS) - {"random-forest"}))


def train_all(hash_seed: str) -> str:
    env = os.environ | {"PYTHONHASHSEED": hash_seed}
    return run(sys.executable, "-c", TRAIN, NAMES, cwd=settings.BASE_DIR, env=env).stdout


def test_linear_models_have_the_same_file_in_another_process():
    # If an order depended on a set of words, another hash seed would change it.
    assert train_all("0") == train_all("1")
