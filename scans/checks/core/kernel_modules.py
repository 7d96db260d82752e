"""Kernel modules that hardly any host needs and through which its kernel was attacked.

The choice follows what the guides of distributions switch off (CIS, STIG) and the modules that
privilege escalations came through, without those that engines, storage or VPNs use.
"""

from collections.abc import Mapping

_MODULES = {
    "a network protocol that hardly anyone uses, which any user's socket loads": "dccp dccp_ipv4"
    " dccp_ipv6 sctp rds rds_tcp rds_rdma tipc ax25 netrom rose x25 lapb atm decnet econet ipx"
    " appletalk p8022 p8023 psnap phonet af_802154 ieee802154_socket can can_raw can_bcm can_isotp"
    " nfc llc2 caif caif_socket",
    "a terminal protocol that any user's terminal loads": "n_hdlc n_gsm slip x25_asy",
    "a file system that a prepared disk or image attacks": "cramfs freevxfs jffs2 hfs hfsplus udf"
    " reiserfs jfs sysv ufs qnx4 qnx6 befs bfs efs minix adfs affs omfs gfs2 ntfs ntfs3",
    "a file server in the kernel": "ksmbd",
    "a bus whose devices read and write memory": "firewire_core firewire_ohci firewire_sbp2"
    " ohci1394 sbp2",
    "a driver for tests": "vivid",
}

RARELY_NEEDED: Mapping[str, str] = {
    name: why for why, names in _MODULES.items() for name in names.split()
}
"""Module, as ``/proc/modules`` writes it → what it is."""
