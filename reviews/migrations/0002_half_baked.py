from collections import defaultdict

from django.conf import settings
from django.db import migrations, transaction

from mlmodel.sentiment.models.quantification import probability_of_share

MOVIES_AT_ONCE = 500
READ = ("binary_verdict", "p_histogram", "n_human_positive", "n_human_negative")


def fill_verdicts(apps, schema_editor):
    """Decide the stored verdicts again: Hot and Rotten can become Half-Baked."""
    movies = apps.get_model("movies", "Movie").objects.using(schema_editor.connection.alias)
    last_pk = 0
    while last_pk is not None:
        # Locked: the previous version is still counting reviews.
        with transaction.atomic(using=schema_editor.connection.alias):
            last_pk = _fill_some(movies.exclude(binary_verdict="none"), last_pk)


def _fill_some(movies, last_pk):
    """Decide on the next movies, and return the key of the last, or None if there was none."""
    following = movies.filter(pk__gt=last_pk).only(*READ).order_by("pk")[:MOVIES_AT_ONCE]
    pks = defaultdict(list)
    last_pk = None
    for movie in following.select_for_update():
        pks[_verdict(movie)].append(movie.pk)
        last_pk = movie.pk
    for verdict, of_verdict in pks.items():
        movies.filter(pk__in=of_verdict).update(verdict=verdict)
    return last_pk


def _verdict(movie):
    if movie.binary_verdict == "certified_hot":
        return "certified_hot"
    p_hot = probability_of_share(
        settings.VERDICT_HOT,
        movie.p_histogram,
        movie.n_human_positive,
        movie.n_human_negative,
    )
    if p_hot >= settings.VERDICT_DECIDED:
        return "hot"
    return "rotten" if 1 - p_hot >= settings.VERDICT_DECIDED else "mixed"


class Migration(migrations.Migration):
    atomic = False  # a site's movies must not be locked all at once

    dependencies = [("movies", "0002_half_baked"), ("reviews", "0001_squashed")]

    operations = [migrations.RunPython(fill_verdicts, migrations.RunPython.noop)]
