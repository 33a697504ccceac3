"""The values of a review's label, and why it can be hidden."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Label(models.TextChoices):
    UNREAD = "unread", _("not scored yet")
    UNREADABLE = "unreadable", _("unreadable")
    POSITIVE = "positive", _("positive")
    NEGATIVE = "negative", _("negative")


class LabelSource(models.TextChoices):
    """Whose label counts, in rising order of authority."""

    MODEL = "model", _("the model")
    AUTHOR = "author", _("the author")
    CURATOR = "curator", _("a curator")


class HideReason(models.TextChoices):
    """Why a review may be hidden. Stored in English, as a sentence like a curator's own words."""

    SPAM = "Advertising or spam", _("Advertising or spam")
    ABUSE = "Abusive or hateful", _("Abusive or hateful")
    OFF_TOPIC = "Not about the movie", _("Not about the movie")
    REPEATED = "Posted more than once", _("Posted more than once")
    PRIVATE = "Names private details of a person", _("Names private details of a person")


HUMAN_LABELS = [(Label.POSITIVE, Label.POSITIVE.label), (Label.NEGATIVE, Label.NEGATIVE.label)]
