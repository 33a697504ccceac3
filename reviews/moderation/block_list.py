"""Words and domains that are not allowed in reviews and names."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from movies.naming import plain
from reviews.models import BlockedTerm

# Whole words. A domain matches its subdomains, but neither notcasino.com nor casino.com.au.
PATTERNS = {
    BlockedTerm.Kind.WORD.value: r"(?<!\w)(?:{})(?!\w)",
    BlockedTerm.Kind.DOMAIN.value: r"(?<![\w-])(?:{})(?![\w-]|\.\w)",
}


def check_block_list(text: str) -> str:
    """Return the text, or raise ValidationError if it contains a blocked term. One query."""
    terms = list(BlockedTerm.objects.values_list("kind", "term"))
    if terms and (match := _find(_visible(text), terms)):
        message = _("“%(term)s” is not allowed here.")
        raise ValidationError(message, code="blocked", params={"term": match})
    return text


def _find(text: str, terms: list[tuple[str, str]]) -> str:
    for kind, pattern in PATTERNS.items():
        blocked = "|".join(_pattern(term) for each, term in terms if each == kind)
        # The re module caches compiled patterns.
        if blocked and (match := re.search(pattern.format(blocked), text)):
            return match[0]
    return ""


def _pattern(term: str) -> str:
    return r"\s+".join(map(re.escape, term.split()))


def _visible(text: str) -> str:
    """Reduce to plain letters, without the zero-width characters that can hide a word."""
    return plain("".join(char for char in text if unicodedata.category(char) != "Cf"))
