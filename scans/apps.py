"""Django application: reading facts, judging them, reporting."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from scans.advisories import AdvisoriesError, read


class ScansConfig(AppConfig):
    """Collectors, checks and reports."""

    name = "scans"


@checks.register()
def advisories_file_is_valid(**_: Any) -> list[checks.CheckMessage]:
    """Warn of installed advisories that are passed over because they can't be used."""
    installed = settings.ADVISORIES_FILE
    if installed is None or not installed.exists():
        return []
    try:
        read(installed)
    except AdvisoriesError as problem:
        text = f"POSTURE_ADVISORIES_FILE ({installed}) is not used: {problem}"
        return [checks.Warning(text, hint="Install a valid file, or remove it.", id="scans.W001")]
    return []
