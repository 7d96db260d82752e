"""The daemon's configuration, layer by layer."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scans.collectors.host.daemon import parse_daemon
from scans.facts import DaemonConfig
from tests.scans.collectors.probing import section

UNIT = "/usr/lib/systemd/system/docker.service"
DROP_IN = "/etc/systemd/system/docker.service.d/tcp.conf"


def argv(*words: str) -> str:
    return "".join(f"{word}\0" for word in words)


def config(parts: dict[str, str | bytes], socket: str | None = None) -> DaemonConfig:
    return parse_daemon(section("daemon", parts), {}, socket)


def running(*words: str) -> dict[str, str | bytes]:
    return {"argv 27": argv("dockerd", *words), "exe 27": "/usr/sbin/dockerd\n", "uid 27": "0\n"}


def test_a_host_without_the_daemon_is_known_not_to_run_it() -> None:
    found = config({"listed": ""})
    assert (found.running, found.pid, found.argv) == (False, None, ())


def test_argv_comes_before_daemon_json() -> None:
    parts = running("--log-level=debug") | {"file /etc/docker/daemon.json": '{"log-level": "info"}'}
    found = config(parts)
    assert [(one.value, one.layer) for one in found.values("log-level")] == [
        ("debug", "argv"),
        ("info", "daemon.json"),
    ]
    assert found.values("log-level")[0].source == "/proc/27/cmdline"


def test_a_configuration_file_of_another_name_is_read() -> None:
    parts = running("--config-file", "/opt/d.json") | {
        "file /opt/d.json": '{"icc": false}',
        "file /etc/docker/daemon.json": '{"icc": true}',
    }
    icc = config(parts).effective("icc")
    assert icc is not None
    assert (icc.value, icc.source) == (False, "/opt/d.json")


def test_a_rootless_daemon_reads_its_users_file() -> None:
    path = "/home/ann/.config/docker/daemon.json"
    parts = running() | {"uid 27": "1000\n", f"file {path}": '{"icc": false}'}
    found = config(parts)
    assert found.uid == 1000
    icc = found.effective("icc")
    assert icc is not None
    assert icc.source == path


@pytest.mark.parametrize(
    ("content", "problem"),
    [('{"icc": false,}', "no JSON"), ("[1]", "no JSON object"), ("[" * 100_000, "no JSON")],
)
def test_a_broken_daemon_json_is_kept_with_its_problem(content: str, problem: str) -> None:
    found = config(running() | {"file /etc/docker/daemon.json": content})
    source = next(one for one in found.sources if one.layer == "daemon.json")
    assert source.problem is not None
    assert source.problem.startswith(problem)
    assert found.effective("icc") is None


def test_a_daemon_json_that_may_not_be_read_says_so() -> None:
    found = config(running() | {"unreadable /etc/docker/daemon.json": ""})
    assert [one.problem for one in found.sources if one.layer == "daemon.json"] == [
        "it may not be read"
    ]


def test_what_only_counts_at_the_next_start_does_not_act_now() -> None:
    parts = running() | {
        f"file {UNIT}": "[Service]\nExecStart=/usr/bin/dockerd -H fd://\n",
        f"file {DROP_IN}": "[Service]\nExecStart=\n"
        "ExecStart=/usr/bin/dockerd -H tcp://0.0.0.0:2375\n",
    }
    found = config(parts)
    assert found.effective("hosts") is None
    assert [(one.value, one.layer, one.source) for one in found.values("hosts")] == [
        (["tcp://0.0.0.0:2375"], "drop-in", DROP_IN)
    ]


def test_flags_from_an_environment_file_name_that_file() -> None:
    parts = running() | {
        f"file {UNIT}": "[Service]\nEnvironmentFile=-/etc/default/docker\n"
        "ExecStart=/usr/bin/dockerd --debug $DOCKER_OPTS\n",
        "file /etc/default/docker": 'DOCKER_OPTS="--icc=false"\n',
    }
    found = config(parts)
    icc = found.values("icc")[0]
    assert (icc.value, icc.layer, icc.source) == (False, "environment", "/etc/default/docker")
    assert found.values("debug")[0].layer == "unit"


def test_listen_streams_are_those_after_resets() -> None:
    parts: dict[str, str | bytes] = {
        "file /usr/lib/systemd/system/docker.socket": "[Socket]\nListenStream=%t/docker.sock\n",
        "file /etc/systemd/system/docker.socket.d/a.conf": "[Socket]\nListenStream=2375\n",
    }
    found = [(one.value, one.layer) for one in config(parts).listen_streams]
    assert found == [("/run/docker.sock", "socket"), ("2375", "drop-in")]


def test_secrets_leave_neither_flags_nor_files() -> None:
    secret = "s3cr3t-value"
    parts = running("--log-opt", f"splunk-token={secret}", f"--api-key={secret}") | {
        "file /etc/docker/daemon.json": json.dumps(
            {
                "log-opts": {"splunk-token": secret},
                "proxies": {"http-proxy": f"http://u:{secret}@p"},
            }
        ),
        f"file {UNIT}": f'[Service]\nEnvironment="HTTPS_PROXY=http://u:{secret}@p" '
        f"TOKEN={secret}\n",
    }
    assert secret not in repr(config(parts))


def test_of_several_daemons_the_one_behind_the_socket_counts() -> None:
    parts: dict[str, str | bytes] = {
        "argv 10": argv("dockerd", "-H", "unix:///run/other.sock"),
        "argv 20": argv("dockerd", "-H", "fd://"),
        "argv 30": argv("dockerd", "-H", "unix:///run/third.sock"),
    }
    assert config(parts).pid == 20
    assert config(parts, "/var/run/docker.sock").pid == 20
    assert config(parts, "unix:///run/third.sock").pid == 30
    assert config(parts, "/run/unknown.sock").pid == 10


def test_a_process_that_only_calls_itself_dockerd_is_none() -> None:
    parts: dict[str, str | bytes] = {"argv 9": argv("dockerd"), "exe 9": "/usr/bin/sleep\n"}
    assert not config(parts).running


def test_a_custom_seccomp_profile_is_summed_up() -> None:
    profile = {
        "defaultAction": "SCMP_ACT_ALLOW",
        "syscalls": [
            {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
            {"names": ["mount"], "action": "SCMP_ACT_ERRNO"},
        ],
    }
    parts = running("--seccomp-profile=/etc/docker/s.json") | {
        "file /etc/docker/s.json": json.dumps(profile)
    }
    assert config(parts).seccomp_profile == {
        "path": "/etc/docker/s.json",
        "defaultAction": "SCMP_ACT_ALLOW",
        "allowed": 2,
        "dangerous": [],
    }
    assert config(running("--seccomp-profile=builtin")).seccomp_profile is None


def test_a_custom_seccomp_profile_that_was_not_read_is_known_by_its_path_alone() -> None:
    assert config(running("--seccomp-profile=/etc/docker/s.json")).seccomp_profile == {
        "path": "/etc/docker/s.json",
        "defaultAction": None,
        "allowed": None,
        "dangerous": None,
    }


def test_containerds_disabled_plugins_are_read() -> None:
    text = 'version = 2\ndisabled_plugins = ["cri"]\n[grpc]\naddress = "/run/c.sock"\n'
    found = config({"file /etc/containerd/config.toml": text}).containerd_config
    assert found == {"version": 2, "disabled_plugins": ["cri"]}
    assert config({"file /etc/containerd/config.toml": "= ="}).containerd_config is None


def certificate(days: int) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "docker.example")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def test_certificates_that_the_configuration_names_are_read() -> None:
    parts = running("--tlsverify", "--tlscert=/etc/docker/server.pem") | {
        "certificate /etc/docker/server.pem": certificate(30),
        "certificate /etc/ssl/other.pem": certificate(30),
        "certificate /etc/docker/ca.pem": b"-----BEGIN CERTIFICATE-----\nnonsense\n",
    }
    found = config(parts).certificates
    assert [one.path for one in found] == ["/etc/docker/server.pem"]
    assert found[0].subject == "CN=docker.example"
    assert found[0].not_after == datetime(2026, 1, 31, tzinfo=UTC)
    assert found[0].key_bits == 256
