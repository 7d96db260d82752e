"""Who a container belongs to: the tenant that the policy's label names, or its project."""

from scans.checks.core.policy import Policy
from scans.facts import Container

PROJECT_LABELS = ("com.docker.compose.project", "com.docker.stack.namespace")
"""What Compose and ``docker stack`` put on every container of a project."""


def tenant(container: Container, policy: Policy) -> str | None:
    """The value of the policy's tenant label; None without such a label or value."""
    return container.labels.get(policy.containers.tenant_label) or None


def owner(container: Container, policy: Policy) -> str | None:
    """The tenant where the policy names a label for it, otherwise the project.

    None for a container that was started by hand: whose it is can't be told.
    """
    if policy.containers.tenant_label:
        return tenant(container, policy)
    return next((name for key in PROJECT_LABELS if (name := container.labels.get(key))), None)


def owners_word(policy: Policy) -> str:
    """What :func:`owner` tells apart, for a sentence: ``tenants`` or ``projects``."""
    return "tenants" if policy.containers.tenant_label else "projects"
