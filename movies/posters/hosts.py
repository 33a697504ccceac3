"""The hosts from which a browser may load posters (``POSTER_HOSTS``)."""

from urllib.parse import urlsplit

from django.conf import settings

EVERY_HOST = "https:"


def is_allowed(url: str) -> bool:
    """Return whether the site's Content-Security-Policy allows a poster from this address."""
    try:
        parts = urlsplit(url)
    except ValueError:  # such as https://[
        return False
    host = parts.netloc.rpartition("@")[2].lower().removesuffix(":443")
    return parts.scheme == "https" and any(_matches(host, each) for each in settings.POSTER_HOSTS)


def _matches(host: str, allowed: str) -> bool:
    allowed = allowed.lower()
    if allowed == EVERY_HOST:
        return True
    # As in a policy, *.example.com does not include example.com.
    return host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed
