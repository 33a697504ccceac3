"""Prepare the database for serving the site; with --port, print the addresses to open.

One process instead of several ``manage.py`` calls, each of which would have to start Django.
"""

import argparse
import os
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            sys.exit(f"Port {port} is not available. Try another one: make run PORT={port + 80}")


def fill_database() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rottenpotatoes.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from mlmodel.lifecycle import mlflow_registry

    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("seed", if_empty=True)
    if message := mlflow_registry.upgrade_store():
        print(message, flush=True)
    if not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)


def addresses(port: int) -> str:
    site = f"http://localhost:{port}"
    return (
        f"\n  Rotten Potatoes   {site}\n"
        f"  API documentation {site}/api/docs/\n"
        f"  For curators      {site}/admin/   (make admin creates an account)\n"
        "\n  Press Ctrl-C to stop it.\n"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int)
    port = parser.parse_args().port
    if port:
        require_free(port)
    fill_database()
    if port:
        print(addresses(port), flush=True)
