import pytest

from scans.checks.core.security_options import security_options
from tests.factories import container


@pytest.mark.parametrize(
    ("option", "name", "value"),
    [
        ("seccomp=unconfined", "seccomp", "unconfined"),
        ("seccomp:unconfined", "seccomp", "unconfined"),
        ("label=type:spc_t", "label", "type:spc_t"),
        ("label:disable", "label", "disable"),
        ("no-new-privileges", "no-new-privileges", ""),
        ("no-new-privileges:true", "no-new-privileges", "true"),
        ("no-new-privileges=false", "no-new-privileges", "false"),
    ],
)
def test_reads_both_separators_and_bare_names(option: str, name: str, value: str) -> None:
    assert security_options(container(security_options=(option,)), name) == (value,)


def test_gives_all_values_of_a_repeated_option_in_order() -> None:
    options = ("label=user:u", "apparmor=x", "label=type:t")
    assert security_options(container(security_options=options), "label") == ("user:u", "type:t")


def test_an_option_whose_value_names_another_is_not_that_other() -> None:
    options = ("apparmor=seccomp", "seccomp-extra=x")
    assert security_options(container(security_options=options), "seccomp") == ()
