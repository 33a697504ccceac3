"""Whether a text can be labelled, and the reason if not."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from mlmodel.sentiment.features.language import ENGLISH, LanguageGuess, guess_language
from mlmodel.sentiment.features.text import MARKS, tokenize

UnreadableReason = Literal["another_language", "too_short", "unknown_words"]

# Below this share of known words a text is in another language or noise. Measured on held-out
# movies: none of 4,803 reviews is below it, and 7 in 10,000 of their sentences.
READABLE_SHARE = 0.55
# The identifier is asked about texts with a smaller share of known words. All words of "No vale la
# pena" occur in English reviews, too, so it is also asked about short texts without one of the
# words below. It says nothing about two words.
SURELY_ENGLISH_SHARE = 0.95
SHORT_TEXTS = range(3, 20)  # words
ENGLISH_WORDS = frozenset(
    (
        *("the", "and", "of", "it", "this", "that", "with", "you", "my", "not", "but", "are"),
        *("have", "i'm", "it's"),
    )
)
# A text is in another language if its probability of English is smaller than this, less the share
# of known words: the more words are known, the surer the identifier must be.
DOUBT = 1.03
LIKELY = 0.25  # the least probability of the other language
# Pairs of words that the model knows are English: "of time" in "wat a wast of time". Other
# languages have them by chance ("war in"), and then the identifier must be certain.
CERTAIN = 0.9
# A text of too few known words is called another language from this probability, and noise below.
NAMED_FROM = 0.4

# A text of a few words has no opinion in it if each n-gram weighs less than this, in log-odds.
OPINION_WEIGHT = 0.1
FEW_WORDS = 3
# Some words have a weight only because of the reviews in which they occur. A text that consists of
# these words is a greeting, a laugh, a test or a note that somebody was here.
CHATTER = frozenset(
    (
        *("1st", "2nd", "3rd", "a", "abc", "am", "an", "anybody", "anyone", "asdf", "been"),
        *("bye", "comment", "comments", "else", "everybody", "everyone", "film", "first"),
        *("from", "guys", "have", "haven't", "hello", "here", "hey", "hi", "i", "i'm", "im"),
        *("in", "is", "it", "just", "me", "movie", "my", "now", "people", "post", "qwerty"),
        *("review", "same", "saw", "second", "seen", "still", "test", "testing"),
        *("thank", "thanks", "the", "there", "third", "this", "to", "today", "too"),
        *("watched", "watching", "we", "who", "who's", "will", "yet", "you"),
    )
)
_LAUGH_OR_YEAR = re.compile(r"(?:a?h[aeio]){2,}h?|l+o+l|lo(?:lo)*l|lmf?ao+|rofl|xd+|(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Readability:
    """Whether a text can be labelled.

    Parameters
    ----------
    reason : str or None
        Why it cannot be; None if it can.
    language : str
        ISO 639 code of the text's language, such as "de", if the reason is another language.
    """

    reason: UnreadableReason | None = None
    language: str = ""


READABLE = Readability()


def content_of(text: str) -> list[str]:
    """Return a text's tokens without punctuation."""
    return [token for token in tokenize(text) if token not in MARKS]


def has_pair(ngrams: Iterable[str]) -> bool:
    """Return whether one of the n-grams, tokens joined by a space, has two words and no marks."""
    return any(" " in ngram and not set(ngram.split(" ")) & set(MARKS) for ngram in ngrams)


def is_chatter(tokens: list[str]) -> bool:
    """Return whether all tokens are greetings, laughs, or words such as "first" and "here".

    Examples
    --------
    >>> is_chatter(["who", "else", "is", "here", "in", "2025"]), is_chatter(["first", "class"])
    (True, False)
    """
    return all(token in CHATTER or _LAUGH_OR_YEAR.fullmatch(token) for token in tokens)


def check_readability(
    text: str, n_words: int, n_known: int, knows_pair: Callable[[str], bool]
) -> Readability:
    """Return whether a text is English and says something.

    Parameters
    ----------
    text : str
    n_words, n_known : int
        Words in the text, and how many of them the model has learned.
    knows_pair : callable
        Returns whether the model has learned a pair of words of the text.

    Returns
    -------
    Readability
    """
    if not n_words:
        return Readability("too_short")
    share = n_known / n_words
    is_doubtful = share < SURELY_ENGLISH_SHARE
    if n_words < SHORT_TEXTS.stop:
        tokens = content_of(text)
        if is_chatter(tokens):
            return Readability("too_short")
        is_doubtful |= n_words in SHORT_TEXTS and ENGLISH_WORDS.isdisjoint(tokens)
    if share < READABLE_SHARE:
        return _check_unknown(text, n_words, knows_pair)
    return _check_language(text, share, knows_pair) if is_doubtful else READABLE


def _check_language(text: str, share: float, knows_pair: Callable[[str], bool]) -> Readability:
    guess = guess_language(text)
    is_other = _is_likely(guess, LIKELY) and guess.p_english < DOUBT - share
    if is_other and (guess.probability >= CERTAIN or not knows_pair(text)):
        return Readability("another_language", guess.code)
    return READABLE


def _check_unknown(text: str, n_words: int, knows_pair: Callable[[str], bool]) -> Readability:
    guess = guess_language(text)
    is_other = n_words > 1 and _is_likely(guess, NAMED_FROM)  # one word may be a name
    if is_other and (guess.probability >= CERTAIN or not knows_pair(text)):
        return Readability("another_language", guess.code)
    return Readability("unknown_words")


def _is_likely(guess: LanguageGuess, least: float) -> bool:
    return guess.code != ENGLISH and guess.probability >= least
