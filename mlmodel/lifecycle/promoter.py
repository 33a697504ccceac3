"""Options for the person who promotes with a command, and for their reason."""

import getpass
from argparse import ArgumentParser


def add_promoter_options(parser: ArgumentParser) -> None:
    parser.add_argument("--reason", default="", help="recorded, and shown on the site")
    parser.add_argument("--by", default="", metavar="NAME", help="default: the system's user")


def promoter_name(name: str) -> str:
    """Return the given name, or that of the system's user."""
    if name:
        return name
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # the user of a container may have a number and no name
        return "command line"
