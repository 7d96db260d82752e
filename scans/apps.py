"""Django application: reading facts, judging them, reporting."""

from django.apps import AppConfig


class ScansConfig(AppConfig):
    """Collectors, checks and reports."""

    name = "scans"
