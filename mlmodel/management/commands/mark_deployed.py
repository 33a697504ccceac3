import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mlmodel.lifecycle import champion_alias, promotions, releases
from mlmodel.management.errors import summarize_errors
from mlmodel.models import Release


class Command(BaseCommand):
    help = "Make the release that a deploy put live the champion here: the gate compares with it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("release", metavar="VERSION", help="the release in the build")
        parser.add_argument("--build", default="", help="the name of the build")
        parser.add_argument(
            "--deployed",
            type=Path,
            metavar="FILE",
            help="the result of the deploy (`deploy --result-file`), if there was one",
        )

    def handle(self, *, release: str, build: str, deployed: Path | None, **options) -> None:
        with summarize_errors():
            live = find_live(releases.find(release), deployed)
            if live and not live.is_champion:
                promotions.record_live(live.version, by_name="pipeline", reason=f"live in {build}")
            champion_alias.announce()
        if live:
            self.stdout.write(f"Release {live.version} is the champion.")
        else:  # the first one of a site, which came with the code
            self.stdout.write("The live model was not trained here: the champion stays as it is.")


def find_live(built: Release, deployed: Path | None) -> Release | None:
    """Return the release in the build, or the champion that its deploy kept, if known here."""
    if deployed is None or not deployed.exists():  # nothing was deployed, as on a laptop
        return built
    try:
        result = json.loads(deployed.read_text(encoding="utf-8"))
        shipped, champion = result["shipped"], result["champion"]
    except (ValueError, TypeError, KeyError) as error:
        raise CommandError(f"{deployed} is not the result of a deploy: {error!r}") from error
    if shipped != built.checksum or champion == shipped:
        return built
    return Release.objects.filter(checksum=champion).first()
