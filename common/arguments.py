"""Types for the arguments of commands."""

from argparse import ArgumentTypeError
from math import inf, nan

MAX_SEED = 2**32 - 1  # the limit of NumPy's old generators, which scikit-learn uses


def positive(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise ArgumentTypeError(f"{value!r} is not a number above 0")
    return int(value)


def positive_number(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = nan
    if not 0 < number < inf:
        raise ArgumentTypeError(f"{value!r} is not a number above 0")
    return number


def seed(value: str) -> int:
    number = int(value)
    if not 0 <= number <= MAX_SEED:
        raise ValueError(value)
    return number
