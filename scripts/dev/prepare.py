"""Bring the database to where the site can be served; with --port, say what to open.

One process, because every ``manage.py`` call costs a start of its own.
"""

import argparse
import os
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def insist_on_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            sys.exit(f"Port {port} cannot be used. Try another one: make run PORT={port + 80}")


def fill_database() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rottenpotatoes.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("seed", if_empty=True)
    if not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)


def what_to_open(port: int) -> str:
    site = f"http://localhost:{port}"
    return (
        f"\n  Rotten Potatoes   {site}\n"
        f"  API, to try out   {site}/api/docs/\n"
        f"  For curators      {site}/admin/   (make admin creates an account)\n"
        "\n  Ctrl-C stops it.\n"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int)
    port = parser.parse_args().port
    if port:
        insist_on_free(port)
    fill_database()
    if port:
        print(what_to_open(port), flush=True)
