#!/usr/bin/env python
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rottenpotatoes.settings")
    from django.conf import settings

    from observability.commands import run

    # SQLite makes its file, but not the folder around it.
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    run(sys.argv)


if __name__ == "__main__":
    main()
