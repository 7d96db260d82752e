"""The Django project: settings, start-up checks, entry points."""

__version__ = "0.1.0"
