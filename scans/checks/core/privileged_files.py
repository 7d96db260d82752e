"""What SUID programs and file capabilities give to whoever runs them."""

import re

from scans.checks.core.capabilities import CAPABILITIES, mask

_PROGRAMS = """
sh bash rbash dash ash zsh ksh mksh csh tcsh fish busybox

python pypy perl ruby lua luajit php node nodejs deno bun tclsh wish expect gdb awk gawk mawk nawk
find xargs env nice nohup timeout setarch stdbuf taskset ionice watch time strace ltrace chroot
unshare nsenter capsh setpriv runuser start-stop-daemon make git rsync script tmux

vi vim vim.basic vim.tiny nvim view rvim nano pico emacs ed ex sed less more most

cp mv dd tar cpio cat tac head tail tee cut sort od xxd hexdump strings base64 install ln zip unzip
7z gzip bzip2 xz zstd ar chmod chown chgrp setfacl setcap debugfs

nmap nc ncat netcat socat curl wget openssl tcpdump ftp tftp

docker podman nerdctl ctr runc crun crictl systemctl apt apt-get dpkg rpm yum dnf apk
"""
# shells; interpreters and what runs a command; editors and pagers; what reads or writes any file;
# what runs a program for the network or fetches into a file; what commands engine or system

DANGEROUS_PROGRAMS = frozenset(_PROGRAMS.split())
"""Programs that hand their privileges to whoever runs them (the class that GTFOBins collects)."""

_CAPABILITIES = """
CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER SETUID SETGID SETFCAP SETPCAP SYS_ADMIN SYS_MODULE
SYS_PTRACE SYS_RAWIO SYS_CHROOT MKNOD MAC_OVERRIDE MAC_ADMIN BPF
"""

DANGEROUS_CAPABILITIES = mask(_CAPABILITIES.split())
"""Capabilities that make root of whoever runs the file, or read and write any file."""

SHIPPED_WITH_CAPABILITIES = frozenset(
    {"newuidmap", "newgidmap", "suexec", "snap-confine"}
    | {"krb5_child", "ldap_child", "proxy_child", "selinux_child", "sssd_pam"}
)
"""Programs that distributions package with such capabilities, made to hold them safely."""


def permitted_capabilities(text: str) -> int | None:
    """The permitted set that a file's capabilities grant, as a bit mask.

    ``text`` is what ``getcap`` prints (the language of cap_from_text(3)): ``cap_net_raw=ep``,
    ``= cap_setuid,cap_setgid+ep``, ``=ep`` for all. None when it is not of that form.
    """
    permitted = 0
    for clause in re.sub(r"\[rootid=\d+\]", "", text.lower()).split():
        parts = re.fullmatch(r"([a-z0-9_,]*)((?:[=+-][eip]*)+)", clause)
        concerned = _capability_list(parts[1]) if parts else None
        if parts is None or concerned is None:
            return None
        for operator, flags in re.findall(r"([=+-])([eip]*)", parts[2]):
            if operator == "=" or (operator == "-" and "p" in flags):
                permitted &= ~concerned
            if operator != "-" and "p" in flags:
                permitted |= concerned
    return permitted


def _capability_list(text: str) -> int | None:
    if text in ("", "all"):
        return mask(CAPABILITIES)
    listed = [name.removeprefix("cap_").upper() for name in text.split(",")]
    return mask(listed) if set(listed) <= set(CAPABILITIES) else None
