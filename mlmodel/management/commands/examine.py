import json as json_format
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mlmodel.management.errors import summarize_errors
from mlmodel.management.options import add_profile_option
from mlmodel.sentiment.evaluation.gate import table
from mlmodel.sentiment.evaluation.label_examination import Examination
from mlmodel.training.label_examination import LabelsRefused, describe, examine_dataset

REFUSED = 2  # exit code


def refusal(error: LabelsRefused) -> CommandError:
    rows = describe(error.examination)
    hint = "`train --no-examination` trains a model that the gate will refuse"
    return CommandError("\n".join(filter(None, [f"{error}; {hint}", rows])), returncode=REFUSED)


def as_dict(examination: Examination) -> dict[str, Any]:
    """Return the figures that `dvc metrics diff` compares; no review's text."""
    return {
        "passed": not examination.refusals,
        **{line.name: line.challenger for line in examination.lines},
        "contradictory rows": [each.row for each in examination.contradictions],
    }


class Command(BaseCommand):
    help = "Examine the labels of a dataset, as `train` does first. Exit code 2: they are refused."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dataset", type=Path, help="default: data/train.csv")
        add_profile_option(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, dataset: Path | None, profile: str, json: bool, **options) -> None:
        with summarize_errors():
            dataset = dataset or settings.DATA_DIR / "train.csv"
            examination = examine_dataset(dataset, profile=profile)
        if json:
            self.stdout.write(json_format.dumps(as_dict(examination), indent=1))
        else:
            self.stdout.write(table(examination.lines))
        if examination.refusals:
            raise refusal(LabelsRefused(examination))
