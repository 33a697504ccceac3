"""Export of all personal data of an account."""

from django.contrib.auth.models import User
from django.db.models import F

from reviews.models import MovieReview, ReviewReport


def personal_data(user: User) -> dict[str, object]:
    reviews = user.reviews.select_related("movie", "release").order_by("pk")
    reports = ReviewReport.objects.filter(reporter=user).order_by("pk")
    return {
        "account": {
            "name": user.get_username(),
            "email": user.email,
            "joined": user.date_joined,
            "last_sign_in": user.last_login,
            "has_api_token": hasattr(user, "auth_token"),
        },
        "reviews": [review_data(review) for review in reviews],
        "reports": list(
            reports.values("review", "reason", created=F("created_at"), closed=F("closed_at"))
        ),
    }


def review_data(review: MovieReview) -> dict[str, object]:
    return {
        "id": review.pk,
        "movie": {"title": review.movie.title, "year": review.movie.year},
        "imdb_id": review.movie.imdb_id,
        "text": review.text,
        "label": review.label,
        "model_label": review.model_label,
        "human_label": review.human_label,
        "label_source": review.label_source,
        "author_label": review.author_label,
        "p_positive": review.p_positive,
        "model_version": review.release.version if review.release else None,
        "disputed": review.disputed_at,
        "dispute_note": review.dispute_note,
        "is_hidden": review.is_hidden,
        "hidden_reason": review.hidden_reason,
        "is_held_back": review.is_held,
        "created": review.created_at,
        "updated": review.updated_at,
    }
