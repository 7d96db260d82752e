"""What a machine says of itself."""

from datetime import UTC, datetime

import pytest

from scans.collectors.host.reading import Missing
from scans.collectors.host.system import parse_clock, parse_system
from tests.scans.collectors.probing import section

RELEASE = (
    'PRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"\nID=rocky\nVERSION_ID="9.4"\nID_LIKE="rhel fedora"\n'
)


def virtualization(values: str = "", **parts: str) -> str | None:
    return parse_system(section("system", {"values": values, **parts})).virtualization


def test_reads_os_release_with_its_quotes() -> None:
    parts = {"values": "", "machine": "aarch64\n", "file /etc/os-release": RELEASE}
    system = parse_system(section("system", parts))
    assert (system.os_id, system.os_version, system.machine) == ("rocky", "9.4", "aarch64")
    assert system.os_name == "Rocky Linux 9.4 (Blue Onyx)"
    assert system.os_like == ("rhel", "fedora")


def test_systemds_word_decides() -> None:
    assert virtualization(**{"detect-virt": "kvm\n"}) == "kvm"
    assert virtualization(**{"detect-virt": "none\n", "exists": "/.dockerenv\n"}) == "none"


def test_a_container_is_told_before_the_machine_below_it() -> None:
    assert virtualization("/sys/class/dmi/id/sys_vendor:QEMU", exists="/.dockerenv\n") == "docker"
    assert virtualization(environment="container=lxc\n") == "lxc"


@pytest.mark.parametrize(
    ("vendor", "product", "kind"),
    [
        ("QEMU", "Standard PC (i440FX + PIIX, 1996)", "qemu"),
        ("VMware, Inc.", "VMware7,1", "vmware"),
        ("innotek GmbH", "VirtualBox", "oracle"),
        ("Microsoft Corporation", "Virtual Machine", "microsoft"),
        ("Amazon EC2", "m5.large", "amazon"),
        ("Google", "Google Compute Engine", "google"),
        ("Dell Inc.", "PowerEdge R650", "none"),
        ("Amazon EC2", "m5.metal", "none"),
    ],
)
def test_firmware_names_the_hypervisor(vendor: str, product: str, kind: str) -> None:
    values = f"/sys/class/dmi/id/sys_vendor:{vendor}\n/sys/class/dmi/id/product_name:{product}\n"
    assert virtualization(values) == kind


def test_a_hypervisor_without_a_name_is_still_one() -> None:
    assert virtualization(hypervisor="yes\n") == "vm-other"


def test_a_machine_that_says_nothing_is_not_taken_for_real_hardware() -> None:
    assert virtualization() is None


def test_nested_virtualization_is_known_only_with_the_module() -> None:
    path = "/sys/module/kvm_intel/parameters/nested"
    found = [
        parse_system(section("system", {"values": value})).nested_virtualization
        for value in ("", f"{path}:Y", f"{path}:1", f"{path}:N")
    ]
    assert found == [None, True, True, False]


def test_reads_the_clock() -> None:
    now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    clock = parse_clock(section("system", {"clock": "1795521630\n"}), now)
    assert clock.host == datetime(2026, 11, 24, 12, 0, 30, tzinfo=UTC)
    assert clock.offset == 30


@pytest.mark.parametrize("said", ["", "soon", "9" * 19])
def test_a_clock_without_sense_is_missing(said: str) -> None:
    with pytest.raises(Missing):
        parse_clock(section("system", {"clock": said}), datetime.now(UTC))
