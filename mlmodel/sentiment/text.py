"""The tokenizer's address in model folders saved before the package was divided.

A saved scikit-learn pipeline names its functions by module; removing this module would make those
models unreadable.
"""

from mlmodel.sentiment.features.text import ngrams, words

__all__ = ["ngrams", "words"]
