#!/bin/sh
# One user for each way of logging in and each kind of right. Runs once, as root.

user() {
    useradd -m -s /bin/bash "$@"
    for name; do :; done
    install -d -m 700 -o "$name" "/home/$name/.ssh"
}
trust() {
    install -m 600 -o "$1" "/lab/keys/$2.pub" "/home/$1/.ssh/authorized_keys"
}

user auditor
trust auditor id_ed25519

# Debian has a group of that name already.
user -g operator operator
trust operator id_ed25519
echo 'operator ALL=(ALL:ALL) NOPASSWD: ALL' >/etc/sudoers.d/operator

user pwsudo
trust pwsudo id_ed25519
echo 'pwsudo ALL=(ALL:ALL) ALL' >/etc/sudoers.d/pwsudo
echo 'pwsudo:pwsudo-password' | chpasswd

user -G docker member
trust member id_ed25519

user typist
echo 'typist:typist-password' | chpasswd

user locked
trust locked id_encrypted

user certified
install -m 644 /lab/keys/user-ca.pub /etc/ssh/user-ca.pub

cat >/etc/ssh/sshd_config.d/lab.conf <<'S'
TrustedUserCAKeys /etc/ssh/user-ca.pub
PasswordAuthentication no
Match User typist
    PasswordAuthentication yes
S
chmod 440 /etc/sudoers.d/operator /etc/sudoers.d/pwsudo
# Root can't log in here.
rm -f /root/.ssh/authorized_keys
