from django.apps import AppConfig


class SharingConfig(AppConfig):
    """What the site tells other programs: search engines, feed readers, pages that link to it."""

    name = "sharing"
