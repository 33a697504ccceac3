"""manage.py: a command that fails is an event, beside the sentence that it says."""

import sys

from django.apps import apps
from django.core.management import CommandError, execute_from_command_line
from django.db import OperationalError

from observability.events import emit
from observability.redaction import where


def run(arguments: list[str]) -> None:
    """As Django does; a wrong option or a person who interrupts is no failure of ours."""
    try:
        execute_from_command_line(arguments)
    except SystemExit as end:
        # Django has made this of the command's own error.
        if end.code and isinstance(end.__context__, CommandError):
            tell(arguments[1], end.__context__)
        raise
    except OperationalError as error:
        tell(arguments[1], error)
        if "--traceback" in arguments:
            raise
        # Nobody's mistake in here: the database is away, full or not migrated.
        sys.exit(f"CommandError: the database says: {' '.join(str(error).split())}")
    except Exception as error:
        tell(arguments[1], error)
        raise


def tell(command: str, error: Exception) -> None:
    """What kind of error, and where; the values are in the sentence, on the console."""
    is_interrupted = isinstance(error.__context__, KeyboardInterrupt)
    if is_interrupted or not apps.ready:  # no settings yet, and so no log
        return
    reason = error.__cause__ or error
    emit(
        "ERROR",
        logger=__name__,
        command=command,
        error_type=type(reason).__name__,
        traceback=where(reason.__traceback__),
    )
