"""Records what a real engine answers, for the tests to replay.

python -m tests.scans.collectors.engine.record HOST
writes recordings/ENGINE-VERSION.json: path and query → answer, all that the collector asks for.
HOST is a name of the lab's inventory. Its hosts hold no real secret; join tokens are not asked for.
"""

import json
import sys
from pathlib import Path
from typing import Any

import docker

from scans.collectors.engine.info import is_podman
from scans.collectors.engine.processes import DOCKER_COLUMNS, PODMAN_COLUMNS
from tests.labhosts import running_lab

RECORDINGS = Path(__file__).parent / "recordings"


def record(client: docker.APIClient) -> dict[str, Any]:
    """Every answer that a reading needs, by the path that it is asked for with."""
    answers: dict[str, Any] = {"/version": client.version(api_version=False)}
    podman = is_podman(answers["/version"])

    def ask(path: str) -> Any:
        response = client.get(client._url(path))
        if response.status_code < 400:
            answers[path] = response.json()
        else:
            answers[path] = {"$status": response.status_code, "message": response.text.strip()}
        return answers[path]

    for path in ("/info", "/volumes", "/networks", "/plugins"):
        ask(path)
    containers = ask("/containers/json?limit=-1&all=1&size=0&trunc_cmd=0")
    for container in containers:
        ask(f"/containers/{container['Id']}/json")
        if container["State"] == "running":
            columns = f"ps_args={PODMAN_COLUMNS if podman else DOCKER_COLUMNS}"
            ask(f"/containers/{container['Id']}/top?{columns}")
            if not podman:
                ask(f"/containers/{container['Id']}/top")
    for image in ask("/images/json?only_ids=0&all=0"):
        ask(f"/images/{image['Id']}/json")
        ask(f"/images/{image['Id']}/history")
    if answers["/info"]["Swarm"].get("ControlAvailable"):
        for path in ("/services", "/secrets", "/configs"):
            ask(path)
    return answers


def main(host: str) -> None:
    """Record one host of the lab."""
    with running_lab().host(host).open() as session:
        answers = record(session.engine())
    name = "podman" if is_podman(answers["/version"]) else "docker"
    version = answers["/version"]["Version"].partition("+")[0]
    path = RECORDINGS / f"{name}-{version}.json"
    text = json.dumps(answers, indent=1, sort_keys=True)
    # The kernel is that of the machine the lab runs on: its flavour is nobody's business.
    kernel = answers["/version"]["KernelVersion"]
    path.write_text(text.replace(kernel, kernel.partition("-")[0]) + "\n")
    print(f"{path}: {len(answers)} answers")


if __name__ == "__main__":
    main(sys.argv[1])
