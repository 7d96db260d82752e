"""Item 1: registries, digests and signatures that an organisation trusts."""

from typing import Any

import pytest

import scans.checks.image_trust  # noqa: F401 - registers the checks
from scans.checks.core.context import Context
from scans.checks.core.model import Result
from scans.checks.core.policy import ImagePolicy, Policy
from scans.facts import Facts, Image
from tests.factories import IMAGE_ID, container, engine, facts, image
from tests.scans.checks.judge import judge, verdict

SHA = "@sha256:" + "b" * 64
SIGNED = {"Signature": [{"Name": "Sigstore bundle", "KnownSigner": "DHI"}]}
UNVERIFIED = {"Signature": [{"Error": "certificate has expired"}]}
PULLED = {"Pull": [{"Repository": "docker.io/library/nginx"}]}
BUILT = {"Build": [{"Ref": "x"}]}


def using(*images: Image, **sections: Any) -> Facts:
    """A host where a container runs the first of these images."""
    return facts(containers=(container(),), images=images, **sections)


def trusting(*registries: str) -> Context:
    return Context(policy=Policy(images=ImagePolicy(trusted_registries=registries)))


TRUSTING = trusting("registry.example")


class TestImageTrustedRegistry:
    def judge(self, *registries: str, **fields: Any) -> Result:
        return judge("image-trusted-registry", using(image(**fields)), trusting(*registries))

    def test_is_attested_where_the_policy_names_no_registry(self):
        assert judge("image-trusted-registry", using(image())).status == "manual"

    def test_passes_an_image_of_a_trusted_registry(self):
        assert self.judge("registry.example").status == "pass"

    def test_fails_an_image_of_another_registry(self):
        assert self.judge("registry.example", digests=(f"evil.example/app{SHA}",)).status == "fail"

    def test_fails_everything_where_no_registry_is_trusted(self):
        assert self.judge().status == "fail"

    @pytest.mark.parametrize("digest", [f"nginx{SHA}", f"docker.io/library/nginx{SHA}"])
    def test_a_name_without_a_registry_is_docker_hubs(self, digest):
        assert self.judge("docker.io/library", digests=(digest,)).status == "pass"
        assert self.judge("docker.io/other", digests=(digest,)).status == "fail"

    def test_a_registry_is_no_prefix_of_another_name(self):
        evil = (f"registry.example.evil.example/app{SHA}",)
        assert self.judge("registry.example", digests=evil).status == "fail"

    def test_a_tag_of_a_trusted_registry_does_not_help_what_came_from_elsewhere(self):
        result = self.judge(
            "registry.example",
            tags=("registry.example/app:1.0",),
            digests=(f"evil.example/app{SHA}",),
        )
        assert result.status == "fail"

    def test_fails_an_image_that_was_built_here_under_a_trusted_name(self):
        assert self.judge("registry.example", digests=()).status == "fail"

    def test_what_the_engine_verified_decides_over_names(self):
        fields = {"digests": (f"registry.example/nginx{SHA}",), "identity": PULLED}
        assert self.judge("registry.example", **fields).status == "fail"
        assert self.judge("docker.io", **fields).status == "pass"

    def test_images_that_no_container_runs_are_not_judged(self):
        unused = image(id="sha256:" + "9" * 64, tags=("x:1",), digests=(f"evil.example/x{SHA}",))
        result = judge("image-trusted-registry", using(image(), unused), TRUSTING)
        assert [v.status for v in result.subjects] == ["pass"]

    def test_is_unknown_when_the_images_were_not_read(self):
        host = facts(containers=(container(),), images=None)
        assert judge("image-trusted-registry", host, TRUSTING).status == "unknown"

    def test_is_unknown_for_an_image_that_the_engine_does_not_list(self):
        assert judge("image-trusted-registry", using(), TRUSTING).status == "unknown"


class TestImageDigestPinned:
    @pytest.mark.parametrize("reference", [f"nginx{SHA}", f"nginx:1{SHA}", IMAGE_ID, "a" * 12])
    def test_passes_a_digest_or_an_id(self, reference):
        host = facts(containers=(container(image=reference),))
        assert judge("image-digest-pinned", host).status == "pass"

    @pytest.mark.parametrize("reference", ["nginx", "nginx:1.27", "nginx:latest", "beef"])
    def test_fails_a_tag_however_precise(self, reference):
        host = facts(containers=(container(image=reference),))
        assert judge("image-digest-pinned", host).status == "fail"

    def test_is_unknown_when_the_containers_were_not_read(self):
        assert judge("image-digest-pinned", facts(containers=None)).status == "unknown"


class TestImageIdentity:
    telling = engine(api_version="1.53", storage_driver="overlayfs")

    def judge(self, identity: Any, **sections: Any) -> Result:
        return judge("image-identity", using(image(identity=identity), engine=self.telling))

    def test_passes_a_verified_signature_and_names_its_signer(self):
        result = self.judge(SIGNED)
        assert result.status == "pass"
        assert "DHI" in verdict(result, "registry.example/app:1.0").message

    def test_fails_a_signature_that_could_not_be_verified(self):
        result = self.judge(UNVERIFIED)
        assert result.status == "fail"
        assert "expired" in verdict(result, "registry.example/app:1.0").message

    @pytest.mark.parametrize("identity", [None, {}, PULLED, BUILT, {"Signature": "yes"}])
    def test_fails_an_image_without_a_signature(self, identity):
        assert self.judge(identity).status == "fail"

    @pytest.mark.parametrize(
        "other",
        [
            engine(api_version="1.52", storage_driver="overlayfs"),
            engine(api_version="1.53", storage_driver="overlay2"),
            engine(name="podman", api_version="1.53", storage_driver="overlay"),
            engine(api_version="", storage_driver="overlayfs"),
        ],
        ids=["older API", "former image store", "Podman", "no API version"],
    )
    def test_is_attested_where_the_engine_reports_none(self, other):
        assert judge("image-identity", using(image(), engine=other)).status == "manual"

    def test_an_engine_that_tells_one_identity_tells_all(self):
        other = image(id="sha256:" + "9" * 64, tags=("x:1",), identity=SIGNED)
        assert judge("image-identity", using(image(), other)).status == "fail"

    def test_is_unknown_when_images_or_engine_were_not_read(self):
        unread = facts(containers=(container(),), images=None, engine=self.telling)
        assert judge("image-identity", unread).status == "unknown"
        assert judge("image-identity", using(image(), engine=None)).status == "unknown"


class TestContentTrust:
    @pytest.mark.parametrize(
        ("version", "status"),
        [
            ("20.10.24+dfsg1", "manual"),
            ("28.5.2", "manual"),
            ("29.0.0", "not_applicable"),
            ("30.1.0", "not_applicable"),
            ("main", "unknown"),
        ],
    )
    def test_is_superseded_with_docker_29(self, version, status):
        assert judge("content-trust", facts(engine=engine(version=version))).status == status

    def test_does_not_apply_to_podman(self):
        assert (
            judge("content-trust", facts(engine=engine(name="podman"))).status == "not_applicable"
        )

    def test_is_unknown_without_the_engine(self):
        assert judge("content-trust", facts(engine=None)).status == "unknown"


@pytest.mark.parametrize(
    "check",
    [
        "image-minimal-packages",
        "image-scanned",
        "image-verified-packages",
        "container-image-current",
    ],
)
def test_what_is_in_an_image_is_attested(check):
    assert judge(check, using(image())).status == "manual"
