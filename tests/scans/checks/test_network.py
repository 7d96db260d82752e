from dataclasses import replace
from datetime import timedelta

import pytest

from scans.checks import network  # noqa: F401 - registers the checks
from scans.checks.core.context import Context
from scans.checks.core.policy import AuditPolicy, Policy
from scans.facts import (
    Gap,
    Listener,
    PublishedPort,
    Service,
    Setting,
    Swarm,
    TlsCertificate,
)
from tests.factories import (
    NOW,
    argv_setting,
    container,
    daemon,
    engine,
    facts,
)
from tests.scans.checks.judge import judge, verdict


def argv(*settings, **fields):
    """A daemon whose command line sets (key, value) pairs."""
    rows = tuple(argv_setting(key, value) for key, value in settings)
    return replace(daemon(**fields), settings=rows)


def hosts(*values, **others):
    return facts(daemon=argv(("hosts", list(values)), *others.items()))


def socket(address, port, name="dockerd", protocol="tcp", pid=400):
    return Listener(protocol=protocol, address=address, port=port, process=name, pid=pid)


def stream(value):
    return Setting(
        key="ListenStream", value=value, layer="socket", source="/lib/systemd/system/docker.socket"
    )


# daemon-tcp-tls


def test_a_daemon_on_its_unix_socket_alone_passes():
    assert judge("daemon-tcp-tls", facts()).status == "pass"
    assert judge("daemon-tcp-tls", hosts("fd://", "unix:///run/docker.sock")).status == "pass"


def test_plain_tcp_fails_by_its_address():
    result = judge("daemon-tcp-tls", hosts("tcp://0.0.0.0:2375"))
    assert verdict(result, "tcp://0.0.0.0:2375").status == "fail"
    assert verdict(result, "tcp://0.0.0.0:2375").subject.kind == "address"


def test_plain_tcp_on_loopback_fails_too():
    assert judge("daemon-tcp-tls", hosts("tcp://127.0.0.1:2375")).status == "fail"


def test_tcp_with_verified_clients_passes():
    assert judge("daemon-tcp-tls", hosts("tcp://0.0.0.0:2376", tlsverify=True)).status == "pass"


def test_tls_that_verifies_no_client_fails():
    assert judge("daemon-tcp-tls", hosts("tcp://0.0.0.0:2376", tls=True)).status == "fail"


def test_tlsverify_switched_off_fails():
    assert judge("daemon-tcp-tls", hosts("tcp://0.0.0.0:2376", tlsverify=False)).status == "fail"


def test_tlsverify_in_daemon_json_counts_for_hosts_in_daemon_json():
    config = daemon({"hosts": ["tcp://0.0.0.0:2376"], "tlsverify": True})
    assert judge("daemon-tcp-tls", facts(daemon=config)).status == "pass"


def test_every_one_of_several_tcp_hosts_is_judged():
    host = hosts("unix:///run/docker.sock", "tcp://10.0.0.5:2375", "tcp://[fd00::5]:2375")
    names = {row.subject.name for row in judge("daemon-tcp-tls", host).subjects}
    assert names == {"tcp://10.0.0.5:2375", "tcp://[fd00::5]:2375"}


def test_tlsverify_of_a_unit_that_was_not_restarted_does_not_count():
    later = Setting(key="tlsverify", value=True, layer="unit", source="docker.service")
    config = argv(("hosts", ["tcp://0.0.0.0:2375"]))
    host = facts(daemon=replace(config, settings=(*config.settings, later)))
    assert judge("daemon-tcp-tls", host).status == "fail"


def test_a_tcp_stream_of_the_socket_unit_is_found():
    config = replace(argv(("hosts", ["fd://"])), listen_streams=(stream("2375"),))
    result = judge("daemon-tcp-tls", facts(daemon=config))
    assert verdict(result, "tcp://[::]:2375").status == "fail"


def test_a_socket_unit_that_the_running_daemon_does_not_use_is_no_address():
    config = replace(
        argv(("hosts", ["unix:///run/docker.sock"])), listen_streams=(stream("0.0.0.0:2375"),)
    )
    assert judge("daemon-tcp-tls", facts(daemon=config)).status == "pass"


@pytest.mark.parametrize("value", ["/run/docker.sock", "%t/docker.sock", "@docker", "vsock:2:2375"])
def test_other_streams_of_the_socket_unit_are_no_tcp(value):
    config = replace(argv(("hosts", ["fd://"])), listen_streams=(stream(value),))
    assert judge("daemon-tcp-tls", facts(daemon=config)).status == "pass"


def test_a_socket_that_no_configuration_names_any_more_is_found():
    host = facts(listeners=(socket("0.0.0.0", 2375),))
    assert verdict(judge("daemon-tcp-tls", host), "tcp://0.0.0.0:2375").status == "fail"


def test_a_declared_address_and_its_socket_are_one_subject():
    host = replace(hosts("tcp://0.0.0.0:2375"), listeners=(socket("*", 2375, protocol="tcp6"),))
    (row,) = judge("daemon-tcp-tls", host).subjects
    assert row.subject.name == "tcp://0.0.0.0:2375"
    assert any("listening sockets" in seen.source for seen in row.evidence)


def test_a_socket_wider_than_declared_is_a_subject_of_its_own():
    host = replace(hosts("tcp://127.0.0.1:2375"), listeners=(socket("0.0.0.0", 2375),))
    names = {row.subject.name for row in judge("daemon-tcp-tls", host).subjects}
    assert names == {"tcp://127.0.0.1:2375", "tcp://0.0.0.0:2375"}


def test_ports_that_dockerd_holds_for_others_are_not_its_api():
    published = container(
        ports=(PublishedPort(container_port=80, protocol="tcp", host_ip="", host_port=8081),)
    )
    service = Service(
        name="s", image="i", mode="replicated", ports=({"published_port": 8099},), labels={}
    )
    host = facts(
        daemon=argv(("metrics-addr", "0.0.0.0:9323")),
        engine=engine(swarm_state="active", swarm_manager=True),
        swarm=Swarm(manager=True, listen_address="0.0.0.0:2400", services=(service,)),
        containers=(published,),
        listeners=tuple(socket("0.0.0.0", p) for p in (8081, 8099, 9323, 2377, 2400, 7946)),
    )
    assert judge("daemon-tcp-tls", host).status == "pass"


def test_a_socket_of_dockerd_is_unknown_while_published_ports_are():
    host = facts(containers=None, listeners=(socket("0.0.0.0", 8081),))
    assert judge("daemon-tcp-tls", host).status == "unknown"


def test_a_socket_on_the_apis_port_is_unknown_while_its_process_is():
    host = facts(listeners=(socket("0.0.0.0", 2375, name=None, pid=None),))
    assert judge("daemon-tcp-tls", host).status == "unknown"


def test_sockets_of_other_processes_are_not_the_daemons():
    host = facts(listeners=(socket("0.0.0.0", 2375, name="nginx", pid=9),))
    assert judge("daemon-tcp-tls", host).status == "pass"


def test_no_address_is_unknown_while_the_command_line_is():
    host = facts(daemon=daemon(argv=()), listeners=None)
    assert judge("daemon-tcp-tls", host).status == "unknown"


def test_no_address_passes_where_the_sockets_show_that_there_is_none():
    host = facts(daemon=daemon(argv=()), listeners=(socket("0.0.0.0", 22, name="sshd", pid=1),))
    assert judge("daemon-tcp-tls", host).status == "pass"


def test_the_daemons_addresses_are_unknown_without_its_configuration():
    gap = Gap(section="daemon", reason="only the API was reached")
    result = judge("daemon-tcp-tls", facts(daemon=None, gaps=(gap,)))
    assert result.status == "unknown"
    assert "only the API was reached" in result.reason


def test_podman_has_no_daemon_that_listens():
    assert judge("daemon-tcp-tls", facts(engine=engine(name="podman"))).status == "not_applicable"


# daemon-tcp-bind


@pytest.mark.parametrize("value", ["tcp://0.0.0.0:2376", "tcp://[::]:2376"])
def test_every_interface_fails_even_with_tls(value):
    assert judge("daemon-tcp-bind", hosts(value, tlsverify=True)).status == "fail"


@pytest.mark.parametrize("value", ["tcp://10.0.0.5:2376", "tcp://[fd00::5]:2376", "tcp://:2376"])
def test_one_address_passes(value):
    assert judge("daemon-tcp-bind", hosts(value)).status == "pass"


def test_binding_is_not_applicable_without_tcp():
    assert judge("daemon-tcp-bind", facts()).status == "not_applicable"


def test_binding_is_unknown_while_the_process_of_a_socket_is():
    host = facts(listeners=(socket("0.0.0.0", 2376, name=None, pid=None),))
    assert judge("daemon-tcp-bind", host).status == "unknown"


# daemon-iptables


def test_the_default_manages_the_firewall():
    assert judge("daemon-iptables", facts()).status == "pass"


def test_a_firewall_switched_off_fails():
    assert judge("daemon-iptables", facts(daemon=daemon({"iptables": False}))).status == "fail"
    assert judge("daemon-iptables", facts(daemon=argv(("iptables", False)))).status == "fail"


def test_ipv6_is_left_to_its_own_check():
    assert judge("daemon-iptables", facts(daemon=daemon({"ip6tables": False}))).status == "pass"


def test_iptables_set_to_true_passes():
    assert judge("daemon-iptables", facts(daemon=daemon({"iptables": True}))).status == "pass"


def test_iptables_is_unknown_while_the_command_line_is():
    assert judge("daemon-iptables", facts(daemon=daemon(argv=()))).status == "unknown"


# daemon-userland-proxy


def test_the_default_runs_a_proxy():
    assert judge("daemon-userland-proxy", facts()).status == "fail"


def test_a_proxy_switched_off_passes():
    host = facts(daemon=daemon({"userland-proxy": False}))
    assert judge("daemon-userland-proxy", host).status == "pass"


def test_the_proxy_is_unknown_without_the_daemons_configuration():
    assert judge("daemon-userland-proxy", facts(daemon=None)).status == "unknown"


# tls-certificate-validity


def certificate(**fields):
    base = {
        "path": "/etc/docker/cert.pem",
        "subject": "CN=h1",
        "issuer": "CN=ca",
        "not_before": NOW - timedelta(days=300),
        "not_after": NOW + timedelta(days=300),
    }
    return TlsCertificate(**(base | fields))


def certified(**fields):
    return facts(daemon=daemon({"tlsverify": True}, certificates=(certificate(**fields),)))


def test_a_certificate_with_time_left_passes():
    assert judge("tls-certificate-validity", certified()).status == "pass"
    exactly = certified(not_after=NOW + timedelta(days=30))
    assert judge("tls-certificate-validity", exactly).status == "pass"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"not_after": NOW - timedelta(days=1)}, "expired on 2026-11-23"),
        ({"not_after": NOW}, "expired on 2026-11-24"),
        ({"not_after": NOW + timedelta(days=29)}, "expires in 29 days"),
        ({"not_before": NOW + timedelta(days=1)}, "is not valid before 2026-11-25"),
    ],
)
def test_a_certificate_out_of_time_fails(fields, message):
    result = judge("tls-certificate-validity", certified(**fields))
    assert result.status == "fail"
    assert verdict(result, "/etc/docker/cert.pem").message == message


def test_the_policy_says_how_long_a_certificate_must_still_hold():
    def required(days):
        return Context(policy=Policy(audits=AuditPolicy(certificate_min_days=days)))

    host = certified(not_after=NOW + timedelta(days=20))
    assert judge("tls-certificate-validity", host).status == "fail"
    assert judge("tls-certificate-validity", host, required(14)).status == "pass"
    assert judge("tls-certificate-validity", host, required(21)).status == "fail"


def test_certificates_are_not_applicable_without_tls():
    assert judge("tls-certificate-validity", facts()).status == "not_applicable"


def test_configured_certificates_that_were_not_read_are_unknown():
    host = facts(daemon=daemon({"tlsverify": True}))
    assert judge("tls-certificate-validity", host).status == "unknown"


# swarm-listen-address


def manager(**sections):
    base = {
        "engine": engine(swarm_state="active", swarm_manager=True),
        "swarm": Swarm(manager=True, listen_address="10.0.0.5:2377"),
    }
    return facts(**(base | sections))


@pytest.mark.parametrize("address", ["0.0.0.0", "*", "::", "[::]"])
def test_swarm_management_on_every_interface_fails(address):
    host = manager(listeners=(socket(address, 2377),))
    assert judge("swarm-listen-address", host).status == "fail"


def test_swarm_management_on_one_address_passes():
    host = manager(listeners=(socket("10.0.0.5", 2377),))
    assert judge("swarm-listen-address", host).status == "pass"


def test_the_declared_address_decides_where_sockets_were_not_read():
    open_to_all = Swarm(manager=True, listen_address="0.0.0.0:2377")
    assert judge("swarm-listen-address", manager(listeners=None)).status == "pass"
    assert (
        judge("swarm-listen-address", manager(listeners=None, swarm=open_to_all)).status == "fail"
    )


def test_the_swarms_address_is_unknown_where_nothing_tells():
    host = manager(listeners=None, swarm=None)
    assert judge("swarm-listen-address", host).status == "unknown"


def test_a_host_in_no_swarm_has_no_swarm_address():
    assert judge("swarm-listen-address", facts()).status == "not_applicable"


def test_a_worker_does_not_listen_for_the_swarm():
    host = facts(engine=engine(swarm_state="active"), listeners=(socket("0.0.0.0", 2377),))
    assert judge("swarm-listen-address", host).status == "not_applicable"
