"""What the admin's log says, in the reader's language."""

from django import template
from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

register = template.Library()

# The log stores our own sentences in English; these are their first parts.
STARTS = (
    gettext_noop("In the queue"),
    gettext_noop("Undone in the queue"),
    gettext_noop("Hidden"),
    gettext_noop("Shown again."),
    gettext_noop("Promoted."),
    gettext_noop("Rolled back to this release."),
)
ACTIONS = {ADDITION: _("added"), DELETION: _("deleted")}


@register.filter
def what_was_done(entry: LogEntry) -> str:
    """Return the log's sentence, whose parts around a colon are translated if they are ours."""
    message = entry.get_change_message()
    if not message:
        return str(ACTIONS.get(entry.action_flag, _("changed")))
    start, colon, rest = message.partition(": ")
    if not colon or start not in STARTS:
        return gettext(message) if message in STARTS else message
    rest = rest.removesuffix(".")
    return f"{gettext(start)}: {gettext(rest)}" if rest else gettext(start)
