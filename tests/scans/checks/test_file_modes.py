from dataclasses import replace

import pytest

from scans.checks import file_modes
from scans.checks.core.registry import catalogue
from scans.facts import Access, Account, FileStat, Gap
from tests.factories import argv_setting, daemon, engine, facts
from tests.scans.checks.judge import judge, verdict

SLUGS = tuple(row.slug for row in file_modes.ROWS)
ALWAYS_LOOKED_FOR = tuple(
    row.slug for row in file_modes.ROWS if not row.setting and row.slug != "registry-cert"
)
LIMITS = {
    "docker-service": 0o644,
    "docker-socket-unit": 0o644,
    "etc-docker": 0o755,
    "registry-cert": 0o444,
    "tls-ca": 0o444,
    "tls-cert": 0o444,
    "tls-key": 0o400,
    "docker-sock": 0o660,
    "daemon-json": 0o644,
    "etc-default-docker": 0o644,
    "etc-sysconfig-docker": 0o644,
    "containerd-sock": 0o660,
}


def file(role, **fields):
    base = {
        "path": f"/x/{role}",
        "kind": "directory" if role == "etc-docker" else "file",
        "mode": 0o400,
        "uid": 0,
        "gid": 0,
        "owner": "root",
        "group": "root",
        "role": role,
    }
    return FileStat(**(base | fields))


def having(role, **fields):
    return facts(files=(file(role, **fields),))


# modes


@pytest.mark.parametrize("slug", SLUGS)
def test_a_file_at_its_limit_passes(slug):
    assert judge(f"{slug}-mode", having(slug, mode=LIMITS[slug])).status == "pass"


@pytest.mark.parametrize("slug", SLUGS)
def test_every_bit_counts_by_itself(slug):
    for bit in (0o001, 0o002, 0o004, 0o010, 0o020, 0o040, 0o100, 0o200, 0o400):
        expected = "pass" if bit & LIMITS[slug] else "fail"
        assert judge(f"{slug}-mode", having(slug, mode=LIMITS[slug] | bit)).status == expected


@pytest.mark.parametrize("mode", [0o606, 0o626, 0o636, 0o577, 0o477])
def test_a_mode_that_is_a_smaller_number_but_grants_more_fails(mode):
    assert judge("docker-service-mode", having("docker-service", mode=mode)).status == "fail"


@pytest.mark.parametrize("mode", [0o606, 0o646])
def test_a_socket_open_to_everyone_fails_whatever_the_number(mode):
    assert judge("docker-sock-mode", having("docker-sock", mode=mode)).status == "fail"


@pytest.mark.parametrize("mode", [0o440, 0o400, 0o000])
def test_a_stricter_mode_passes(mode):
    assert judge("registry-cert-mode", having("registry-cert", mode=mode)).status == "pass"


def test_a_sticky_or_set_gid_directory_gives_nobody_more():
    assert judge("etc-docker-mode", having("etc-docker", mode=0o3755)).status == "pass"


def test_a_set_uid_file_is_more_than_its_limit():
    assert judge("daemon-json-mode", having("daemon-json", mode=0o4644)).status == "fail"


def test_a_registrys_private_key_is_for_its_owner_alone():
    key = having("registry-cert", path="/etc/docker/certs.d/r/client.key", mode=0o444)
    assert judge("registry-cert-mode", key).status == "fail"
    cert = having("registry-cert", path="/etc/docker/certs.d/r/client.cert", mode=0o444)
    assert judge("registry-cert-mode", cert).status == "pass"


def test_the_mode_is_shown_in_octal_beside_what_it_may_be():
    result = judge("docker-sock-mode", having("docker-sock", path="/run/docker.sock", mode=0o666))
    found = verdict(result, "/run/docker.sock")
    assert found.message == "has mode 0666, more than 0660"
    assert found.evidence[0].source == "stat /run/docker.sock: mode"
    assert found.evidence[0].observed == "0666"


# owners


@pytest.mark.parametrize("slug", SLUGS)
def test_a_file_of_root_and_its_group_passes(slug):
    assert judge(f"{slug}-owner", having(slug)).status == "pass"


@pytest.mark.parametrize("slug", SLUGS)
def test_a_file_of_a_user_fails(slug):
    owned = having(slug, uid=1000, owner="alice")
    assert judge(f"{slug}-owner", owned).status == "fail"


@pytest.mark.parametrize("slug", SLUGS)
def test_a_file_of_a_users_group_fails(slug):
    assert judge(f"{slug}-owner", having(slug, gid=1000, group="alice")).status == "fail"


def test_the_socket_may_belong_to_the_group_docker():
    shared = having("docker-sock", gid=998, group="docker")
    assert judge("docker-sock-owner", shared).status == "pass"


def test_another_file_may_not_belong_to_the_group_docker():
    shared = having("containerd-sock", gid=998, group="docker")
    assert judge("containerd-sock-owner", shared).status == "fail"


def test_a_socket_of_root_alone_is_stricter_and_passes():
    assert judge("docker-sock-owner", having("docker-sock")).status == "pass"


def test_a_user_who_only_is_named_root_fails():
    assert judge("daemon-json-owner", having("daemon-json", uid=1000, owner="root")).status == (
        "fail"
    )


ALICE = Account(name="alice", uid=1000, gid=1000)


def of_alice(role, path):
    return file(role, path=path, uid=1000, gid=1000, owner="alice", group="alice")


def test_a_rootless_engines_socket_belongs_to_its_user():
    socket = of_alice("docker-sock", "/run/user/1000/docker.sock")
    assert judge("docker-sock-owner", facts(files=(socket,), accounts=(ALICE,))).status == "pass"


def test_a_rootless_engines_socket_of_another_user_fails():
    socket = of_alice("docker-sock", "/run/user/1001/docker.sock")
    assert judge("docker-sock-owner", facts(files=(socket,), accounts=(ALICE,))).status == "fail"


def test_a_rootless_daemons_configuration_belongs_to_its_user():
    config = of_alice("daemon-json", "/home/alice/.config/docker/daemon.json")
    host = facts(files=(config,), accounts=(ALICE,), daemon=daemon(uid=1000))
    assert judge("daemon-json-owner", host).status == "pass"


def test_a_rootless_daemon_makes_no_system_file_its_users():
    unit = of_alice("docker-service", "/usr/lib/systemd/system/docker.service")
    host = facts(files=(unit,), accounts=(ALICE,), daemon=daemon(uid=1000))
    assert judge("docker-service-owner", host).status == "fail"


def test_the_group_of_a_rootless_user_is_unknown_without_accounts():
    socket = of_alice("docker-sock", "/run/user/1000/docker.sock")
    assert judge("docker-sock-owner", facts(files=(socket,), accounts=None)).status == "unknown"


# what was not read, and what is not there


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("aspect", ["owner", "mode"])
def test_an_absent_file_is_not_applicable(slug, aspect):
    gone = having(slug, kind="absent", mode=None, uid=None, gid=None)
    assert judge(f"{slug}-{aspect}", gone).status == "not_applicable"


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("aspect", ["owner", "mode"])
def test_a_file_that_may_not_be_looked_at_is_unknown(slug, aspect):
    hidden = having(slug, kind="unreadable", mode=None, uid=None, gid=None)
    assert judge(f"{slug}-{aspect}", hidden).status == "unknown"


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("aspect", ["owner", "mode"])
def test_files_that_were_not_read_are_unknown(slug, aspect):
    host = facts(files=None, gaps=(Gap(section="files", reason="only the API was reached"),))
    result = judge(f"{slug}-{aspect}", host)
    assert result.status == "unknown"
    assert "only the API was reached" in result.reason


@pytest.mark.parametrize("slug", ALWAYS_LOOKED_FOR)
def test_a_file_that_nobody_looked_for_is_unknown(slug):
    assert judge(f"{slug}-mode", facts(files=())).status == "unknown"


@pytest.mark.parametrize("slug", ["tls-ca", "tls-cert", "tls-key"])
def test_tls_files_are_not_applicable_without_tls(slug):
    assert judge(f"{slug}-mode", facts(files=())).status == "not_applicable"


@pytest.mark.parametrize("slug", ["tls-ca", "tls-cert", "tls-key"])
def test_tls_files_are_unknown_where_tls_is_used_and_they_were_not_looked_for(slug):
    host = facts(files=(), daemon=replace(daemon(), settings=(argv_setting("tlsverify", True),)))
    assert judge(f"{slug}-mode", host).status == "unknown"
    assert judge(f"{slug}-mode", facts(files=(), daemon=None)).status == "unknown"


def test_no_certificate_of_a_registry_is_not_applicable():
    assert judge("registry-cert-owner", facts(files=())).status == "not_applicable"


def certs_d(**fields):
    return file("registry-certs", path="/etc/docker/certs.d", kind="directory", **fields)


def test_certificates_of_registries_are_unknown_where_their_directory_is_hidden():
    hidden = file("registry-certs", path="/etc/docker/certs.d", kind="unreadable", mode=None)
    assert judge("registry-cert-owner", facts(files=(hidden,))).status == "unknown"


def test_an_empty_answer_for_a_directory_that_the_user_may_not_list_is_unknown():
    user = Access(level="user", user="audit")
    closed, open_ = certs_d(mode=0o711), certs_d(mode=0o755)
    assert judge("registry-cert-mode", facts(files=(closed,), access=user)).status == "unknown"
    assert judge("registry-cert-mode", facts(files=(open_,), access=user)).status == (
        "not_applicable"
    )
    assert judge("registry-cert-mode", facts(files=(closed,))).status == "not_applicable"


@pytest.mark.parametrize("slug", SLUGS)
def test_podman_does_without_dockers_files(slug):
    host = facts(files=(), engine=engine(name="podman"), daemon=None)
    assert judge(f"{slug}-owner", host).status == "not_applicable"


def test_every_one_of_several_files_is_judged():
    host = facts(
        files=(
            file("registry-cert", path="/etc/docker/certs.d/a/ca.crt", mode=0o444),
            file("registry-cert", path="/etc/docker/certs.d/b/ca.crt", mode=0o666),
        )
    )
    result = judge("registry-cert-mode", host)
    assert verdict(result, "/etc/docker/certs.d/a/ca.crt").status == "pass"
    assert verdict(result, "/etc/docker/certs.d/b/ca.crt").status == "fail"


def test_one_file_under_two_names_is_judged_once():
    real = "/usr/lib/systemd/system/docker.service"
    host = facts(
        files=(
            file("docker-service", path="/lib/systemd/system/docker.service", resolved=real),
            file("docker-service", path=real, resolved=real),
        )
    )
    assert len(judge("docker-service-mode", host).subjects) == 1


def test_the_table_covers_section_3_of_the_benchmark():
    families = {f"{slug}-{aspect}" for slug in SLUGS for aspect in ("owner", "mode")}
    numbers = {n for entry in catalogue() if entry.id in families for n in entry.cis_1_8}
    assert numbers == {f"3.{n}" for n in range(1, 25)}
