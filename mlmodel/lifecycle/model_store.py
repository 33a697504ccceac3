"""Where model folders are: in the store, by their checksum, or in the image with the code."""

import os
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from mlmodel.lifecycle.portable_model import LIBRARY, make_portable
from mlmodel.sentiment.errors import ModelUnavailable, SentimentError
from mlmodel.sentiment.io.model_folder import folder_checksum

INCOMING = ".incoming-"
INTERRUPTED_S = 3600  # copying a model takes seconds


def model_store() -> "ModelStore":
    return ModelStore(settings.MODEL_STORE, settings.PRETRAINED_MODEL)


@dataclass(frozen=True)
class ModelStore:
    """The model folders of this site, named by their checksums."""

    root: Path
    image: Path  # the model that came with the code

    def find(self, checksum: str) -> Path:
        """Return the folder of a model, or where it should be; the caller verifies it."""
        stored = self.root / checksum
        if not has_checksum(stored, checksum) and has_checksum(self.image, checksum):
            return self.image
        return stored

    def copies(self, checksum: str) -> list[Path]:
        """Return every intact folder of a model: the store's, the one that came with the code."""
        folders = (self.root / checksum, self.image)
        return [folder for folder in folders if has_checksum(folder, checksum)]

    def __contains__(self, checksum: str) -> bool:
        """Return whether there is an intact folder."""
        return has_checksum(self.find(checksum), checksum)

    def add(self, folder: Path, checksum: str) -> Path:
        """Copy a model folder into the store, completely or not at all."""
        target = self.root / checksum
        if has_checksum(target, checksum):
            return target
        self.root.mkdir(parents=True, exist_ok=True)
        self._clear_interrupted()
        temporary = Path(tempfile.mkdtemp(dir=self.root, prefix=INCOMING))
        try:
            shutil.copytree(folder, temporary / "model")
            shutil.rmtree(target, ignore_errors=True)  # it is damaged
            os.rename(temporary / "model", target)
        except OSError:
            if not has_checksum(target, checksum):  # else another process was faster
                raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return target

    def export(self, checksum: str, target: Path) -> None:
        """Replace ``target``, if it is empty or a model folder, by a copy of a model's folder."""
        if target.exists() and any(target.iterdir()) and not is_model(target):
            raise SentimentError(f"{target} is not empty and is no model folder; left as it is")
        if checksum not in self:
            raise ModelUnavailable(f"there is no intact folder of model {checksum[:12]}")
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
        try:
            shutil.copytree(self.find(checksum), temporary / "model")
            # A folder inside the package, like the one in git, has the library around it.
            is_inside = target.resolve().is_relative_to(LIBRARY.parent)
            make_portable(temporary / "model", with_code=not is_inside)
            shutil.rmtree(target, ignore_errors=True)
            os.rename(temporary / "model", target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def _clear_interrupted(self) -> None:
        """Remove the incomplete copies of killed processes; recent ones may be in progress."""
        for leftover in self.root.glob(f"{INCOMING}*"):
            with suppress(OSError):
                if time.time() - leftover.stat().st_mtime > INTERRUPTED_S:
                    shutil.rmtree(leftover)


def has_checksum(folder: Path, checksum: str) -> bool:
    try:
        return folder_checksum(folder) == checksum
    except (ModelUnavailable, OSError):
        return False


def is_model(folder: Path) -> bool:
    try:
        folder_checksum(folder)
    except ModelUnavailable:
        return False
    return True
