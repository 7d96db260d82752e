import pytest

from scans.checks.core.capabilities import (
    ALL,
    CAPABILITIES,
    DANGEROUS,
    DEFAULT,
    PODMAN_DEFAULT,
    mask,
    names,
)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("CHOWN", 0),
        ("SETPCAP", 8),
        ("NET_RAW", 13),
        ("SYS_ADMIN", 21),
        ("MKNOD", 27),
        ("SETFCAP", 31),
        ("SYSLOG", 34),
        ("CHECKPOINT_RESTORE", 40),
    ],
)
def test_numbers_capabilities_as_the_kernel_does(name: str, number: int) -> None:
    assert CAPABILITIES.index(name) == number


def test_every_capability_is_one_bit_of_the_full_set() -> None:
    assert ALL == 0x1FFFFFFFFFF
    assert mask(CAPABILITIES) == ALL


def test_the_default_sets_are_those_that_the_engines_show_in_proc() -> None:
    assert DEFAULT == 0x00000000A80425FB
    assert PODMAN_DEFAULT == 0x00000000800405FB


def test_names_the_bits_of_a_mask_in_their_order() -> None:
    assert names(1 << 21 | 1 << 13 | 1) == ("CHOWN", "NET_RAW", "SYS_ADMIN")


def test_no_bit_has_no_name() -> None:
    assert names(0) == ()


def test_names_a_bit_newer_than_the_table_by_its_number() -> None:
    assert names(1 << 63) == ("63",)


def test_names_and_mask_are_each_other_s_inverse() -> None:
    assert mask(names(DEFAULT)) == DEFAULT


def test_refuses_a_capability_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="SYS_ADMINN"):
        mask(("SYS_ADMINN",))


def test_no_dangerous_capability_is_one_that_every_container_has() -> None:
    assert mask(DANGEROUS) & DEFAULT == 0


@pytest.mark.parametrize("name", ["SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "DAC_READ_SEARCH"])
def test_capabilities_with_known_escapes_are_dangerous(name: str) -> None:
    assert name in DANGEROUS
