"""Create an account for the admin pages.

In a terminal, Django asks for name and password. Otherwise they are the variables of Django's own
``createsuperuser --noinput``, so that a script or a container can create the account as well.
"""

import os
import sys

import django

VARIABLES = (
    "There is no terminal to ask in. Set DJANGO_SUPERUSER_PASSWORD (or a file with it,\n"
    "DJANGO_SUPERUSER_PASSWORD_FILE) and, if you like, DJANGO_SUPERUSER_USERNAME\n"
    "(default: admin) and DJANGO_SUPERUSER_EMAIL."
)


def create_admin() -> None:
    from django.core.management import call_command

    from common.environment import Environment

    env = Environment()
    password = env.str("DJANGO_SUPERUSER_PASSWORD", default="")
    if password:
        name = env.str("DJANGO_SUPERUSER_USERNAME", default="admin")
        create_from_variables(name, env.str("DJANGO_SUPERUSER_EMAIL", default=""), password)
    elif sys.stdin.isatty():
        call_command("createsuperuser")
    else:
        sys.exit(VARIABLES)


def create_from_variables(name: str, email: str, password: str) -> None:
    from django.contrib.auth.models import User
    from django.core.management import CommandError, call_command

    existing = User.objects.filter(username=name).first()
    if existing and existing.is_staff:
        print(f"The account {name} exists already; nothing was changed.")
        return
    os.environ["DJANGO_SUPERUSER_PASSWORD"] = password  # may be from a file
    try:
        call_command("createsuperuser", interactive=False, username=name, email=email, verbosity=0)
    except CommandError as error:
        sys.exit(f"{name}: {error}")
    print(f"Created the account {name}, which may do everything in the admin.")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rottenpotatoes.settings")
    django.setup()
    create_admin()
