from dataclasses import replace

import pytest

from scans.checks import images  # noqa: F401 - registers the checks
from scans.facts import HistoryEntry
from tests.factories import (
    IMAGE_ID,
    argv_setting,
    container,
    daemon,
    engine,
    facts,
    image,
)
from tests.scans.checks.judge import judge, verdict

DIGEST = "@sha256:" + "b" * 64


def with_argv(key, value):
    return replace(daemon(), settings=(argv_setting(key, value),))


# images-insecure-registries


def test_an_insecure_registry_in_daemon_json_fails():
    host = facts(daemon=daemon({"insecure-registries": ["reg.example:5000"]}))
    result = judge("images-insecure-registries", host)
    assert result.status == "fail"
    assert "reg.example:5000" in verdict(result, "daemon").message


def test_an_insecure_registry_on_the_command_line_fails():
    host = facts(daemon=with_argv("insecure-registries", ["10.0.0.0/8"]))
    assert judge("images-insecure-registries", host).status == "fail"


def test_an_insecure_registry_that_only_the_engine_reports_fails():
    host = facts(daemon=None, engine=engine(insecure_registries=("10.0.0.0/8",)))
    assert judge("images-insecure-registries", host).status == "fail"


def test_an_engine_without_insecure_registries_passes():
    assert judge("images-insecure-registries", facts()).status == "pass"
    assert judge("images-insecure-registries", facts(daemon=None)).status == "pass"


@pytest.mark.parametrize(
    "registry", ["127.0.0.0/8", "::1/128", "localhost:5000", "127.0.0.1:5000", "[::1]:5000"]
)
def test_the_loopback_default_is_no_insecure_registry(registry):
    host = facts(daemon=daemon({"insecure-registries": [registry]}))
    assert judge("images-insecure-registries", host).status == "pass"


def test_an_empty_list_of_insecure_registries_passes():
    host = facts(daemon=daemon({"insecure-registries": []}))
    assert judge("images-insecure-registries", host).status == "pass"


def test_everything_as_insecure_network_is_not_loopback():
    host = facts(daemon=daemon({"insecure-registries": ["0.0.0.0/0"]}))
    assert judge("images-insecure-registries", host).status == "fail"


def test_registries_are_unknown_without_engine_and_daemon():
    assert judge("images-insecure-registries", facts(engine=None, daemon=None)).status == "unknown"


def test_registries_are_unknown_where_the_command_line_may_hold_one():
    host = facts(engine=None, daemon=daemon(argv=()))
    assert judge("images-insecure-registries", host).status == "unknown"


def test_insecure_registries_do_not_concern_podman():
    host = facts(engine=engine(name="podman"), daemon=None)
    assert judge("images-insecure-registries", host).status == "not_applicable"


# images-mirrors-encrypted


def test_a_mirror_over_plain_http_fails():
    host = facts(daemon=daemon({"registry-mirrors": ["http://mirror.example"]}))
    assert judge("images-mirrors-encrypted", host).status == "fail"


def test_a_mirror_over_plain_http_that_the_engine_reports_fails():
    host = facts(engine=engine(registry_mirrors=("https://a.example/", "HTTP://b.example/")))
    result = judge("images-mirrors-encrypted", host)
    assert result.status == "fail"
    assert verdict(result, "daemon").params == {"mirrors": "HTTP://b.example/"}


def test_a_mirror_over_https_passes():
    host = facts(engine=engine(registry_mirrors=("https://mirror.example/",)))
    assert judge("images-mirrors-encrypted", host).status == "pass"


def test_a_mirror_on_loopback_needs_no_encryption():
    host = facts(engine=engine(registry_mirrors=("http://127.0.0.1:5000/",)))
    assert judge("images-mirrors-encrypted", host).status == "pass"


def test_no_mirror_passes():
    assert judge("images-mirrors-encrypted", facts()).status == "pass"


def test_mirrors_are_unknown_without_engine_and_daemon():
    assert judge("images-mirrors-encrypted", facts(engine=None, daemon=None)).status == "unknown"


# image-version-pinned


@pytest.mark.parametrize(
    "reference",
    [
        "app",
        "app:latest",
        "registry.example:5000/app",
        "registry.example:5000/team/app:latest",
        "deadbeef",
    ],
)
def test_a_reference_without_a_fixed_version_fails(reference):
    host = facts(containers=(container(image=reference),))
    assert judge("image-version-pinned", host).status == "fail"


@pytest.mark.parametrize(
    "reference",
    [
        "app:1.0",
        "registry.example:5000/app:1.0",
        "app" + DIGEST,
        "app:latest" + DIGEST,
        IMAGE_ID,
        IMAGE_ID.removeprefix("sha256:")[:12],
    ],
)
def test_a_tag_a_digest_and_an_image_id_are_versions(reference):
    host = facts(containers=(container(image=reference),))
    assert judge("image-version-pinned", host).status == "pass"


def test_only_running_containers_need_a_version():
    host = facts(containers=(container(image="app", state="exited"),))
    assert judge("image-version-pinned", host).status == "not_applicable"


def test_versions_are_unknown_without_containers():
    assert judge("image-version-pinned", facts(containers=None)).status == "unknown"


# image-registry-origin


def used(**fields):
    return facts(containers=(container(),), images=(image(**fields),))


def test_a_used_image_from_a_registry_passes():
    assert judge("image-registry-origin", used()).status == "pass"


def test_a_used_image_that_no_registry_delivered_fails():
    assert judge("image-registry-origin", used(digests=())).status == "fail"


def test_the_origin_of_an_unused_image_is_not_judged():
    host = facts(images=(image(digests=()),))
    assert judge("image-registry-origin", host).status == "not_applicable"


def test_the_origin_is_unknown_for_an_image_the_engine_does_not_list():
    host = facts(containers=(container(image="gone:1"),), images=())
    result = judge("image-registry-origin", host)
    assert verdict(result, "gone:1").status == "unknown"


def test_the_origin_is_unknown_without_images():
    host = facts(containers=(container(),), images=None)
    assert judge("image-registry-origin", host).status == "unknown"


LOCAL = "localhost/app@sha256:" + "b" * 64


def test_what_podman_names_localhost_was_in_no_registry():
    assert judge("image-registry-origin", used(digests=(LOCAL,))).status == "fail"


@pytest.mark.parametrize(
    "store",
    [engine(name="podman", storage_driver="overlay"), engine(storage_driver="overlayfs")],
    ids=["Podman", "Docker's containerd store"],
)
def test_a_digest_proves_no_registry_where_local_images_have_one_too(store):
    def status(**fields):
        host = facts(containers=(container(),), images=(image(**fields),), engine=store)
        return judge("image-registry-origin", host).status

    assert status() == "unknown"
    assert status(digests=(LOCAL,)) == "fail"
    assert status(identity={"Pull": [{"Repository": "docker.io/library/nginx"}]}) == "pass"
    assert status(identity={"Build": [{"Ref": "x"}]}) == "fail"


# image-secrets


def test_a_secret_in_an_images_environment_fails_by_name():
    result = judge("image-secrets", facts(images=(image(secret_names=("DB_PASSWORD",)),)))
    assert result.status == "fail"
    assert "DB_PASSWORD" in result.subjects[0].message


def test_a_secret_in_an_images_history_fails():
    result = judge("image-secrets", facts(images=(image(history_secrets=("TOKEN",)),)))
    assert result.status == "fail"


def test_a_secret_in_an_unused_image_fails_too():
    host = facts(containers=(), images=(image(secret_names=("KEY",)),))
    assert judge("image-secrets", host).status == "fail"


def test_an_image_without_secrets_passes():
    assert judge("image-secrets", facts(images=(image(),))).status == "pass"


def test_secrets_are_unknown_where_the_history_was_not_read():
    assert judge("image-secrets", facts(images=(image(history=None),))).status == "unknown"


def test_a_secret_in_the_environment_fails_though_the_history_was_not_read():
    host = facts(images=(image(history=None, secret_names=("KEY",)),))
    assert judge("image-secrets", host).status == "fail"


def test_secrets_are_not_applicable_without_images():
    assert judge("image-secrets", facts()).status == "not_applicable"


# image-healthcheck


def test_a_used_image_with_a_healthcheck_passes():
    assert judge("image-healthcheck", used(healthcheck=("CMD", "true"))).status == "pass"


@pytest.mark.parametrize("test", [None, (), ("NONE",)])
def test_a_used_image_without_a_healthcheck_fails(test):
    assert judge("image-healthcheck", used(healthcheck=test)).status == "fail"


def test_an_unused_base_image_needs_no_healthcheck():
    assert judge("image-healthcheck", facts(images=(image(),))).status == "not_applicable"


def test_whether_images_have_a_healthcheck_is_unknown_where_they_were_not_read():
    host = facts(containers=(container(),), images=None)
    assert judge("image-healthcheck", host).status == "unknown"


# image-add-instruction and image-update-alone


def built(*newest_first):
    return used(history=tuple(HistoryEntry(created_by=line) for line in newest_first))


BASE = "/bin/sh -c #(nop) ADD file:abc in / "


def test_an_add_in_the_dockerfile_fails():
    assert judge("image-add-instruction", built("ADD x.tgz /opt # buildkit", BASE)).status == "fail"


def test_the_add_of_the_base_layer_passes():
    assert judge("image-add-instruction", built("COPY x /opt # buildkit", BASE)).status == "pass"


def test_a_variable_whose_name_holds_add_passes():
    host = built("/bin/sh -c #(nop)  ENV ADDRESS=0.0.0.0", BASE)
    assert judge("image-add-instruction", host).status == "pass"


def test_add_is_unknown_without_a_history():
    assert judge("image-add-instruction", used(history=None)).status == "unknown"


def test_fetching_package_lists_alone_fails():
    host = built("RUN /bin/sh -c apt-get update # buildkit", BASE)
    assert judge("image-update-alone", host).status == "fail"


def test_fetching_package_lists_with_an_install_passes():
    host = built("RUN /bin/sh -c apt-get update && apt-get install -y curl # buildkit", BASE)
    assert judge("image-update-alone", host).status == "pass"


def test_updating_certificates_is_no_update_of_package_lists():
    host = built("RUN /bin/sh -c update-ca-certificates # buildkit", BASE)
    assert judge("image-update-alone", host).status == "pass"


def test_lone_updates_are_unknown_without_a_history():
    assert judge("image-update-alone", used(history=None)).status == "unknown"
