"""The kernel and how it is set up. AppArmor, SELinux and lockdown are written by hand here."""

import pytest

from scans.collectors.host.kernel import parse_kernel
from scans.collectors.host.lsm import parse_lsm
from scans.facts import Kernel
from tests.scans.collectors.probing import section


def kernel(**parts: str) -> Kernel:
    named = {name.replace("_", "-"): data for name, data in parts.items()}
    return parse_kernel(section("kernel", {"facts": "", "values": "", "exists": "", **named}))


def test_sysctls_have_dotted_names() -> None:
    found = kernel(values="kernel/yama/ptrace_scope:1\nnet/ipv4/ip_forward:0\n").sysctls
    assert found == {"kernel.yama.ptrace_scope": "1", "net.ipv4.ip_forward": "0"}


def test_installed_kernels_are_those_with_modules_or_an_image() -> None:
    listed = (
        "/lib/modules/6.1.0-40-amd64/modules.dep\n/boot/vmlinuz-6.1.0-40-amd64\n"
        "/boot/vmlinuz-6.1.0-39-amd64\n/boot/vmlinuz-lts\n/boot/vmlinuz-0-rescue-abc\n"
    )
    assert kernel(installed=listed).installed == ("6.1.0-40-amd64", "6.1.0-39-amd64")
    assert kernel().installed is None


@pytest.mark.parametrize(
    ("exists", "restarting", "required"),
    [
        ("/run/reboot-required\n", "", True),
        ("/usr/share/update-notifier/notify-reboot-required\n", "", False),
        ("", "1\n", True),
        ("", "0\n", False),
        ("", "", None),
        ("", "127\n", None),
    ],
)
def test_a_pending_reboot_is_known_only_where_something_tells(
    exists: str, restarting: str, *, required: bool | None
) -> None:
    assert kernel(exists=exists, needs_restarting=restarting).reboot_required is required


def test_blocked_modules_are_blacklisted_or_replaced_by_nothing() -> None:
    lines = (
        "blacklist pcspkr\ninstall dccp /bin/true\ninstall usb-storage /usr/bin/false\n"
        "install sound modprobe --ignore-install sound\n"
    )
    assert kernel(modprobe=lines).modules_blocked == ("pcspkr", "dccp", "usb-storage")


def test_a_blocked_module_may_be_built_in_with_either_dash() -> None:
    lines = "blacklist pcspkr\ninstall usb-storage /bin/false\n"
    found = kernel(modprobe=lines, builtin="algif_aead\nusb_storage\n")
    assert found.modules_builtin == ("usb_storage",)
    assert kernel(modprobe=lines).modules_builtin is None


def test_lockdown_is_the_word_in_brackets() -> None:
    path = "/sys/kernel/security/lockdown"
    assert kernel(facts=f"{path}:none [integrity] confidentiality\n").lockdown == "integrity"
    assert kernel().lockdown is None


def test_secrets_of_the_command_line_are_taken_out() -> None:
    line = kernel(facts="/proc/cmdline:quiet root_password=hunter2 ro\n").cmdline
    assert "hunter2" not in line
    assert "quiet" in line


def test_a_kernel_without_modules_is_none_and_one_that_loaded_none_is_empty() -> None:
    assert kernel().modules is None
    assert kernel(modules="").modules == ()
    assert kernel(modules="overlay\nbridge\n").modules == ("overlay", "bridge")


def test_the_cgroup_version_is_told_by_the_unified_file() -> None:
    both = "/sys/fs/cgroup/cgroup.controllers\n/sys/fs/cgroup\n"
    found = [kernel(exists=exists).cgroup_version for exists in ("", "/sys/fs/cgroup\n", both)]
    assert found == [None, 1, 2]


def test_reads_apparmor() -> None:
    values = (
        "/sys/kernel/security/lsm:lockdown,capability,yama,apparmor\n"
        "/sys/module/apparmor/parameters/enabled:Y\n"
    )
    lsm = parse_lsm(section("lsm", {"values": values, "filesystems": "", "profiles": "42\n"}))
    assert lsm.active == ("lockdown", "capability", "yama", "apparmor")
    assert (lsm.apparmor_enabled, lsm.apparmor_profiles, lsm.selinux) == (True, 42, "absent")


@pytest.mark.parametrize(
    ("values", "filesystems", "state"),
    [
        ("/sys/fs/selinux/enforce:1\n", "nodev\tselinuxfs\n", "enforcing"),
        ("/sys/fs/selinux/enforce:0\n", "nodev\tselinuxfs\n", "permissive"),
        ("", "nodev\tselinuxfs\n", "disabled"),
        ("", "nodev\tproc\n", "absent"),
    ],
)
def test_reads_selinux(values: str, filesystems: str, state: str) -> None:
    parts = {"values": values, "filesystems": filesystems}
    assert parse_lsm(section("lsm", parts)).selinux == state
