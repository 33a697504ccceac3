"""Why a text has no label, for the pages and the API."""

from django.db import models
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _


class UnreadableReason(models.TextChoices):
    """The reasons of ``mlmodel.sentiment``'s predictions."""

    ANOTHER_LANGUAGE = "another_language", _("in another language")
    TOO_SHORT = "too_short", _("too short for a label")
    UNKNOWN_WORDS = "unknown_words", _("too few known words")


def name_of_language(code: str) -> str:
    """Return a language's name in the visitor's language, or "" if Django has no name for it.

    Examples
    --------
    >>> name_of_language("de"), name_of_language("war")
    ('German', '')
    """
    try:
        return get_language_info(code)["name_translated"]
    except KeyError:
        return ""
