"""What a token and an n-gram are: the one place that knows."""

import re
from collections.abc import Sequence

MARKS = '!"(),.:;?'  # punctuation that is a token: it ends phrases, and some of it carries feeling
# A word keeps its apostrophe: "didn't" is one word, and another one than "did".
_TOKEN = re.compile(rf"[^\W_]+(?:'[^\W_]+)*|[{MARKS}]")
_MARKUP = re.compile(r"<[a-zA-Z/][^<>]*>")
_APOSTROPHES = "’`\x92"  # as people type them, beside the plain one
# Words that turn what follows into its opposite, as they stand in reviews, typed well or not.
NEGATORS = (
    *("ain't", "aint", "aren't", "barely", "can't", "cannot", "cant", "couldn't", "couldnt"),
    *("didn't", "didnt", "doesn't", "doesnt", "don't", "dont", "hadn't", "hardly", "hasn't"),
    *("haven't", "isn't", "isnt", "neither", "never", "no", "nobody", "none", "nor", "not"),
    *("nothing", "scarcely", "shouldn't", "wasn't", "wasnt", "weren't", "without", "won't"),
    "wouldn't",
)
STOPPERS = ("and", "but", "or")  # beside a mark, what ends the reach of a negator
NEGATION_REACH = 3  # words
NEGATED = "¬"  # stands before a negated word
# What every vocabulary begins with, in this order.
FUNCTION_TOKENS = (*MARKS, *NEGATORS, *STOPPERS)
MAX_N = 3  # words in the longest n-gram; four add nothing on held-out films


_NEGATORS = frozenset(NEGATORS)
_ENDS = frozenset((*MARKS, *STOPPERS))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def fold(text: str) -> str:
    """Lower-case a text and blank out its markup, keeping every character's position.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        As long as ``text``, so that a token's place in it is its place in ``text``.
    """
    lowered = text.lower()
    if len(lowered) != len(text):  # "İ" becomes two characters
        lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    for apostrophe in _APOSTROPHES:
        if apostrophe in lowered:
            lowered = lowered.replace(apostrophe, "'")
    return _MARKUP.sub(_blank, lowered) if "<" in lowered else lowered


def tokenize(text: str) -> list[str]:
    """The tokens of a text, in order.

    Parameters
    ----------
    text : str
        Raw review text; markup and capitals do not matter.

    Returns
    -------
    list of str
        Words (letters and digits of any script) and the punctuation in ``MARKS``.
    """
    return _TOKEN.findall(fold(text))


def token_spans(text: str) -> list[tuple[int, int]]:
    """Where the tokens of ``tokenize(text)`` stand in ``text``: (start, end) pairs."""
    return [match.span() for match in _TOKEN.finditer(fold(text))]


def negation_scope(tokens: Sequence[str]) -> list[bool]:
    """Which tokens a negator reaches: up to ``NEGATION_REACH`` after it, not past a mark."""
    scope, left = [], 0
    for token in tokens:
        if token in _NEGATORS:
            scope.append(False)
            left = NEGATION_REACH
        elif token in _ENDS:
            scope.append(False)
            left = 0
        else:
            scope.append(left > 0)
            left -= 1
    return scope


def ngrams(text: str) -> list[str]:
    """All n-grams of 1 to ``MAX_N`` tokens, each as its tokens joined by a space.

    A word that a negator reaches is another token than the word itself: "not a good film"
    holds "¬good" and "¬good ¬film". This is the analyzer of the scikit-learn pipelines; the
    compiled scorer finds the same n-grams without building their strings.
    """
    plain = tokenize(text)
    scope = negation_scope(plain)
    tokens = [
        NEGATED + token if negated else token for token, negated in zip(plain, scope, strict=True)
    ]
    found = list(tokens)
    for n in range(2, MAX_N + 1):
        found.extend(map(" ".join, zip(*(tokens[i:] for i in range(n)), strict=False)))
    return found


def words(text: str) -> list[str]:
    """The tokens that are words: the analyzer of the pipelines that look at words only."""
    return [token for token in tokenize(text) if token not in MARKS]
