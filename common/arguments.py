"""What commands accept; anything else is a usage error with exit code 2."""

MAX_SEED = 2**32 - 1  # NumPy's old generators, which scikit-learn uses, take no more


def positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise ValueError(value)
    return number


def seed(value: str) -> int:
    number = int(value)
    if not 0 <= number <= MAX_SEED:
        raise ValueError(value)
    return number
