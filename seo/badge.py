"""A badge of a movie's freshness for other sites: an SVG without external resources."""

from html import escape

from django.utils.translation import gettext as _

from common.formatting import percent, whole_percent
from movies.models import Movie, Verdict

NAME = "Rotten Potatoes"
LETTER_WIDTH = 7.2  # approximate, at 12 px
COLOURS = {
    Verdict.CERTIFIED_HOT: "#9c2c10",
    Verdict.HOT: "#ad3a0c",
    Verdict.MIXED: "#6a4588",
    Verdict.ROTTEN: "#1c5f66",
    Verdict.NONE: "#685242",
}


def badge_svg(movie: Movie) -> str:
    verdict = verdict_text(movie)
    label = escape(f"{movie}: {verdict}")
    left, right = round(len(NAME) * LETTER_WIDTH) + 16, round(len(verdict) * LETTER_WIDTH) + 16
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="24" role="img" '
        f'aria-label="{label}"><title>{label}</title>'
        f'<rect width="{left + right}" height="24" rx="4" fill="#2a1710"/>'
        f'<path d="M{left} 0h{right - 4}a4 4 0 0 1 4 4v16a4 4 0 0 1-4 4H{left}z" '
        f'fill="{COLOURS[Verdict(movie.verdict)]}"/>'
        f'<g fill="#fffaf0" font-family="Verdana,DejaVu Sans,sans-serif" font-size="12" '
        f'text-anchor="middle">{_text(NAME, left / 2, left)}'
        f"{_text(verdict, left + right / 2, right)}</g></svg>"
    )


def verdict_text(movie: Movie) -> str:
    verdict = str(Verdict(movie.verdict).label)
    if movie.freshness is None:
        return verdict
    return _("%(share)d%% %(verdict)s") % {
        "share": whole_percent(movie.freshness),
        "verdict": verdict,
    }


def verdict_and_range(movie: Movie) -> str:
    """Return the verdict with the range: a number alone hides that it can be undecided."""
    verdict = verdict_text(movie)
    if movie.freshness_low is None:
        return verdict
    ends = {"low": percent(movie.freshness_low), "high": percent(movie.freshness_high)}
    return f"{verdict}, " + _("most likely between %(low)s and %(high)s") % ends


def _text(words: str, x: float, width: int) -> str:
    # textLength makes the text fit in every font.
    return f'<text x="{x:g}" y="16" textLength="{width - 16}">{escape(words)}</text>'
