import json as json_format
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mlmodel.error_summary import summarize
from mlmodel.lifecycle import releases
from mlmodel.management.errors import summarize_errors
from mlmodel.management.options import add_profile_option
from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.evaluation.gate import Report, table
from mlmodel.sentiment.io.files import atomic_write
from mlmodel.training import gate

REFUSED = 2  # exit code


def refusal(version: str, report: Report) -> CommandError:
    lines = ", ".join(line.name for line in report.refusals)
    return CommandError(f"the gate refuses release {version}: {lines}", returncode=REFUSED)


def trained_release(metrics: Path) -> str:
    """Return the version in a file of `train --metrics`; several may be trained at once."""
    try:
        return json_format.loads(metrics.read_text(encoding="utf-8"))["release"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise SentimentError(f"{metrics} names no release: {summarize(error)}") from error


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
        # For the stage in dvc.yaml.
        parser.add_argument(
            "--trained",
            type=Path,
            metavar="FILE",
            help="check the release in this file of `train --metrics`",
        )
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="write the report here, as JSON"
        )
        parser.add_argument(
            "--exit-zero", action="store_true", help="exit with 0 even if the gate refuses"
        )

    def handle(self, *, release, against, dataset, profile, json, **options) -> None:
        with summarize_errors():
            if options["trained"]:
                release = trained_release(options["trained"])
            challenger = releases.find(release) if release else gate.newest_challenger()
            report = gate.run(
                challenger,
                against=releases.find(against) if against else None,
                dataset=dataset or settings.DATA_DIR / "train.csv",
                profile=profile,
            )
        document = json_format.dumps({"version": challenger.version, **report.as_dict()})
        if options["report"]:
            with summarize_errors(), atomic_write(options["report"]) as stream:
                stream.write(document + "\n")
        if json:
            self.stdout.write(document)
        else:
            self.stdout.write(f"{heading(challenger.version, report)}\n{table(report.lines)}")
        if not report.passed:
            error = refusal(challenger.version, report)
            if not options["exit_zero"]:
                raise error
            self.stderr.write(str(error))
        elif not json:
            self.stdout.write(f"The gate passes release {challenger.version}.")
