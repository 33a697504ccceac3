"""Words and domains that curators do not want to see in reviews and names."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from movies.naming import plain
from reviews.models import BlockedTerm

# Whole words; of a domain, its subdomains too, but neither notcasino.com nor casino.com.au.
PATTERNS = {
    BlockedTerm.Kind.WORD.value: r"(?<!\w)(?:{})(?!\w)",
    BlockedTerm.Kind.DOMAIN.value: r"(?<![\w-])(?:{})(?![\w-]|\.\w)",
}


def check_block_list(text: str) -> str:
    """The text, if nothing in it is blocked; for form and API alike. One query."""
    terms = list(BlockedTerm.objects.values_list("kind", "term"))
    if terms and (found := _find(_visible(text), terms)):
        message = _("“%(term)s” is not allowed here.")
        raise ValidationError(message, code="blocked", params={"term": found})
    return text


def _find(text: str, terms: list[tuple[str, str]]) -> str:
    for kind, pattern in PATTERNS.items():
        blocked = "|".join(_pattern(term) for each, term in terms if each == kind)
        # Compiled once: re remembers the last patterns it has seen.
        if blocked and (match := re.search(pattern.format(blocked), text)):
            return match[0]
    return ""


def _pattern(term: str) -> str:
    return r"\s+".join(map(re.escape, term.split()))


def _visible(text: str) -> str:
    """Plain letters, without the zero-width characters that would hide a word."""
    return plain("".join(char for char in text if unicodedata.category(char) != "Cf"))
