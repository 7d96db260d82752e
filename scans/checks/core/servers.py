"""Programs by name: which are servers, and which only start, watch or help others."""

from collections.abc import Mapping

_SERVERS = {
    "a database": "mysqld mariadbd postgres mongod mongos redis-server valkey-server memcached"
    " influxd clickhouse-serv couchdb etcd",
    "a web server or proxy": "nginx apache2 httpd lighttpd caddy haproxy squid varnishd traefik"
    " envoy",
    "an application server": "php-fpm uwsgi gunicorn java catalina jenkins",
    "a message broker": "beam.smp mosquitto nats-server",
    "a name server": "named unbound pdns_server knotd bind9",
    "a mail server": "master exim sendmail dovecot smtpd opensmtpd",
    "a file server": "smbd nmbd nfsd rpc.nfsd rpc.mountd vsftpd proftpd pure-ftpd in.tftpd minio",
    "a directory or sign-in server": "slapd ypserv krb5kdc freeradius radiusd",
    "a print server": "cupsd",
    "a desktop": "Xorg Xwayland gdm sddm lightdm gnome-shell",
    "a super-server": "xinetd inetd",
}

SERVERS: Mapping[str, str] = {
    name: kind for kind, names in _SERVERS.items() for name in names.split()
}
"""Name of a process → what it serves. The kernel cuts names at 15 characters; ``master`` is that
of Postfix and Cyrus."""

_HELPERS = """
init systemd tini tini-static dumb-init docker-init podman-init catatonit dinit openrc-init
s6-svscan s6-supervise s6-log s6-linux-init s6-ipcserverd runsv runsvdir svlogd multilog
my_init supervisord circusd monit pidproxy forego goreman honcho foreman mysqld_safe
gosu su su-exec sudo setpriv runuser start-stop-daemon conmon pause
sleep tail cat tee logger inotifywait rsyslogd syslogd syslog-ng klogd
dbus-daemon dbus-broker agetty getty login (sd-pam)
"""
# inits and supervisors; what starts a program as another user; what waits, copies or logs; what
# systemd brings along

HELPERS = frozenset(_HELPERS.split())
"""What starts and watches services, waits, or carries their logs, and is no service itself."""

SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "fish", "rbash"})


def plain_name(name: str) -> str:
    """A known server without its version: ``php-fpm8.2`` → ``php-fpm``; others as they are."""
    plain = name.rstrip("-.0123456789")
    return plain if plain in SERVERS else name


def server_kind(name: str) -> str | None:
    """What a process of that name serves; None for no known server."""
    return SERVERS.get(plain_name(name))


def is_helper(name: str) -> bool:
    """Whether a process of that name only starts, watches or helps services."""
    return name in HELPERS or name in SHELLS or name.startswith("systemd-")
