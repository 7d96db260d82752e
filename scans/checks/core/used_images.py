"""The images that running containers use, and how they were named when they were started."""

import re
from collections.abc import Callable, Iterator

from scans.checks.core.model import Evidence, Subject, Verdict, unknown
from scans.checks.core.reading import image_subject, require, running_containers
from scans.facts import Container, Facts, Image


def judge_used(facts: Facts, judge: Callable[[Subject, Image], Verdict]) -> Iterator[Verdict]:
    """A verdict on each image that a running container uses."""
    used = {container.image_id: container.image for container in running_containers(facts)}
    known = {image.id: image for image in require(facts, facts.images, "images", "the images")}
    for image_id, reference in used.items():
        image = known.get(image_id)
        if image is not None:
            yield judge(image_subject(image), image)
        else:
            seen = Evidence("docker inspect: Image", image_id, "an image that the engine lists")
            yield unknown(Subject("image", reference), "is not among the engine's images", seen)


def names_content(container: Container) -> bool:
    """Whether a container's image reference is a digest, or the (shortened) id of its image."""
    reference = container.image.removeprefix("sha256:")
    hexadecimal = re.fullmatch(r"[0-9a-f]{4,64}", reference) is not None
    is_id = hexadecimal and container.image_id.removeprefix("sha256:").startswith(reference)
    return is_id or "@sha256:" in container.image
