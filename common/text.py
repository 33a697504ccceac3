"""Characters that the site repairs, does not store or does not show."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Control characters other than tabs and line ends, and halves of surrogate pairs, which no
# database stores.
FORBIDDEN_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Bytes of Windows-1252 that were read as Latin-1: U+0085 is an ellipsis, U+0096 a dash. The codec
# leaves out the five that Windows-1252 does not define; they stay forbidden.
WINDOWS_1252 = {
    code: char for code in range(0x80, 0xA0) if (char := bytes([code]).decode("cp1252", "ignore"))
}
REPAIRS: dict[int, str] = {
    **WINDOWS_1252,
    0x0B: "\n",  # a line end in Word
    0x0C: "\n",  # a page's end
    # Invisible inside a word, where they would split it for search and for the model. Not the
    # zero-width space and joiners, on which some scripts and emoji depend.
    0xAD: "",  # soft hyphen
    0xFEFF: "",  # byte order mark
}
_SPECIAL = re.compile(f"{FORBIDDEN_CHARACTERS.pattern}|[\xad\ufeff]")
# Letters and numbers that run from right to left, and marks that change the direction.
CHANGES_DIRECTION = {"R", "AL", "AN", "RLE", "RLO", "LRE", "LRO", "RLI", "LRI", "FSI"}
N_QUOTED = 20  # characters on each side of a forbidden one in an error message


def clean_text(text: str) -> str:
    """Return the text as it is stored: repaired, as ``REPAIRS`` says.

    Raises
    ------
    ValidationError
        If a forbidden character is left. Its params name the character.
    """
    if not _SPECIAL.search(text):
        return text
    text = text.translate(REPAIRS)
    if match := FORBIDDEN_CHARACTERS.search(text):
        raise _forbidden(text, match.start())
    return text


def single_line(text: str) -> str:
    """Return the text repaired and on one line, without forbidden characters."""
    words = text.translate(REPAIRS).split()
    return " ".join(FORBIDDEN_CHARACTERS.sub("", " ".join(words)).split())


def printable(text: str) -> str:
    """Return the text on one line, with a space for each character that XML or a font lacks."""
    return " ".join("".join(c if _is_shown(c) else " " for c in text).split())


def _is_shown(character: str) -> bool:
    # Joiners have no width, but join emoji and the letters of some scripts.
    return character.isprintable() or character in "\u200c\u200d"


def isolated(text: str) -> str:
    """Return the text so that its direction cannot change that of what is written around it."""
    changes = any(unicodedata.bidirectional(char) in CHANGES_DIRECTION for char in text)
    return f"\u2068{text}\u2069" if changes else text


def _forbidden(text: str, at: int) -> ValidationError:
    nearby = text[max(at - N_QUOTED, 0) : at + 1 + N_QUOTED]
    return ValidationError(
        _("The control character %(character)s cannot be stored. Remove it here: “%(nearby)s”."),
        code="control_characters",
        params={
            "character": f"U+{ord(text[at]):04X}",
            "nearby": " ".join(FORBIDDEN_CHARACTERS.sub("▯", nearby).split()),
        },
    )
