"""What ``--security-opt`` declares for a container."""

from scans.facts import Container


def security_options(container: Container, name: str) -> tuple[str, ...]:
    """The values of all options of a name, in their order.

    Docker takes ``name=value`` and, from its early days, ``name:value``; a bare name has the
    value ``""``. ``label=type:spc_t`` is an option ``label`` of value ``type:spc_t``.
    """
    values = []
    for option in container.security_options:
        separator = "=" if "=" in option else ":"
        key, _, value = option.partition(separator)
        if key.strip().lower() == name:
            values.append(value.strip())
    return tuple(values)
