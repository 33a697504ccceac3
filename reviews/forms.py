import unicodedata
from collections.abc import Mapping

from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError
from django.utils.text import normalize_newlines
from django.utils.translation import gettext_lazy as _

from common.text import clean_text
from reviews.guest_names import MAX_GUEST_NAME_CHARS, check_guest_name
from reviews.models import HUMAN_LABELS, MAX_NOTE_CHARS, MovieReview, ReviewReport
from reviews.moderation.block_list import check_block_list


def check_review_text(text: str) -> str:
    """Return a text as it is stored, for form, API and import: trimmed, with Unix newlines."""
    text = clean_text(normalize_newlines(text)).strip()
    if not _is_visible(text):
        raise ValidationError(_("The text is empty."), code="empty")
    if len(text) > settings.REVIEW_MAX_CHARS:
        raise ValidationError(
            _("Reviews can have up to %(limit)d characters; this one has %(length)d."),
            code="too_long",
            params={"limit": settings.REVIEW_MAX_CHARS, "length": len(text)},
        )
    return text


def _is_visible(text: str) -> bool:
    # A text of zero-width spaces is not a review.
    return any(unicodedata.category(char)[0] not in "CZ" for char in text)


GUEST = "guest"


def author_key(user: User | AnonymousUser) -> str:
    """Return the value by which a form remembers as whom its text was written."""
    return str(user.pk) if user.is_authenticated else GUEST


class ReviewForm(forms.Form):
    text = forms.CharField(
        label=_("Your review"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": settings.REVIEW_MAX_CHARS}),
    )
    guest_name = forms.CharField(
        label=_("Your name"),
        required=False,
        widget=forms.TextInput(
            attrs={
                "dir": "auto",
                "maxlength": MAX_GUEST_NAME_CHARS,
                "autocomplete": "nickname",
            }
        ),
    )
    has_spoilers = forms.BooleanField(label=_("Contains spoilers"), required=False)
    # A honeypot: hidden from people, filled in by robots.
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    # As whom the page showed the form: the session may end, or begin, while the text is written.
    written_as = forms.CharField(required=False, widget=forms.HiddenInput)

    stored: MovieReview | None = None  # the author's review of the movie, if there is one

    def __init__(self, *args, is_guest: bool = True, user=None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if user is not None:
            self.fields["written_as"].initial = author_key(user)
        if not is_guest:
            del self.fields["guest_name"]

    def was_written_by(self, user: User | AnonymousUser) -> bool:
        """Return whether the form was shown to this user; a form that does not say so was."""
        return self["written_as"].value() in (None, "", author_key(user))

    def show_to(self, user: User | AnonymousUser) -> None:
        """Let the form, when it is sent again, be this user's."""
        self.data = {**self.data.dict(), "written_as": author_key(user)}  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        return check_block_list(check_review_text(self.cleaned_data["text"]))

    def clean_guest_name(self) -> str:
        return check_guest_name(self.cleaned_data["guest_name"])

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(_("This looks as if a robot wrote it."), code="robot")
        return ""


def check_note(note: str) -> str:
    return clean_text(normalize_newlines(note)).strip()


class DisputeForm(forms.Form):
    note = forms.CharField(
        label=_("What did the model get wrong?"),
        required=False,
        max_length=MAX_NOTE_CHARS,
        widget=forms.Textarea(attrs={"dir": "auto", "rows": 3, "maxlength": MAX_NOTE_CHARS}),
    )

    def clean_note(self) -> str:
        return check_note(self.cleaned_data["note"])


class OwnLabelForm(forms.Form):
    """What the author of a review says about its label; an empty one takes it back."""

    author_label = forms.ChoiceField(choices=[("", ""), *HUMAN_LABELS], required=False)
    seen = forms.CharField()

    def __init__(self, review: MovieReview, data: Mapping[str, str]) -> None:
        self.review = review
        super().__init__(data)

    def clean_seen(self) -> str:
        if self.cleaned_data["seen"] != self.review.fingerprint:
            message = _("You have edited this review in the meantime. Please answer again.")
            raise ValidationError(message, code="text_changed")
        return self.cleaned_data["seen"]

    def clean(self) -> dict:
        if self.cleaned_data.get("author_label"):
            # A term may have been blocked since: such a text must not begin to count.
            check_block_list(self.review.text)
        return self.cleaned_data


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why are you reporting this review?"), choices=ReviewReport.Reason.choices
    )
