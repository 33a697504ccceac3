"""Print a model folder's checksum: python -m scripts.ci.model_checksum FOLDER."""

import sys
from pathlib import Path

from mlmodel.sentiment.errors import ModelUnavailable
from mlmodel.sentiment.io.model_folder import folder_checksum

if __name__ == "__main__":
    try:
        print(folder_checksum(Path(sys.argv[1])))
    except ModelUnavailable as error:
        sys.exit(str(error))
