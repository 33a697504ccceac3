import numpy as np
import pytest

from mlmodel.sentiment.evaluation.mcnemar import compare, mid_p


def test_mid_p_equals_the_exact_values():
    assert mid_p(5, 10) == pytest.approx(0.5)
    assert mid_p(0, 0) == pytest.approx(0.5)
    assert mid_p(2600, 5000) == pytest.approx(0.00236, abs=1e-4)


def test_a_better_challenger_is_not_worse():
    assert compare(np.ones(20, bool), np.zeros(20, bool)).p_worse > 0.999
