"""Keys by which names are compared: in any case, and as people see them."""

import unicodedata
from functools import cache

from confusable_homoglyphs.utils import load

# Letters and symbols that fonts draw as nothing, and the marks that select a variant of a symbol.
_BLANKS = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10)}
# A name may need these: Persian and Indian scripts, and emoji that are made of several.
_JOINERS = {"\u200c", "\u200d"}


def same_in_any_case(text: str) -> str:
    """Return the key that spellings of a text in upper and lower case have in common."""
    return _folded(unicodedata.normalize("NFKC", text.strip()))


def look_keys(name: str) -> tuple[str, str]:
    """Return two keys; names that a reader could confuse have one of them in common.

    Two, because case and shape do not agree: the Greek ``Ν`` looks like ``N``, but its small letter
    like ``v``. One key sees the shapes of the letters as written, the other those of small letters.
    """
    visible = _visible(name)
    return _folded(_shapes(visible)), _shapes(_folded(visible))


def without_controls(name: str) -> str:
    """Return the name without characters that are invisible or change the direction of writing."""
    kept = (c for c in name if c in _JOINERS or not _is_blank(c) or _selects_variant(c))
    return "".join(kept) if _visible(name).strip() else ""


def _visible(text: str) -> str:
    """Return the text without accents, invisible characters and typographic variants."""
    # The iota below a Greek letter is a mark that becomes a letter in other cases.
    chars = unicodedata.normalize("NFKD", text).replace("\u0345", "ι")
    return "".join(c for c in chars if not unicodedata.combining(c) and not _is_blank(c))


def _is_blank(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf") or ord(char) in _BLANKS


def _selects_variant(char: str) -> bool:
    return 0xFE00 <= ord(char) < 0xFE10


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text.casefold())


def _shapes(text: str) -> str:
    shapes = _shape_of()
    return "".join(shapes.get(char, char) for char in text)


@cache
def _shape_of() -> dict[str, str]:
    """Return the shape that Unicode's list of confusables gives to each of its characters.

    The package lists pairs in both directions. A shape has all its look-alikes as partners, each of
    them only the shape.
    """
    # The package encloses what is written from right to left in marks of direction.
    partners = {
        char.strip("\u200e"): [other["c"].strip("\u200e") for other in others]
        for char, others in load("confusables.json").items()
    }
    shapes = {}
    for char, (shape, *more) in partners.items():
        is_shape = more or (len(partners[shape]) == 1 and (len(char), shape) > (len(shape), char))
        if len(char) == 1 and not is_shape:
            shapes[char] = shape
    return shapes
