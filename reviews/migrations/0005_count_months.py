from collections import defaultdict

from django.db import migrations

N_BINS = 20
BATCH_SIZE = 5_000
BY_PERSON = {"positive": N_BINS, "negative": N_BINS + 1}


def slot_of(human_label, p_positive):
    if human_label:
        return BY_PERSON[human_label]
    return min(int(p_positive * N_BINS), N_BINS - 1)


def count_months(apps, schema_editor):
    """By month, what counts so far; one film after the other, so that little is in memory."""
    months = apps.get_model("reviews", "FreshnessMonth")
    reviews = apps.get_model("reviews", "MovieReview").objects.filter(
        is_hidden=False, label__in=["positive", "negative"]
    )
    columns = "movie_id", "created_at", "human_label", "p_positive"
    counted, last_movie = defaultdict(lambda: [0] * (N_BINS + 2)), None
    for movie_id, created_at, *reading in (
        reviews.order_by("movie_id").values_list(*columns).iterator(chunk_size=BATCH_SIZE)
    ):
        if movie_id != last_movie and len(counted) >= BATCH_SIZE:
            store(months, counted)
        counted[movie_id, created_at.date().replace(day=1)][slot_of(*reading)] += 1
        last_movie = movie_id
    store(months, counted)


def store(months, counted):
    months.objects.bulk_create(
        [months(movie_id=movie, month=month, counts=n) for (movie, month), n in counted.items()],
        batch_size=1_000,
    )
    counted.clear()


class Migration(migrations.Migration):
    dependencies = [("reviews", "0004_freshness_month")]

    operations = [migrations.RunPython(count_months, migrations.RunPython.noop)]
