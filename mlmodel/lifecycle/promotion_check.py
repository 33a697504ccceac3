"""Why a release must not be promoted now.

The gate's report says how a release compared with what served when the gate ran. Something else
may serve by now, so a promotion compares again, on the reference exam: that takes a second.
"""

from mlmodel.lifecycle.gold import gold_reviews
from mlmodel.lifecycle.model_store import model_store
from mlmodel.lifecycle.opponent import serving_release
from mlmodel.models import Release
from mlmodel.sentiment.evaluation.criteria import PROFILES, shown
from mlmodel.sentiment.evaluation.exam import ExamOutputs, load_exam, reference_line, sit_exam
from mlmodel.sentiment.io.loader import load_scorer


def objections(release: Release) -> list[str]:
    """Return why the release must not be promoted without force; none if it may be.

    Raises
    ------
    ModelUnavailable
        If its model folder is missing or damaged.
    """
    serving = serving_release()
    if serving == release:
        return []  # nothing would change
    if release.is_refused:
        return [_refusal(release)]
    if release.promotions.exists():
        return []  # it was champion before: going back is always possible
    if release.version.isdecimal() and not release.gate:
        return [f"the gate has not checked release {release.version}: run `gate {release.version}`"]
    return _compare(release, serving) if serving else []


def _refusal(release: Release) -> str:
    why = "; ".join(
        f"{line['name']}: {line['why']}"
        for line in release.gate.get("lines", [])
        if line["verdict"] == "refused"
    )
    return f"the gate rejected release {release.version} ({why})"


def _compare(release: Release, serving: Release) -> list[str]:
    exam = load_exam(gold_reviews())
    mine, other = (_outputs(each, exam) for each in (release, serving))
    line = reference_line(exam, mine, other, PROFILES["release"])
    names = f"release {release.version} against {serving.version}, which serves"
    if line.outcome == "refused":
        return [f"reference comparison of {names}: {line.why}"]
    is_smoke = release.gate.get("profile") == "smoke"
    if is_smoke and (line.challenger or 0) < (line.champion or 0):
        shares = (shown(line.name, share) for share in (line.challenger, line.champion))
        return [
            f"the smoke profile passed it, and that cannot replace a better model: {names}, "
            f"reads {' against '.join(shares)} of the reference reviews right"
        ]
    return []


def _outputs(release: Release, exam) -> ExamOutputs:
    folder = model_store().find(release.checksum)
    return sit_exam(load_scorer(folder, checksum=release.checksum), exam)
