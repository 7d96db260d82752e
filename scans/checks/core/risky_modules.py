"""Kernel modules that hosts of containers hardly ever need, with what speaks against each.

A choice from what distributions keep from loading by itself (Ubuntu's rare network protocols,
Fedora's ``kernel-modules-extra``) and from flaws that gave users root.
"""

from collections.abc import Mapping

PROTOCOL = "a network protocol that programs load by opening a socket, with flaws that gave root"
FILE_SYSTEM = "a driver of an old file system that trusts what it finds on a disk"
LINE = "a line discipline of terminals that every user can attach, with flaws that gave root"
DIRECT = "devices that are plugged in read and write memory by it"

RISKY: Mapping[str, str] = {
    **dict.fromkeys(
        ("dccp", "sctp", "rds", "tipc", "atm", "can", "phonet", "batman_adv"), PROTOCOL
    ),
    **dict.fromkeys(("ax25", "netrom", "rose", "x25", "decnet", "econet", "ipx"), PROTOCOL),
    **dict.fromkeys(("appletalk", "af_802154", "ieee802154_socket", "l2tp_ppp"), PROTOCOL),
    **dict.fromkeys(("cramfs", "freevxfs", "jffs2", "hfs", "hfsplus", "udf"), FILE_SYSTEM),
    **dict.fromkeys(("affs", "befs", "minix", "reiserfs", "sysv", "ufs"), FILE_SYSTEM),
    **dict.fromkeys(("n_hdlc", "n_gsm"), LINE),
    **dict.fromkeys(("firewire_core", "firewire_ohci", "firewire_sbp2"), DIRECT),
    "ksmbd": "a server of files in the kernel, open to whoever reaches its port",
    "vivid": "a driver for tests, with flaws that gave root",
}
"""Module, with ``_`` as /proc/modules writes it → what speaks against it."""


def plain(name: str) -> str:
    """A module's name as the kernel writes it: ``-`` and ``_`` are the same to modprobe(8)."""
    return name.replace("-", "_")
