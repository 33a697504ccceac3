"""Who promotes from a command line, and why."""

import getpass
from argparse import ArgumentParser


def add_who(parser: ArgumentParser) -> None:
    parser.add_argument("--reason", default="", help="recorded, and shown on the site")
    parser.add_argument("--by", default="", metavar="NAME", help="default: the system's user")


def who(name: str) -> str:
    """The name to record: the given one, or whom the system takes the caller for."""
    if name:
        return name
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run as a number without a name
        return "command line"
