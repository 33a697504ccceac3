"""Every page of the site. A page listed here is covered by the tests that hold for every page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    path: str  # placeholders are the keys of ``fill.places``
    role: str = ""  # the account that opens the page; "" is a visitor
    status: int = 200
    is_late: bool = False  # rendered by a script after loading

    def __str__(self) -> str:
        return f"{self.path} {self.role or 'visitor'}"


CHARTS = ("hottest", "rotten", "half-baked", "divided", "reviewed", "newest")
SITE = [
    Page("/"),
    Page("/", "ana"),
    Page("/movies/"),
    Page("/movies/?q=no-such-film"),
    Page("/movies/?year_min=nonsense&genre=nonsense"),
    Page("/movies/{movie}/"),
    Page("/movies/{movie}/", "ana"),
    Page("/movies/{quiet}/"),
    Page("/movies/{movie}/review/"),
    Page("/movies/{quiet}/review/", "ana"),
    Page("/reviews/{review}/"),
    Page("/reviews/{hers}/", "ana"),
    Page("/freshness/"),
    Page("/try/"),
    Page("/model/"),
    Page("/model/drift/"),
    Page("/model/releases/"),
    *(Page(f"/charts/{name}/") for name in CHARTS),
    Page("/accounts/login/"),
    Page("/accounts/signup/"),
    Page("/accounts/reset/"),
    Page("/accounts/reset/sent/"),
    Page("/accounts/reset/done/"),
    Page("/accounts/reset/nobody/nothing/"),
    Page("/accounts/", "ana"),
    Page("/accounts/email/", "ana"),
    Page("/accounts/password/", "ana"),
    Page("/accounts/delete/", "ana"),
    Page("/reviews/mine/"),
    Page("/reviews/mine/", "ana"),
    Page("/reviews/{hers}/edit/", "ana"),
    Page("/reviews/{hers}/withdraw/", "ana"),
]
BROKEN = (400, 403, 404, 413, 429, 500, 503)
ERRORS = [Page(f"/broken/{status}/", status=status) for status in BROKEN]
# Pages of the admin that are ours; the others have Django's layout.
ROOM = [
    Page("/admin/", "curator"),
    Page("/admin/reviews/moviereview/queue/", "curator"),
    Page("/admin/status/", "curator"),
]
FOREIGN = [
    Page("/api/docs/", is_late=True),
    *ROOM,
    Page("/admin/movies/movie/", "curator"),
    Page("/admin/movies/movie/add/", "curator"),
    Page("/admin/reviews/moviereview/{review}/history/", "curator"),
    Page("/admin/reviews/moviereview/", "curator"),
    Page("/admin/reviews/moviereview/{review}/change/", "curator"),
    Page("/admin/mlmodel/release/", "curator"),
    Page("/admin/mlmodel/promotion/", "curator"),
    Page("/admin/reviews/reviewburst/", "curator"),
    Page("/admin/reviews/blockedterm/add/", "curator"),
    Page("/admin/auth/user/", "curator"),
]
PAGES = SITE + ERRORS + FOREIGN
