from django.core.management.base import BaseCommand, CommandError, CommandParser

from mlmodel.lifecycle import releases
from mlmodel.management.errors import summarize_errors
from mlmodel.management.options import add_promoter_options, promoter_name


class Command(BaseCommand):
    help = "Make a model version the champion: a new one or an older one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("release", metavar="VERSION", help="as `models` lists it")
        parser.add_argument(
            "--force", action="store_true", help="even if the gate rejected it; needs --reason"
        )
        add_promoter_options(parser)

    def handle(self, *, release: str, force: bool, reason: str, **options) -> None:
        with summarize_errors():
            try:
                champion = releases.promote(
                    release, by_name=promoter_name(options["by"]), force=force, reason=reason
                )
            except releases.GateRejected as error:
                hint = "--force --reason WHY promotes it nevertheless"
                raise CommandError(f"{error}; {hint}", returncode=2) from error
        self.stdout.write(f"{champion} is the champion now.")
        if not champion.gate and champion.run_id:
            self.stdout.write(f"The gate has not checked it yet: run `gate {champion.version}`.")
