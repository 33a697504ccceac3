"""What the model card says, from the facts of a model."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlmodel.sentiment.evaluation.behaviour import GroupResult
from mlmodel.sentiment.evaluation.metrics import SLICES
from mlmodel.sentiment.features.text import MAX_N
from mlmodel.sentiment.models.algorithms import get_algorithm

PLOT = "img/calibration.svg"  # beside the card
MIN_FOR_ECE = 300  # with fewer reviews 15 bins are mostly chance, and the figure with them
N_FAILURES = 12
# How a training was asked for; not parameters of an algorithm.
OPTIONS = ("seed", "refit", "unlabelled", "unlabelled_md5")

LIMITS = """\
- It sums weights of words, pairs and triples. Irony, a plot told in angry words, praise that is
  taken back three sentences later, and who says what are beyond it.
- It knows English reviews of films, as people wrote them on IMDb until 2011. Newer words and other
  subjects are unknown to it; a text of which it knows too few words is called unreadable.
- It was taught on reviews of 4 stars and fewer, and of 7 and more. A lukewarm review is put on one
  side all the same; its probability is then often, not always, near one half.
- Its labels err in both directions. A movie's freshness is corrected for that, a single label is
  not: below 60 % confidence it is little better than a coin, and a person should look.
- It judges texts, not people. It must not be used to rate who wrote them, and it was not tested for
  subjects other than films."""
READING_THE_FIGURES = """\
*Out of fold*: every review it was trained on, read by a model that had not seen the review's film.
*Freshness error*: how far a film's estimated share of positive reviews is from its true one, mean
over films with ten reviews or more.

Accuracy by length of the review, in words:"""
SENTENCES = """\
The corpus has next to no short reviews, and visitors write them. So sentences of held-out reviews
are read as reviews of their own. A sentence takes its review's label, which it often does not speak
for (*the first scene is at sea*): the accuracies are a lower bound."""
SOURCE = """\
Where the reviews come from is told in [data/README.md](../data/README.md). No film is on both sides
of a split."""
REFITTED = """\
The model was fitted once more on all labelled reviews after it was measured: the figures below are
of the one that had not seen the held-out films."""
REPRODUCIBLE = """\
`train` pulls the data that the commit names (`dvc pull`), by the hashes above. The same data, code
and locked packages give the same model; the file of a linear model has the same checksum, too."""


@dataclass(frozen=True)
class CardFacts:
    """What there is to know about a model."""

    facts: Mapping[str, Any]  # as ``releases.read_facts`` gives them
    checksum: str
    size_bytes: int
    n_ngrams: int | None  # None for a model that is not linear
    behaviour: Sequence[GroupResult]

    @property
    def metrics(self) -> Mapping[str, Any]:
        return self.facts.get("metrics", {})

    @property
    def params(self) -> Mapping[str, Any]:
        return self.facts.get("params", {})


def render(card: CardFacts) -> str:
    """The card as Markdown; the same facts give the same bytes."""
    sections = [
        ("# Model card", _summary(card)),
        ("## Data", _data(card)),
        ("## How good it is", _figures(card)),
        ("## Short text", _short_text(card)),
        ("## Calibration", _calibration(card)),
        ("## Behaviour suite", _behaviour(card)),
        ("## Known weaknesses", LIMITS),
        ("## Make it again", _recipe(card)),
    ]
    return "\n\n".join(f"{title}\n\n{body}" for title, body in sections if body) + "\n"


def _summary(card: CardFacts) -> str:
    facts = card.facts
    ngrams = f"{card.n_ngrams:,} n-grams of 1 to {MAX_N} words" if card.n_ngrams else "not linear"
    rows = [
        ("algorithm", f"`{facts['algorithm']}`: {get_algorithm(facts['algorithm']).description}"),
        ("size", f"{card.size_bytes / 1e6:.1f} MB, {ngrams}"),
        ("checksum", f"`{card.checksum}`"),
        ("commit", _commit(facts)),
        ("MLflow run", f"`{facts['run_id']}`" if facts.get("run_id") else "–"),
    ]
    return (
        "Reads a movie review and says how likely it is to be a positive one.\n"
        "Written by `manage.py model_card` from the model folder; do not edit it by hand.\n\n"
        + _table(("model", ""), rows)
    )


def _commit(facts: Mapping[str, Any]) -> str:
    commit = f"`{facts['git_commit']}`" if facts.get("git_commit") else "–"
    return f"{commit}, with changes not committed" if facts.get("git_dirty") else commit


def _data(card: CardFacts) -> str:
    facts, metrics = card.facts, card.metrics
    seen = metrics.get("out_of_fold", {})
    rows = [
        ("dataset version", facts.get("dataset_version") or "–"),
        ("hash (md5)", f"`{facts.get('dataset_hash') or '–'}`"),
        ("labelled reviews", _count(facts.get("n_reviews"))),
        ("of them held out", f"{_count(metrics.get('n'))}{_films(metrics)}"),
        ("of them trained on", f"{_count(seen.get('n'))}{_films(seen)}"),
    ]
    if card.params.get("unlabelled"):
        md5 = card.params["unlabelled_md5"]
        rows.append(("unlabelled reviews", f"{_count(card.params['unlabelled'])}, md5 `{md5}`"))
    text = f"{_table(('data', ''), rows)}\n\n{SOURCE}"
    return f"{text}\n{REFITTED}" if card.params.get("refit") else text


def _films(figures: Mapping[str, Any]) -> str:
    return f" of {figures['films']:,} films" if figures.get("films") else ""


def _figures(card: CardFacts) -> str:
    held_out, seen = card.metrics, card.metrics.get("out_of_fold", {})
    names = {
        "accuracy": ("accuracy", _percent),
        "AUC": ("auc", _decimal),
        "Brier score": ("brier", _decimal),
        "calibration error": ("ece", _decimal),
    }
    rows = [("reviews", _count(held_out.get("n")), _count(seen.get("n")))]
    rows += [
        (name, show(held_out.get(key)), show(seen.get(key))) for name, (key, show) in names.items()
    ]
    # Out of fold nothing is called unreadable: only the probabilities are kept.
    rows.append(("called unreadable", _count(held_out.get("unreadable")), "–"))
    for name, key in (("freshness error", "estimate"), ("the same, counting labels", "count")):
        errors = [_decimal(part.get("freshness_mae", {}).get(key)) for part in (held_out, seen)]
        rows.append((name, errors[0], errors[1]))
    return "\n\n".join(
        [
            _table(("", "held-out films", "out of fold"), rows),
            READING_THE_FIGURES,
            _table(
                ("words", "held-out films", "reviews", "out of fold", "reviews"),
                _slice_rows(held_out.get("slices", {}), seen.get("slices", {})),
            ),
        ]
    )


def _slice_rows(*columns: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            name,
            *(
                cell
                for column in columns
                for cell in (
                    _percent(column.get(name, {}).get("accuracy")),
                    _count(column.get(name, {}).get("n", 0)),
                )
            ),
        )
        for name in SLICES
    ]


def _short_text(card: CardFacts) -> str:
    found = card.metrics.get("sentences")
    if not found:
        return ""
    rows = [
        (f"{name} sentence", _count(part["n"]), _percent(part["accuracy"]), _ece(part))
        for name, part in found["places"].items()
    ]
    rows.append(("all", _count(found["n"]), _percent(found["accuracy"]), _ece(found)))
    rows += [
        (f"{name} words", _count(part["n"]), _percent(part["accuracy"]), _ece(part))
        for name in SLICES
        if (part := found["slices"].get(name))
    ]
    header = ("", "sentences", "accuracy", "calibration error")
    return f"{SENTENCES}\n\n{_table(header, rows)}"


def reliability_series(card: CardFacts) -> dict[str, list[dict[str, float]]]:
    found = {
        "held-out reviews": card.metrics.get("reliability"),
        "sentences of held-out reviews": card.metrics.get("sentences", {}).get("reliability"),
    }
    return {name: bins for name, bins in found.items() if bins}


def _calibration(card: CardFacts) -> str:
    series = reliability_series(card)
    if not series:
        return ""
    text = f"![Positive in truth against stated probability, held-out films]({PLOT})"
    for name, bins in series.items():
        rows = [
            (_percent(bin["p_positive"]), _percent(bin["positive"]), _count(bin["n"]))
            for bin in bins
        ]
        text += f"\n\n{name.capitalize()}:\n\n" + _table(("stated", "positive in truth", "n"), rows)
    return text


def _behaviour(card: CardFacts) -> str:
    results = card.behaviour
    passed, total = sum(r.passed for r in results), sum(r.total for r in results)
    rows = [(r.name, f"{r.passed} of {r.total}", _percent(r.pass_rate)) for r in results]
    rows.append(("**all**", f"**{passed} of {total}**", f"**{_percent(passed / total)}**"))
    text = (
        "Short texts whose reading is beyond dispute, written for this purpose "
        "(`mlmodel/sentiment/evaluation/behaviour_cases.toml`).\n\n"
        + _table(("group", "passed", ""), rows)
    )
    failures = [(r.name, failure) for r in results for failure in r.failures]
    if not failures:
        return text
    shown = "\n".join(f"- {name}: {failure}" for name, failure in failures[:N_FAILURES])
    return f"{text}\n\nNot passed ({min(N_FAILURES, len(failures))} of {len(failures)}):\n\n{shown}"


def _recipe(card: CardFacts) -> str:
    facts = card.facts
    commands = [
        f"git checkout {facts.get('git_commit') or 'COMMIT'}",
        "make setup",
        f".venv/bin/python manage.py train --promote {train_options(card)}",
        ".venv/bin/python manage.py export_model mlmodel/pretrained",
    ]
    return "\n".join(["```", *commands, "```", "", REPRODUCIBLE])


def train_options(card: CardFacts) -> str:
    """What ``manage.py train`` was told; every parameter, whatever today's defaults are."""
    words = ["--algorithm", card.facts["algorithm"], "--seed", str(card.params.get("seed", 0))]
    words += [f"--{name}" for name in ("unlabelled", "refit") if card.params.get(name)]
    for name, value in sorted(card.params.items()):
        if name not in OPTIONS:
            words += ["--param", f"{name}={value}"]
    return shlex.join(words)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _decimal(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _count(n: float | None) -> str:
    return "–" if n is None else f"{n:,.0f}"


def _ece(part: Mapping[str, float]) -> str:
    return _decimal(part["ece"]) if part["n"] >= MIN_FOR_ECE else "–"
