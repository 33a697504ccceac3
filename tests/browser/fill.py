"""Fill the database of the browser tests: python -m tests.browser.fill FILE

Write the paths that the tests open to FILE, as JSON.
"""

import json
import sys
from pathlib import Path

import django

PASSWORD = "a-long-password-1"


def main() -> None:
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("seed", if_empty=True)
    make_accounts()
    Path(sys.argv[1]).write_text(json.dumps(places()))


def make_accounts() -> None:
    from django.contrib.auth.models import User

    for name in ("ana", "bea"):
        User.objects.create_user(name, f"{name}@example.com", PASSWORD)
    User.objects.create_superuser("curator", "curator@example.com", PASSWORD)


def places() -> dict[str, str | int]:
    """Return the values of the placeholders in ``pages.PAGES``."""
    from django.contrib.auth.models import User

    from movies.models import Movie
    from reviews.models import MovieReview
    from reviews.submission import dispute_review, submit_review

    movie = Movie.objects.most_reviewed_first()[0]
    quiet = Movie.objects.create(title="A Film That No One Saw", year=1999)
    # Each test file changes a movie of its own.
    visited = Movie.objects.create(title="A Film for Visitors", year=2001)
    reviewed = Movie.objects.create(title="A Film for Reviewers", year=2002)
    moderated = Movie.objects.create(title="A Film for Curators", year=2003)
    pictured = Movie.objects.create(title="A Film With a Poster", year=1888)
    ana = User.objects.get(username="ana")
    text = "I was bored at first, but it turns into a brilliant and moving film. I loved it."
    hers = submit_review(movie=movie, text=text, author=ana)
    disputed = submit_review(movie=moderated, text="It is awful that I missed it.", author=ana)
    dispute_review(review=disputed, note="It is praise.")
    spam = submit_review(movie=moderated, text="Buy cheap watches.", author=None, guest_name="Bot")
    seeded = MovieReview.objects.filter(movie=movie, author=None).first()
    assert seeded
    return {
        "movie": movie.slug,
        "quiet": quiet.slug,
        "visited": visited.slug,
        "reviewed": reviewed.slug,
        "moderated": moderated.slug,
        "pictured": pictured.slug,
        "pictured_pk": pictured.pk,
        "hers": hers.pk,
        "spam": spam.pk,
        "review": seeded.pk,
    }


if __name__ == "__main__":
    main()
