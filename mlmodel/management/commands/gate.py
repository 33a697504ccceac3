import json as json_format
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mlmodel.lifecycle import releases
from mlmodel.management.errors import summarize_errors
from mlmodel.management.options import add_profile_option
from mlmodel.sentiment.evaluation.gate import Report, table
from mlmodel.training import gate

REFUSED = 2  # exit code


def refusal(version: str, report: Report) -> CommandError:
    lines = ", ".join(line.name for line in report.refusals)
    return CommandError(f"the gate refuses release {version}: {lines}", returncode=REFUSED)


def heading(version: str, report: Report) -> str:
    against = f"against {report.against}, which serves" if report.against else "the first model"
    return f"release {version}, {against}; profile: {report.profile}"


class Command(BaseCommand):
    help = "Check whether a release may become champion. Exit code 2: it may not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("release", metavar="VERSION", nargs="?", help="default: the newest")
        parser.add_argument("--against", metavar="VERSION", help="default: the model that serves")
        parser.add_argument("--dataset", type=Path, help="default: data/train.csv")
        add_profile_option(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, release, against, dataset, profile, json, **options) -> None:
        with summarize_errors():
            challenger = releases.find(release) if release else gate.newest_challenger()
            report = gate.run(
                challenger,
                against=releases.find(against) if against else None,
                dataset=dataset or settings.DATA_DIR / "train.csv",
                profile=profile,
            )
        if json:
            self.stdout.write(
                json_format.dumps({"version": challenger.version, **report.as_dict()})
            )
        else:
            self.stdout.write(f"{heading(challenger.version, report)}\n{table(report)}")
        if not report.passed:
            raise refusal(challenger.version, report)
        if not json:
            self.stdout.write(f"The gate passes release {challenger.version}.")
