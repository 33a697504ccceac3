"""Tokens and n-grams: the one definition for training and scoring."""

import re
from collections.abc import Sequence
from string import ascii_lowercase

MARKS = '!"(),.:;?'  # punctuation that is a token: it ends phrases, and some has sentiment
STARS = "★⭐🌟"
# Emoji and the like, without the modifiers of skin colour.
SYMBOLS = "\u2600-\u27bf\u2b50\U0001f300-\U0001f3fa\U0001f400-\U0001faff"
# A word keeps its apostrophe: "didn't" is one word, different from "did".
_WORD_OR_MARK = rf"[^\W_]+(?:'[^\W_]+)*|[{MARKS}]"
_ASCII_TOKEN = re.compile(_WORD_OR_MARK)  # of texts without symbols: in half the time
_TOKEN = re.compile(rf"{_WORD_OR_MARK}|[{STARS}]+|[{SYMBOLS}]")
_LONG_DRAWN = re.compile(r"([a-z])\1{2,}")  # "soooo"
_TRIPLES = [letter * 3 for letter in ascii_lowercase]
_ROMAN = re.compile(r"[ivxlcdm]+")
_AS_STARS = str.maketrans(STARS, STARS[0] * len(STARS))
_MARKUP = re.compile(r"<[a-zA-Z/][^<>]*>")
_APOSTROPHES = "’`"  # typed instead of the plain one
# Bytes of Windows-1252 that were read as Latin-1, as in 3 % of the IMDb reviews: "caf\x9a". One
# character for one, so that positions are kept. The codec leaves out the five undefined bytes.
_C1 = re.compile(r"[\x80-\x9f]")
_WINDOWS_1252 = {
    code: char for code in range(0x80, 0xA0) if (char := bytes([code]).decode("cp1252", "ignore"))
}
# Words that negate what follows, with the misspellings that occur in reviews.
NEGATORS = (
    *("ain't", "aint", "aren't", "barely", "can't", "cannot", "cant", "couldn't", "couldnt"),
    *("didn't", "didnt", "doesn't", "doesnt", "don't", "dont", "hadn't", "hardly", "hasn't"),
    *("haven't", "isn't", "isnt", "neither", "never", "no", "nobody", "none", "nor", "not"),
    *("nothing", "scarcely", "shouldn't", "wasn't", "wasnt", "weren't", "without", "won't"),
    "wouldn't",
)
STOPPERS = ("and", "but", "or")  # these and marks end the scope of a negator
NEGATION_REACH = 3  # words
NEGATED = "¬"  # the prefix of a negated word
# Every vocabulary begins with these, in this order.
FUNCTION_TOKENS = (*MARKS, *NEGATORS, *STOPPERS)
MAX_N = 3  # words in the longest n-gram; four are no better on held-out movies


_NEGATORS = frozenset(NEGATORS)
_ENDS = frozenset((*MARKS, *STOPPERS))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def repair_windows_1252(text: str) -> str:
    """Replace control characters that are Windows-1252 read as Latin-1.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Of the same length as ``text``.

    Examples
    --------
    >>> repair_windows_1252("It\x92s over\x85")
    'It’s over…'
    """
    if text.isascii() or not _C1.search(text):
        return text
    return text.translate(_WINDOWS_1252)


def fold(text: str) -> str:
    """Lower-case a text and blank out its markup, keeping every character's position.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Of the same length as ``text``, so that positions in it are positions in ``text``.
    """
    text = repair_windows_1252(text)
    lowered = text.lower()
    if len(lowered) != len(text):  # "İ" becomes two characters
        lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    for apostrophe in _APOSTROPHES:
        if apostrophe in lowered:
            lowered = lowered.replace(apostrophe, "'")
    return _MARKUP.sub(_blank, lowered) if "<" in lowered else lowered


def tokenize(text: str) -> list[str]:
    """Split a text into tokens.

    Parameters
    ----------
    text : str
        Raw text; markup and capitals do not matter.

    Returns
    -------
    list of str
        Words (letters and digits of any script), the punctuation in ``MARKS``, emoji, and rows of
        stars. Of three or more equal letters in a row, two are kept: "soooo" is "soo".
    """
    folded = fold(text)
    is_ascii = folded.isascii()
    tokens = (_ASCII_TOKEN if is_ascii else _TOKEN).findall(folded)
    # A regular expression with a back-reference would double the time of the whole function.
    if any(part in folded for part in (_TRIPLES if is_ascii else [*STARS, *_TRIPLES])):
        return [_normalize(token) for token in tokens]
    return tokens


def is_symbol(token: str) -> bool:
    """Return whether a token is an emoji or a row of stars."""
    return not token.isascii() and not token[0].isalnum()


def _normalize(token: str) -> str:
    if is_symbol(token):
        return token.translate(_AS_STARS)
    is_number_or_noise = _ROMAN.fullmatch(token) or len(set(token)) == 1  # "iii", "jjjjj"
    return token if is_number_or_noise else _LONG_DRAWN.sub(r"\1\1", token)


def token_spans(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) positions in ``text`` of the tokens of ``tokenize(text)``."""
    return [match.span() for match in _TOKEN.finditer(fold(text))]


def negation_scope(tokens: Sequence[str]) -> list[bool]:
    """Return which tokens are negated.

    Parameters
    ----------
    tokens : sequence of str, length n

    Returns
    -------
    list of bool, length n
        True for the ``NEGATION_REACH`` tokens after a negator, up to a mark or a stopper.
    """
    scope, n_left = [], 0
    for token in tokens:
        if token in _NEGATORS:
            scope.append(False)
            n_left = NEGATION_REACH
        elif token in _ENDS:
            scope.append(False)
            n_left = 0
        else:
            scope.append(n_left > 0)
            n_left -= 1
    return scope


def ngrams(text: str) -> list[str]:
    """Return all n-grams of 1 to ``MAX_N`` tokens; the analyzer of the scikit-learn pipelines.

    The compiled scorer finds the same n-grams without building strings.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str
        Tokens joined by a space. Negated words have the prefix ``NEGATED``: "not a good joke"
        has "¬good" and "¬good ¬joke".
    """
    plain = tokenize(text)
    scope = negation_scope(plain)
    tokens = [
        NEGATED + token if negated else token for token, negated in zip(plain, scope, strict=True)
    ]
    grams = list(tokens)
    for n in range(2, MAX_N + 1):
        grams.extend(map(" ".join, zip(*(tokens[i:] for i in range(n)), strict=False)))
    return grams


def words(text: str) -> list[str]:
    """Return the tokens that are words; the analyzer of the pipelines without n-grams."""
    return [token for token in tokenize(text) if token not in MARKS and not is_symbol(token)]
