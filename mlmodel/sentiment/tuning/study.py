"""A search that outlives its process: its trials, and which parameters come next."""

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlmodel.sentiment.errors import SentimentError
from mlmodel.sentiment.models.algorithms import Range
from mlmodel.sentiment.tuning.search import Params, Scores, Space, rounded

if TYPE_CHECKING:
    import optuna

FACTS = "facts"


@dataclass(frozen=True)
class Trial:
    number: int
    params: Params
    scores: Scores | None  # None where the algorithm refused the parameters,
    refusal: str  # saying this
    seconds: float


@dataclass(frozen=True)
class Asked:
    """A trial that has begun."""

    trial: "optuna.trial.Trial"
    params: Params
    since: float


class Study:
    """Trials of one algorithm on one corpus, in a file: what is finished outlives the process.

    Parameters
    ----------
    path : Path
        An SQLite file, made if needed; it holds many studies.
    name : str
    facts : dict
        What all trials must have in common to be compared: algorithm, data, folds.
    space : dict of Range
    seed : int

    Raises
    ------
    SentimentError
        If Optuna is not installed, the file is damaged, or the study of that name was
        begun with other facts.
    """

    def __init__(
        self, path: Path, name: str, *, facts: dict[str, Any], space: Space, seed: int
    ) -> None:
        self.name, self.space = name, space
        with _in_one_sentence(path):
            import optuna

            path.parent.mkdir(parents=True, exist_ok=True)
            optuna.logging.set_verbosity(optuna.logging.WARNING)
            self._study = optuna.create_study(
                storage=f"sqlite:///{path}",
                study_name=name,
                direction="maximize",
                load_if_exists=True,
            )
            # With the seed alone a study that is taken up would draw the same again.
            drawn = len(self._study.get_trials(deepcopy=False))
            self._study.sampler = optuna.samplers.TPESampler(
                # Trials that run beside each other are not to try the same.
                seed=seed + drawn,
                constant_liar=True,
            )
            self._compare(facts)
            self._take_up()

    def _compare(self, facts: dict[str, Any]) -> None:
        begun_with = self.recall(FACTS)
        if begun_with is None:
            self.remember(FACTS, facts)
            return
        for name in sorted(facts.keys() | begun_with.keys()):
            was, is_ = begun_with.get(name), facts.get(name)
            if was != is_:
                raise SentimentError(
                    f"study {self.name} was begun with {name} {was}, not {is_}: "
                    "go on with that, or give another --study"
                )

    def _take_up(self) -> None:
        """Try again first what was interrupted."""
        import optuna

        for trial in self._study.get_trials(states=[optuna.trial.TrialState.RUNNING]):
            self._study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
            if trial.params:
                self._study.enqueue_trial(trial.params)

    def recall(self, name: str) -> Any:
        return self._study.user_attrs.get(name)

    def remember(self, name: str, value: Any) -> None:
        self._study.set_user_attr(name, value)

    @property
    def trials(self) -> list[Trial]:
        """The finished ones, in their order."""
        import optuna

        finished = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)
        return [_as_trial(trial, self.space) for trial in self._study.get_trials(states=finished)]

    @property
    def best(self) -> Trial | None:
        scored = [(trial.scores.objective, trial) for trial in self.trials if trial.scores]
        return max(scored, key=lambda pair: pair[0])[1] if scored else None

    def begin_with(self, params: Params) -> None:
        """Try these first, if nothing was tried yet: the search is not to end below them."""
        if not self._study.get_trials(deepcopy=False):
            self._study.enqueue_trial({name: params[name] for name in self.space})

    def ask(self) -> "Asked":
        """The parameters to try next.

        What is never told of comes first when the study is taken up.
        """
        asked = self._study.ask({name: _distribution(r) for name, r in self.space.items()})
        return Asked(asked, rounded(asked.params, self.space), time.monotonic())

    def tell(self, asked: "Asked", measured: Callable[[], Scores]) -> Trial:
        """Keep what was measured; any exception but a refusal leaves the trial unfinished."""
        import optuna

        try:
            scores = measured()
        except ValueError as error:  # scikit-learn's, of parameters that do not go together
            asked.trial.set_user_attr("refusal", str(error).partition("\n")[0])
            told = self._study.tell(asked.trial, state=optuna.trial.TrialState.PRUNED)
        else:
            asked.trial.set_user_attr("scores", asdict(scores))
            asked.trial.set_user_attr("seconds", round(time.monotonic() - asked.since, 1))
            told = self._study.tell(asked.trial, scores.objective)
        return _as_trial(told, self.space)

    def run_trial(self, measure: Callable[[Params], Scores]) -> Trial:
        asked = self.ask()
        return self.tell(asked, lambda: measure(asked.params))


def _distribution(range_: Range) -> "optuna.distributions.BaseDistribution":
    from optuna.distributions import FloatDistribution, IntDistribution

    if isinstance(range_.low, int) and isinstance(range_.high, int):
        return IntDistribution(range_.low, range_.high, log=range_.log)
    return FloatDistribution(range_.low, range_.high, log=range_.log)


def _as_trial(trial: "optuna.trial.FrozenTrial", space: Space) -> Trial:
    scores = trial.user_attrs.get("scores")
    return Trial(
        number=trial.number,
        params=rounded(trial.params, space),
        scores=Scores(**scores) if scores else None,
        refusal=trial.user_attrs.get("refusal", ""),
        seconds=trial.user_attrs.get("seconds", 0.0),
    )


@contextmanager
def _in_one_sentence(path: Path) -> Iterator[None]:
    try:
        import optuna
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError as error:
        raise SentimentError(
            "Optuna is not installed here; requirements-training.txt brings it"
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        try:
            yield
        except (optuna.exceptions.OptunaError, SQLAlchemyError, RuntimeError, OSError) as error:
            first_line = str(error).strip().partition("\n")[0]
            raise SentimentError(f"the studies in {path} cannot be read: {first_line}") from error
