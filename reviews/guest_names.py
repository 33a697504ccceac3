"""Names of guests, which may not be taken for those of accounts."""

import unicodedata
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.lookalikes import without_controls
from common.text import clean_text
from reviews.moderation.block_list import check_block_list

MAX_GUEST_NAME_CHARS = 60

_checks: list[Callable[[str], bool]] = []


def register_account_check(is_account_name: Callable[[str], bool]) -> None:
    _checks.append(is_account_name)


def clean_guest_name(name: str) -> str:
    name = " ".join(without_controls(clean_text(name)).split())
    if len(name) > MAX_GUEST_NAME_CHARS:
        raise ValidationError(
            _("Names can have up to %(limit)d characters."),
            code="too_long",
            params={"limit": MAX_GUEST_NAME_CHARS},
        )
    return name


def check_guest_name(name: str) -> str:
    """Return the name as it is stored, if a guest may have it."""
    name = clean_guest_name(name)
    if not name:
        return name
    check_block_list(name)
    if any(is_account_name(variant) for is_account_name in _checks for variant in _variants(name)):
        raise ValidationError(
            _("An account has this name, or one that looks like it. Sign in, or choose another."),
            code="name_taken",
        )
    return name


def _variants(name: str) -> set[str]:
    """Return the name with and without what decorates it, such as a mark that accounts have."""
    letters = [i for i, char in enumerate(name) if unicodedata.category(char)[0] in "LN"]
    return {name, name[letters[0] : letters[-1] + 1]} if letters else {name}
