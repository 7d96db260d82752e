"""Django application: what is audited and how it is reached."""

from django.apps import AppConfig


class HostsConfig(AppConfig):
    """Hosts, their credentials and connections."""

    name = "hosts"
