#!/bin/sh
# The state that the host's own files are in. Runs once, as root, before sshd and the engine start.

# Two members of the docker group, one of them only by the primary group.
useradd -m -s /bin/bash -G docker deploy
useradd -m -s /bin/bash -g docker backup-agent

# SUID and SGID files that no package owns, among them names that break careless listings.
plant() {
    install -m "$1" /bin/busybox "$2"
}
plant 4755 /usr/local/bin/rootme
plant 2755 /usr/local/bin/sgid-tool
chgrp staff /usr/local/bin/sgid-tool
chmod 2755 /usr/local/bin/sgid-tool
plant 4777 /usr/local/sbin/anyone
plant 4755 "$(printf '/usr/local/bin/two\nlines')"
plant 4755 "$(printf '/usr/local/bin/caf\351')"

# A file of a package with other content, and one of a package that got the bit without asking.
echo >>/usr/bin/chfn
chmod 4755 /usr/bin/chfn
chmod u+s /usr/bin/find

# File capabilities instead of the SUID bit.
plant 755 /usr/local/bin/capnet
setcap cap_net_raw,cap_setuid+ep /usr/local/bin/capnet

# Sensitive files that containers will mount.
mkdir -p /srv/shared /srv/www
