"""A film's freshness as a badge for other people's pages: an SVG that needs nothing else."""

from html import escape

from django.utils.translation import gettext as _

from movies.models import Movie, Verdict

NAME = "Rotten Potatoes"
LETTER = 7.2  # about how wide a letter is at 12 px
COLOURS = {
    Verdict.CERTIFIED_HOT: "#9c2c10",
    Verdict.HOT: "#ad3a0c",
    Verdict.ROTTEN: "#1c5f66",
    Verdict.NONE: "#685242",
}


def badge_svg(movie: Movie) -> str:
    told = verdict_in_words(movie)
    left, right = round(len(NAME) * LETTER) + 16, round(len(told) * LETTER) + 16
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="24" role="img" '
        f'aria-label="{escape(f"{movie}: {told}")}"><title>{escape(f"{movie}: {told}")}</title>'
        f'<rect width="{left + right}" height="24" rx="4" fill="#2a1710"/>'
        f'<path d="M{left} 0h{right - 4}a4 4 0 0 1 4 4v16a4 4 0 0 1-4 4H{left}z" '
        f'fill="{COLOURS[Verdict(movie.verdict)]}"/>'
        f'<g fill="#fffaf0" font-family="Verdana,DejaVu Sans,sans-serif" font-size="12" '
        f'text-anchor="middle">{_text(NAME, left / 2, left)}{_text(told, left + right / 2, right)}'
        "</g></svg>"
    )


def verdict_in_words(movie: Movie) -> str:
    verdict = str(Verdict(movie.verdict).label)
    if movie.freshness is None:
        return verdict
    share = round(100 * movie.freshness)
    return _("%(share)d%% %(verdict)s") % {"share": share, "verdict": verdict}


def _text(words: str, x: float, room: int) -> str:
    # textLength keeps it inside, whatever font the reader has.
    return f'<text x="{x:g}" y="16" textLength="{room - 16}">{escape(words)}</text>'
