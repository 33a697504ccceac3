"""The rules of the verdicts in words, with the thresholds of this site."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.formatting import percent
from movies.models import Verdict


@dataclass(frozen=True, slots=True)
class VerdictRule:
    verdict: Verdict
    meaning: str


def verdict_rules() -> list[VerdictRule]:
    hot, n = percent(settings.VERDICT_HOT), settings.VERDICT_MIN_REVIEWS
    certified = {
        "certified": percent(settings.VERDICT_CERTIFIED),
        "hot": hot,
        "keep": percent(settings.VERDICT_CERTIFIED_KEEP),
    }
    few = ngettext(
        "No review counts yet.", "Fewer than %(n)d reviews count, which says too little.", n
    )
    meanings = {
        Verdict.CERTIFIED_HOT: _(
            "%(certified)s fresh or more, and the whole range is at %(hot)s or more. "
            "A movie keeps it until it falls below %(keep)s."
        )
        % certified,
        Verdict.HOT: _("Very likely, at least %(share)s of its reviews are positive.")
        % {"share": hot},
        Verdict.MIXED: _(
            "The reviews do not show yet whether it is hot or rotten: the range includes both. "
            "More reviews will decide."
        ),
        Verdict.ROTTEN: _("Very likely, fewer than %(share)s of its reviews are positive.")
        % {"share": hot},
        Verdict.NONE: few % {"n": n},
    }
    return [VerdictRule(verdict, meaning) for verdict, meaning in meanings.items()]
