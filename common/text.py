"""Characters that the site does not store or show."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Control characters other than tabs and line ends, and halves of surrogate pairs, which no
# database stores.
FORBIDDEN_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def check_characters(text: str) -> None:
    """Raise ``ValidationError`` if the text contains forbidden characters."""
    if FORBIDDEN_CHARACTERS.search(text):
        raise ValidationError(_("Control characters are not allowed."), code="control_characters")


def single_line(text: str) -> str:
    """Return the text on one line, without forbidden characters."""
    return " ".join(FORBIDDEN_CHARACTERS.sub("", " ".join(text.split())).split())


def printable(text: str) -> str:
    """Return the text on one line, with a space for each character that XML or a font lacks."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
