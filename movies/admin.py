from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.text import normalize_newlines
from django.utils.translation import gettext_lazy as _

from common.formatting import percent
from common.importing.admin import FileAdmin
from common.text import clean_text, single_line
from movies.audit import AuditedAdmin
from movies.filters import MAX_QUERY_CHARS, decades
from movies.importing.admin import MovieResource
from movies.models import Genre, Movie
from movies.search.query import interpret, matching

FRESHNESS_FIELDS = (
    "verdict",
    "freshness",
    "freshness_low",
    "freshness_high",
    "n_reviews",
    "n_counted",
    "n_positive",
    "n_human_positive",
    "n_human_negative",
)

POSTER_FIELDS = ("poster_checked_at", "poster_problem")  # written by fetch_posters


class NamesField(forms.CharField):
    """A list of names, one per line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        return [
            name
            for line in normalize_newlines(super().to_python(value) or "").split("\n")
            if (name := single_line(line))
        ]


class MovieForm(forms.ModelForm):
    directors = NamesField(label=_("Directors"), required=False, help_text=_("One per line."))
    cast = NamesField(label=_("Cast"), required=False, help_text=_("One per line."))
    poster_url = forms.URLField(
        label=_("Poster URL"),
        required=False,
        max_length=Movie._meta.get_field("poster_url").max_length,
        assume_scheme="https",
    )

    def clean_title(self) -> str:
        title = single_line(self.cleaned_data["title"])
        if not title:
            raise ValidationError(self.fields["title"].error_messages["required"], code="required")
        return title

    def clean_synopsis(self) -> str:
        return clean_text(normalize_newlines(self.cleaned_data["synopsis"]))


class DecadeFilter(admin.SimpleListFilter):
    title = _("decade")
    parameter_name = "decade"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return decades()

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        decade = self.value()
        return queryset.of_decade(int(decade)) if decade in dict(decades()) else queryset


@admin.register(Movie)
class MovieAdmin(FileAdmin, AuditedAdmin):
    resource_classes = (MovieResource,)
    form = MovieForm
    list_display = ("title", "year", "freshness_percent", "verdict", "n_counted", "n_reviews")
    list_filter = ("verdict", "genres", DecadeFilter)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("search_key",)
    search_help_text = _("Search by title, people or year")
    filter_horizontal = ("genres",)
    # Derived from the reviews.
    readonly_fields = ("slug", *FRESHNESS_FIELDS, *POSTER_FIELDS, "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("title", "year", "slug", "directors", "cast", "genres")}),
        (None, {"fields": ("runtime_min", "synopsis", "poster_url", "imdb_id", "wikipedia_page")}),
        (_("Poster"), {"fields": POSTER_FIELDS}),
        (_("Freshness"), {"fields": FRESHNESS_FIELDS}),
        (_("Dates"), {"fields": ("created_at", "updated_at")}),
    )

    @admin.display(description=_("freshness"), ordering="freshness")
    def freshness_percent(self, movie: Movie) -> str:
        return percent(movie.freshness)

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet, bool]:
        return matching(queryset, interpret(search_term[:MAX_QUERY_CHARS])), False

    def save_model(self, request: HttpRequest, obj: Movie, form: Any, change: bool) -> None:
        if not change:
            return super().save_model(request, obj, form, change)
        # Only the form's fields, so that the counts of a review submitted in between are kept.
        fields = {field.name for field in Movie._meta.concrete_fields} & set(form.cleaned_data)
        obj.save(update_fields=[*fields, "search_key", "updated_at"])
        return None


@admin.register(Genre)
class GenreAdmin(admin.ModelAdmin):
    list_display = ("name", "slug", "n_movies")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(n_movies=Count("movies"))

    @admin.display(description=_("movies"), ordering="n_movies")
    def n_movies(self, genre: Any) -> int:
        return genre.n_movies
