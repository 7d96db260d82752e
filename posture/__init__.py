"""The Django project: settings, start-up checks, entry points."""
