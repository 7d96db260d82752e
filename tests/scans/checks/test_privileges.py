from typing import Any

import pytest

import scans.checks.privileges  # noqa: F401 - registers its checks
from scans.checks.core.context import Context
from scans.checks.core.model import Result
from scans.checks.core.policy import HostPolicy, Policy
from scans.facts import Access, Bind, Container, FileStat, Group, MountPoint, Plugin
from tests.factories import (
    container,
    daemon,
    engine,
    facts,
    process,
    volume,
    without_process,
)
from tests.scans.checks.judge import judge, verdict

ROOT = (0, 0, 0, 0)


def judge_containers(check_id: str, *subjects: Container, **sections: Any) -> Result:
    return judge(check_id, facts(containers=subjects, **sections))


class TestContainerPrivileged:
    def test_fails_for_the_privileged_container_alone(self) -> None:
        result = judge_containers(
            "container-privileged", container("good"), container("bad", privileged=True)
        )
        assert verdict(result, "bad").status == "fail"
        assert verdict(result, "good").status == "pass"

    def test_fails_also_for_a_stopped_container(self) -> None:
        stopped = without_process(container(state="exited", privileged=True))
        assert judge_containers("container-privileged", stopped).status == "fail"

    def test_is_unknown_when_the_containers_were_not_read(self) -> None:
        assert judge("container-privileged", facts(containers=None)).status == "unknown"

    def test_does_not_apply_without_containers(self) -> None:
        assert judge("container-privileged", facts()).status == "not_applicable"


class TestContainerUser:
    def judge(self, subject: Container, **sections: Any) -> Result:
        return judge_containers("container-user", subject, **sections)

    def test_fails_when_the_main_process_is_root_of_the_host(self) -> None:
        root = container(user="", user_uid=0, process=process(uids=ROOT))
        assert self.judge(root).status == "fail"

    def test_passes_when_an_entrypoint_dropped_root(self) -> None:
        dropped = container(user="", user_uid=0, process=process(uids=(999,) * 4))
        assert self.judge(dropped).status == "pass"

    def test_fails_when_a_process_declared_unprivileged_is_root(self) -> None:
        risen = container(user="1000", user_uid=1000, process=process(uids=ROOT))
        assert self.judge(risen).status == "fail"

    def test_fails_when_root_is_kept_as_the_saved_uid(self) -> None:
        keeps = container(process=process(uids=(1000, 1000, 0, 1000)))
        assert self.judge(keeps).status == "fail"

    def test_passes_with_a_note_when_a_user_namespace_maps_root_away(self) -> None:
        mapped = process(uids=(100000,) * 4, uid_map=((0, 100000, 65536),))
        result = self.judge(container(user="", user_uid=0, process=mapped))
        assert result.status == "pass"
        assert "root of a user namespace" in verdict(result, "web").message

    @pytest.mark.parametrize("user", ["", "0", "0:0", "root", "root:root", "0:1000"])
    def test_every_spelling_of_root_fails(self, user: str) -> None:
        subject = without_process(container(user=user, user_uid=None))
        assert self.judge(subject).status == "fail"

    def test_a_name_that_the_image_resolves_to_uid_0_fails(self) -> None:
        alias = without_process(container(user="toor", user_uid=0))
        assert self.judge(alias).status == "fail"

    @pytest.mark.parametrize(("user", "uid"), [("app", 1000), ("1000:1000", None)])
    def test_a_declared_other_user_passes(self, user: str, uid: int | None) -> None:
        subject = without_process(container(user=user, user_uid=uid))
        assert self.judge(subject).status == "pass"

    def test_a_name_that_was_not_resolved_is_unknown(self) -> None:
        subject = without_process(container(user="app", user_uid=None))
        assert self.judge(subject).status == "unknown"

    @pytest.mark.parametrize("field", ["userns_remap", "rootless"])
    def test_declared_root_passes_where_the_engine_maps_root_away(self, field: str) -> None:
        subject = without_process(container(user="", user_uid=0))
        assert self.judge(subject, engine=engine(**{field: True})).status == "pass"

    def test_declared_root_is_unknown_where_the_mapping_was_not_read(self) -> None:
        subject = without_process(container(user="", user_uid=0))
        assert self.judge(subject, engine=None, daemon=None).status == "unknown"


class TestContainerEngineSocket:
    def judge(self, source: str, **sections: Any) -> Result:
        mount = MountPoint(kind="bind", source=source, destination="/x", read_only=False)
        return judge_containers("container-engine-socket", container(mounts=(mount,)), **sections)

    @pytest.mark.parametrize(
        "source",
        [
            "/var/run/docker.sock",
            "/run/docker.sock",
            "/run/containerd/containerd.sock",
            "/run/podman/podman.sock",
            "/run/user/1000/podman/podman.sock",
        ],
    )
    def test_fails_when_a_socket_is_mounted(self, source: str) -> None:
        assert self.judge(source).status == "fail"

    @pytest.mark.parametrize("source", ["/run", "/var/run", "/", "/run/containerd", "/run/../run/"])
    def test_fails_when_a_directory_above_a_socket_is_mounted(self, source: str) -> None:
        assert self.judge(source).status == "fail"

    def test_a_read_only_mount_fails_too(self) -> None:
        mount = MountPoint(
            kind="bind", source="/var/run/docker.sock", destination="/s", read_only=True
        )
        result = judge_containers("container-engine-socket", container(mounts=(mount,)))
        assert result.status == "fail"

    def test_fails_for_a_volume_that_binds_a_directory_above(self) -> None:
        mount = MountPoint(
            kind="volume",
            source="/var/lib/docker/volumes/run/_data",
            destination="/x",
            read_only=False,
            volume="run",
            volume_device="/var/run",
        )
        result = judge_containers("container-engine-socket", container(mounts=(mount,)))
        assert result.status == "fail"

    def test_fails_for_a_declared_bind_of_a_container_never_started(self) -> None:
        bind = Bind(source="/var/run/docker.sock", destination="/s")
        created = without_process(container(state="created", binds=(bind,)))
        assert judge_containers("container-engine-socket", created).status == "fail"

    def test_a_volume_that_is_only_named_like_the_socket_passes(self) -> None:
        mount = MountPoint(
            kind="volume",
            source="/var/lib/docker/volumes/docker.sock/_data",
            destination="/var/run/docker.sock",
            read_only=False,
            volume="docker.sock",
        )
        subject, known = container(mounts=(mount,)), (volume("docker.sock"),)
        result = judge_containers("container-engine-socket", subject, volumes=known)
        assert result.status == "pass"
        unread = judge_containers("container-engine-socket", subject, volumes=None)
        assert unread.status == "unknown"

    @pytest.mark.parametrize("source", ["/srv/data", "/run/lock", "/var", "/etc/docker"])
    def test_other_paths_pass(self, source: str) -> None:
        assert self.judge(source).status == "pass"

    def test_finds_the_socket_where_the_engine_really_listens(self) -> None:
        reached = Access(level="root", engine_socket="/srv/engine/api.sock")
        assert self.judge("/srv/engine", access=reached).status == "fail"

    def test_finds_the_socket_behind_a_link(self) -> None:
        link = FileStat(
            path="/run/docker.sock", kind="socket", resolved="/mnt/d/api", role="docker-sock"
        )
        assert self.judge("/mnt/d", files=(link,)).status == "fail"

    def test_names_the_socket_and_the_mount(self) -> None:
        assert verdict(self.judge("/run"), "web").message == (
            "reaches the engine's socket /run/containerd/containerd.sock through /run"
        )


class TestDockerGroupMembers:
    def judge(self, *groups: Group, **sections: Any) -> Result:
        return judge("docker-group-members", facts(groups=groups, **sections))

    def test_fails_for_every_member(self) -> None:
        result = self.judge(Group(name="docker", gid=998, members=("bob", "alice")))
        assert [(v.subject.kind, v.subject.name, v.status) for v in result.subjects] == [
            ("user", "alice", "fail"),
            ("user", "bob", "fail"),
        ]

    def test_fails_for_a_user_whose_primary_group_it_is(self) -> None:
        group = Group(name="docker", gid=998, members=(), primary_members=("carol",))
        assert verdict(self.judge(group), "carol").status == "fail"

    def test_passes_when_nobody_is_in_it(self) -> None:
        assert self.judge(Group(name="docker", gid=998, members=())).status == "pass"

    def test_passes_when_there_is_no_such_group(self) -> None:
        assert self.judge(Group(name="users", gid=100, members=("bob",))).status == "pass"

    def test_root_is_root_anyway(self) -> None:
        assert self.judge(Group(name="docker", gid=998, members=("root",))).status == "pass"

    def test_judges_the_group_that_the_daemon_gives_its_socket_to(self) -> None:
        ops = Group(name="ops", gid=50, members=("dave",))
        assert self.judge(ops, daemon=daemon({"group": "ops"})).status == "fail"

    def test_judges_another_name_of_the_same_group(self) -> None:
        alias = Group(name="ops", gid=998, members=("dave",))
        assert self.judge(Group(name="docker", gid=998, members=()), alias).status == "fail"

    def test_passes_those_whom_the_policy_trusts_and_nobody_else(self) -> None:
        group = Group(name="docker", gid=998, members=("alice", "bob"))
        trusting = Context(policy=Policy(host=HostPolicy(trusted_docker_users=("alice",))))
        result = judge("docker-group-members", facts(groups=(group,)), trusting)
        assert verdict(result, "alice").status == "pass"
        assert verdict(result, "bob").status == "fail"

    def test_is_judged_without_the_engine_too(self) -> None:
        group = Group(name="docker", gid=998, members=("bob",))
        assert self.judge(group, engine=None, daemon=None).status == "fail"

    def test_is_unknown_when_the_groups_were_not_read(self) -> None:
        assert judge("docker-group-members", facts(groups=None)).status == "unknown"

    def test_does_not_apply_to_a_rootless_daemon_nor_podman(self) -> None:
        group = Group(name="docker", gid=998, members=("bob",))
        assert self.judge(group, engine=engine(rootless=True)).status == "not_applicable"
        assert self.judge(group, engine=engine(name="podman")).status == "not_applicable"


class TestDaemonAuthorization:
    def judge(self, names: Any, plugins: tuple[Plugin, ...] | None) -> Result:
        config = daemon({"authorization-plugins": names} if names is not None else None)
        return judge("daemon-authorization", facts(daemon=config, engine=engine(plugins=plugins)))

    def plugin(self, **fields: Any) -> Plugin:
        return Plugin(**({"name": "opa:latest", "kind": "authorization", "enabled": True} | fields))

    def test_passes_with_a_configured_and_enabled_plugin(self) -> None:
        assert self.judge(["opa"], (self.plugin(),)).status == "pass"

    @pytest.mark.parametrize("names", [None, [], ""])
    def test_fails_without_a_plugin(self, names: Any) -> None:
        assert self.judge(names, ()).status == "fail"

    def test_fails_when_the_plugin_is_installed_but_not_configured(self) -> None:
        assert self.judge(None, (self.plugin(),)).status == "fail"

    @pytest.mark.parametrize("fields", [{"enabled": False}, {"kind": "volume"}, {"name": "opa2"}])
    def test_fails_when_the_configured_plugin_is_not_there(self, fields: dict[str, Any]) -> None:
        assert self.judge(["opa"], (self.plugin(**fields),)).status == "fail"

    def test_is_unknown_when_the_plugins_were_not_read(self) -> None:
        assert self.judge(["opa"], None).status == "unknown"

    def test_is_unknown_when_the_configuration_was_not_read(self) -> None:
        assert judge("daemon-authorization", facts(daemon=None)).status == "unknown"
        assert judge("daemon-authorization", facts(daemon=daemon(argv=()))).status == "unknown"


class TestDaemonExperimental:
    def test_passes_when_off(self) -> None:
        assert judge("daemon-experimental", facts()).status == "pass"

    def test_fails_when_on(self) -> None:
        host = facts(engine=engine(experimental=True))
        assert judge("daemon-experimental", host).status == "fail"

    def test_is_unknown_without_the_engine(self) -> None:
        assert judge("daemon-experimental", facts(engine=None)).status == "unknown"

    def test_does_not_apply_to_podman_which_always_reports_it(self) -> None:
        host = facts(engine=engine(name="podman", experimental=True))
        assert judge("daemon-experimental", host).status == "not_applicable"


class TestDaemonUser:
    def test_fails_for_a_daemon_of_root(self) -> None:
        assert judge("daemon-user", facts()).status == "fail"

    @pytest.mark.parametrize("field", ["rootless", "userns_remap"])
    def test_passes_rootless_or_with_remapping(self, field: str) -> None:
        assert judge("daemon-user", facts(engine=engine(**{field: True}))).status == "pass"

    def test_without_the_engine_the_daemon_s_process_decides(self) -> None:
        assert judge("daemon-user", facts(engine=None, daemon=daemon(uid=1000))).status == "pass"
        assert judge("daemon-user", facts(engine=None)).status == "fail"

    def test_is_unknown_when_neither_was_read(self) -> None:
        assert judge("daemon-user", facts(engine=None, daemon=None)).status == "unknown"

    def test_does_not_apply_to_podman(self) -> None:
        host = facts(engine=engine(name="podman"))
        assert judge("daemon-user", host).status == "not_applicable"


@pytest.mark.parametrize("check", ["container-exec-privileged", "container-exec-root"])
def test_what_people_run_in_containers_is_attested(check: str) -> None:
    assert judge(check, facts(containers=(container(),))).status == "manual"
