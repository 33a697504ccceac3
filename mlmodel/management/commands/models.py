from django.core.management.base import BaseCommand

from mlmodel.lifecycle import champion_alias
from mlmodel.lifecycle.opponent import serving_release
from mlmodel.models import Promotion, Release


class Command(BaseCommand):
    help = "List the model versions this site knows, newest first, with their lineage."

    def handle(self, **options) -> None:
        releases = list(Release.objects.newest_first())
        if not releases:
            self.stdout.write("No releases yet: the site serves the pretrained model.")
            return
        self.stdout.write(
            f"  {'version':20} {'algorithm':14} {'accuracy':>8}  {'dataset':12} "
            f"{'data hash':10} {'commit':9} {'run':9} {'trained':16} {'gate':15} promoted"
        )
        # The last promotion of each release: a later row replaces an earlier one.
        promotions = {row.release_id: row for row in Promotion.objects.order_by("pk")}
        champion = Release.objects.champion() or serving_release()
        for release in releases:
            mark = "*" if release == champion else " "
            self.stdout.write(f"{mark} {self.line(release, promotions.get(release.pk))}")
        champion_alias.announce()

    @staticmethod
    def line(release: Release, promotion: Promotion | None) -> str:
        accuracy = release.metrics.get("accuracy")
        commit = release.git_commit[:7] + ("+" if release.git_dirty else "")
        return (
            f"{release.version:20} {release.algorithm:14} "
            f"{'–' if accuracy is None else format(accuracy, '.4f'):>8}  "
            f"{release.dataset_version or '–':12} {release.dataset_hash[:8] or '–':10} "
            f"{commit or '–':9} {release.run_id[:8] or '–':9} {release.created_at:%Y-%m-%d %H:%M} "
            f"{release.gate_result or '–':15} {describe(promotion) if promotion else '–'}"
        )


def describe(promotion: Promotion) -> str:
    words = [f"{promotion.at:%Y-%m-%d %H:%M}", f"by {promotion.by_name or 'unknown'}"]
    if promotion.kind != Promotion.Kind.PROMOTE:
        words.append(f"({promotion.kind})")
    if promotion.forced:
        words.append("FORCED")
    if promotion.reason:
        words.append(f"– {promotion.reason}")
    return " ".join(words)
