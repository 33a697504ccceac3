"""manage.py: a command that fails logs an event, in addition to its error message."""

import sys

from django.apps import apps
from django.core.management import CommandError, execute_from_command_line
from django.db import OperationalError

from observability.events import emit
from observability.redaction import format_traceback


def run(arguments: list[str]) -> None:
    """Run a command as Django does; a wrong option or an interruption is not logged."""
    try:
        execute_from_command_line(arguments)
    except SystemExit as end:
        # Django turns CommandError into SystemExit.
        if end.code and isinstance(end.__context__, CommandError):
            log_failure(arguments[1], end.__context__)
        raise
    except OperationalError as error:
        log_failure(arguments[1], error)
        if "--traceback" in arguments:
            raise
        # The database is unreachable, full or not migrated: no traceback.
        sys.exit(f"CommandError: database error: {' '.join(str(error).split())}")
    except Exception as error:
        log_failure(arguments[1], error)
        raise


def log_failure(command: str, error: Exception) -> None:
    """Log the type of the error and its place; its message is on the console."""
    is_interrupted = isinstance(error.__context__, KeyboardInterrupt)
    if is_interrupted or not apps.ready:  # logging is not set up yet
        return
    reason = error.__cause__ or error
    emit(
        "ERROR",
        logger=__name__,
        command=command,
        error_type=type(reason).__name__,
        traceback=format_traceback(reason.__traceback__),
    )
