"""Find genres by slug, and create each new one once per import."""

from collections.abc import Iterable, Sequence

from django.utils.text import slugify

from movies.importing.rows import MovieRow
from movies.models import Genre, Movie
from movies.naming import plain

MAX_SLUG_CHARS = Genre._meta.get_field("slug").max_length


def genre_slug(name: str) -> str:
    """Return the slug, which is empty for a name without letters: that is no genre."""
    return (slugify(plain(name)) or slugify(name, allow_unicode=True))[:MAX_SLUG_CHARS]


class GenreIndex:
    def __init__(self) -> None:
        self._pks: dict[str, int] = {}
        for name, slug, pk in Genre.objects.values_list("name", "slug", "pk"):
            # By its name as well: a curator may have chosen another slug.
            self._pks[genre_slug(name)] = self._pks[slug] = pk

    def pks(self, names: Iterable[str]) -> set[int | None]:
        """Return the keys of the genres; None represents one that does not exist yet."""
        return {self._pks.get(slug) for name in names if (slug := genre_slug(name))}

    def assign(
        self,
        movies: Sequence[tuple[Movie, MovieRow]],
        *,
        replacing: Sequence[tuple[Movie, MovieRow]],
    ) -> None:
        """Give each movie the genres of its row; those in ``replacing`` lose their old ones."""
        self._create({genre_slug(name): name for _, row in movies for name in row.genres})
        links = Movie.genres.through
        links.objects.filter(movie__in=[movie.pk for movie, _ in replacing]).delete()
        links.objects.bulk_create(
            links(movie_id=movie.pk, genre_id=pk)
            for movie, row in movies
            for pk in self.pks(row.genres)
        )

    def _create(self, names: dict[str, str]) -> None:
        new = {slug: name for slug, name in names.items() if slug and slug not in self._pks}
        genres = [Genre(name=name, slug=slug) for slug, name in new.items()]
        for genre in Genre.objects.bulk_create(genres):
            self._pks[genre.slug] = genre.pk
