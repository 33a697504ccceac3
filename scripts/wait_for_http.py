"""Wait until an address answers with 200: python scripts/wait_for_http.py URL [SECONDS]."""

import sys
import time
from urllib.error import URLError
from urllib.request import urlopen


def wait_for(url: str, timeout_s: float) -> None:
    """Raises TimeoutError with the last thing that went wrong."""
    end = time.monotonic() + timeout_s
    while True:
        try:
            with urlopen(url, timeout=5) as response:
                if response.status == 200:
                    return
        except (URLError, OSError) as error:
            problem = error
        if time.monotonic() > end:
            raise TimeoutError(f"{url} did not answer within {timeout_s:g} s: {problem}")
        time.sleep(0.2)


if __name__ == "__main__":
    try:
        wait_for(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 60)
    except TimeoutError as error:
        sys.exit(str(error))
