from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.text import clean_text


def check_text(text: str) -> str:
    """Return the text, repaired as a review's is, or raise a ValidationError; for pages and API."""
    text = clean_text(text)
    if not text.strip():
        raise ValidationError(_("The text is empty."), code="blank")
    if len(text) > settings.REVIEW_MAX_CHARS:
        raise ValidationError(
            _("Texts can have up to %(limit)d characters; this one has %(length)d."),
            code="too_long",
            params={"limit": settings.REVIEW_MAX_CHARS, "length": len(text)},
        )
    return text


class TryForm(forms.Form):
    text = forms.CharField(
        label=_("Your text"),
        strip=False,
        widget=forms.Textarea(
            attrs={"dir": "auto", "rows": 6, "maxlength": settings.REVIEW_MAX_CHARS}
        ),
    )

    def clean_text(self) -> str:
        return check_text(self.cleaned_data["text"])
