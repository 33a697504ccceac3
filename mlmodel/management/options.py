"""Options that several commands have."""

import getpass
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandParser

from common.arguments import seed
from mlmodel.sentiment.evaluation.criteria import PROFILES
from mlmodel.sentiment.models.algorithms import ALGORITHMS, DEFAULT


def default_unlabelled() -> Path:
    # In a folder of its own: a stage of dvc.yaml can depend on the folder, whether or not the
    # optional file is in it.
    return settings.DATA_DIR / "unlabelled" / "reviews.csv.gz"


def default_short_reviews() -> Path:
    return settings.DATA_DIR / "short_reviews.csv"


def add_training_options(parser: CommandParser) -> None:
    """Add the options for what to train, and on which data."""
    names = ", ".join(sorted(ALGORITHMS))
    parser.add_argument("--algorithm", default=DEFAULT, help=f"one of {names}")
    parser.add_argument("--dataset", type=Path, help="default: data/train.csv")
    parser.add_argument(
        "--unlabelled",
        type=Path,
        nargs="?",
        const=default_unlabelled(),
        help="also learn from unlabelled reviews (default: data/unlabelled/reviews.csv.gz)",
    )
    parser.add_argument("--no-pull", action="store_true", help="do not run `dvc pull` first")
    parser.add_argument("--seed", type=seed, default=0)


def add_profile_option(parser: CommandParser) -> None:
    parser.add_argument(
        "--profile",
        choices=PROFILES,
        default="release",
        help="the gate's bounds; what passes only `smoke` cannot replace a better model",
    )


def add_promoter_options(parser: CommandParser) -> None:
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
