"""The two kinds of review files: ours, and Letterboxd's reviews.csv."""

from collections.abc import Sequence

from movies.importing.files import ImportFileError, RowFile

COLUMNS = (
    "key",
    "imdb_id",
    "wikipedia_page",
    "title",
    "year",
    "author",
    "guest_name",
    "text",
    "has_spoilers",
    "human_label",
    "settled_at",
    "is_hidden",
    "hidden_reason",
    "created_at",
)
OTHER_NAMES = {"review": "text"}
# Datasets have them. What the model is to find out is not taken from a file.
PASSED_OVER = {"sentiment", "rating"}
FILM_COLUMNS = ({"imdb_id"}, {"wikipedia_page"}, {"title", "year"})
LETTERBOXD = {"Date", "Name", "Year", "Letterboxd URI", "Review"}


class ReviewFile(RowFile):
    kinds = ("csv",)

    @property
    def is_letterboxd(self) -> bool:
        return set(self.columns) >= LETTERBOXD

    @classmethod
    def check_columns(cls, columns: Sequence[str]) -> None:
        if set(columns) >= LETTERBOXD:
            return
        names = [OTHER_NAMES.get(column, column) for column in columns]
        unknown = set(names) - {*COLUMNS, *PASSED_OVER}
        has_film = any(film <= set(names) for film in FILM_COLUMNS)
        if has_film and "text" in names and not unknown and len(set(names)) == len(names):
            return
        raise ImportFileError(
            f"has the wrong columns ({', '.join(columns)[:200] or 'none'}); expected text, and "
            "imdb_id, wikipedia_page or title and year, and any of "
            f"{', '.join(sorted(set(COLUMNS)))}; or those of Letterboxd's reviews.csv."
        )
