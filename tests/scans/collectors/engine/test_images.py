"""Images and their history."""

from typing import Any

import pytest

from scans.collectors.engine.fields import Unexpected
from scans.collectors.engine.images import read_image, with_history
from scans.facts import Image
from tests.scans.collectors.engine.replay import (
    DOCKER_20,
    DOCKER_26,
    DOCKER_28,
    PODMAN_5,
    images,
    recording,
)

WEB = images(recording(DOCKER_20))


def web(name: str) -> Image:
    """An image of the lab's host `web`, with its history."""
    answer, history = WEB[name]
    return with_history(read_image(answer), history)


def changed(**config: Any) -> Image:
    """A recorded image with some keys of its configuration changed."""
    answer, _ = WEB["shop/app:1.4"]
    return read_image(answer | {"Config": answer["Config"] | config})


def history(*commands: str) -> Image:
    """A recorded image with these steps for its history."""
    steps = [{"CreatedBy": command, "Created": 1795499475} for command in commands]
    return with_history(read_image(WEB["shop/app:1.4"][0]), steps)


@pytest.mark.parametrize("name", [DOCKER_20, DOCKER_26, DOCKER_28, PODMAN_5])
def test_reads_every_image_of_every_engine(name: str) -> None:
    for answer, steps in images(recording(name)).values():
        found = with_history(read_image(answer), steps)
        assert found.id.startswith("sha256:")
        assert found.architecture == "amd64"
        assert found.size > 0
        assert found.created_at is not None
        assert found.history


def test_an_images_user_health_check_and_tags() -> None:
    found = web("shop/app:1.4")
    assert found.name == "shop/app:1.4"
    assert found.tags == ("shop/app:1.4",)
    assert found.digests == ()
    assert found.user == "1000:1000"
    assert found.healthcheck == ("CMD", "true")
    assert web("shop/base:1.0").healthcheck is None


def test_an_image_without_a_tag_goes_by_its_short_id() -> None:
    (untagged,) = [read_image(answer) for answer, _ in WEB.values() if not answer["RepoTags"]]
    assert untagged.name == untagged.id.removeprefix("sha256:")[:12]


def test_the_placeholders_of_old_engines_are_no_tags() -> None:
    answer = WEB["shop/app:1.4"][0] | {
        "RepoTags": ["<none>:<none>"],
        "RepoDigests": ["<none>@<none>"],
    }
    assert read_image(answer).tags == ()
    assert read_image(answer).digests == ()


def test_a_health_check_that_is_switched_off_is_there() -> None:
    assert changed(Healthcheck={"Test": ["NONE"]}).healthcheck == ("NONE",)


def test_secrets_of_the_environment_are_names_without_values() -> None:
    found = web("shop/legacy:latest")
    assert found.secret_names == ("DB_PASSWORD", "STRIPE_API_KEY")
    assert "TZ" in found.env_names
    assert found.history_secrets == ("DB_PASSWORD", "STRIPE_API_KEY")
    assert "planted-secret" not in repr(found)


def test_steps_are_the_newest_first_and_keep_their_instruction() -> None:
    steps = web("shop/legacy:latest").history
    assert steps is not None
    created_by = [step.created_by for step in steps]
    assert any("ADD file:" in step and "/srv/payload" in step for step in created_by)
    assert created_by[-1] == ""
    assert steps[-1].comment.startswith("Imported from")


def test_finds_build_arguments_and_options_that_carry_secrets() -> None:
    found = history(
        "|1 BUILD_TOKEN=canary-1 /bin/sh -c make",
        "RUN /bin/sh -c mysql --password canary-2 # buildkit",
        "RUN /bin/sh -c curl https://bot:canary-3@registry.lan/ # buildkit",
    )
    assert found.history_secrets == ("BUILD_TOKEN", "password", "(unnamed)")
    assert "canary" not in repr(found)


def test_a_reference_to_a_variable_in_a_step_is_no_secret() -> None:
    found = history("RUN /bin/sh -c PASSWORD=$PASSWORD setup --token ${TOKEN} # buildkit")
    assert found.history_secrets == ()


def test_what_an_image_does_to_its_children_is_redacted() -> None:
    assert "canary" not in repr(changed(OnBuild=["ENV TOKEN=canary"]))


def test_an_engine_that_gives_no_configuration_is_read() -> None:
    answer = {key: value for key, value in WEB["shop/app:1.4"][0].items() if key != "Config"}
    assert read_image(answer).user == ""


def test_identity_of_new_engines_is_kept() -> None:
    # By hand from the API's documentation (1.53): no engine of the lab is that new.
    identity = {"Pull": [{"Repository": "docker.io/library/alpine"}]}
    assert read_image(WEB["shop/app:1.4"][0] | {"Identity": identity}).identity == identity
    assert web("shop/app:1.4").identity is None


def test_a_history_that_is_no_list_is_refused() -> None:
    with pytest.raises(Unexpected):
        with_history(read_image(WEB["shop/app:1.4"][0]), {"steps": []})
