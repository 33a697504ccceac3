"""Load a scorer from a model folder."""

from pathlib import Path

from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.io import model_folder
from mlmodel.sentiment.models.scorer import CompiledScorer, PipelineScorer, Scorer


def load_scorer(folder: Path | str, *, checksum: str | None = None, version: str = "") -> Scorer:
    """Load the scorer from a model folder.

    Parameters
    ----------
    folder : path
        A folder with ``model.json``, or an MLflow model folder around one.
    checksum : str, optional
        The expected ``folder_checksum``, 64 hex digits; verified before anything is read.
    version : str, optional
        The name that the scorer carries as its ``version``.

    Returns
    -------
    Scorer

    Raises
    ------
    ModelUnavailable
        If the folder is missing or damaged, does not match the checksum, or contains
        a type that is not trusted.

    Examples
    --------
    >>> from mlmodel.sentiment import load_scorer
    >>> scorer = load_scorer("mlmodel/pretrained")
    >>> prediction = scorer.predict("A wonderful movie, and never dull.")
    >>> prediction.label, prediction.readable
    ('positive', True)
    """
    folder = Path(folder)
    if checksum is not None and (actual := model_folder.folder_checksum(folder)) != checksum:
        raise ModelUnavailable(
            f"{folder} is not the recorded model: "
            f"its checksum is {actual[:12]}, not {checksum[:12]}"
        )
    meta = model_folder.read_meta(folder)
    calibration = model_folder.read_calibration(meta)
    if meta.get("kind") == "linear":
        return CompiledScorer(model_folder.load_linear(folder, meta), calibration, version)
    # Start-up cost: importing scikit-learn takes a second, and linear models do without it.
    from mlmodel.sentiment.io.pipeline_file import load_pipeline  # noqa: PLC0415

    return PipelineScorer(load_pipeline(folder), calibration, version)
