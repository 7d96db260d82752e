"""No secret's value may pass into facts, wherever the engine's answers hold it."""

import json
from typing import Any

import pytest

from scans.collectors.engine.secrets import UNNAMED, secrets_in_command
from tests.scans.collectors.engine.conftest import Read
from tests.scans.collectors.engine.replay import (
    DOCKER_26,
    containers,
    images,
    listed,
    recording,
)

CANARY = "canary-0123456789"


def planted() -> dict[str, Any]:
    """The recording of a swarm manager, with a secret wherever people put them."""
    answers = recording(DOCKER_26)
    secret = f"password={CANARY}"
    labels = {"db.password": CANARY, "url": f"https://u:{CANARY}@h/"}
    for container in containers(answers).values():
        config, host = container["Config"], container["HostConfig"]
        config["Env"] = [
            f"DB_PASSWORD={CANARY}",
            f"URL=postgres://u:{CANARY}@db/",
            f"PLAIN={CANARY}",
        ]
        config["Labels"] = labels | config["Labels"]
        config["Cmd"] = ["app", "--password", CANARY]
        config["Healthcheck"] = {"Test": ["CMD-SHELL", f"curl -u admin:{CANARY} http://localhost"]}
        container["Args"] = [f"--api-key={CANARY}", "--token", CANARY]
        host["LogConfig"] = {"Type": "splunk", "Config": {"splunk-token": CANARY}}
        host["SecurityOpt"] = [f'seccomp={{"password": "{CANARY}"}}']
        host["StorageOpt"] = {"token": CANARY}
        host["Tmpfs"] = {"/t": secret}
    for image, history in images(answers).values():
        image["Config"] |= {
            "Env": [f"API_KEY={CANARY}"],
            "Labels": labels,
            "Cmd": ["x", f"--{secret}"],
        }
        image["Config"]["OnBuild"] = [f"ENV TOKEN={CANARY}", f"RUN login --{secret}"]
        image["Comment"] = CANARY
        image["Identity"] = {"Signature": [{"token": CANARY}]}
        history[0] |= {"CreatedBy": f"|1 TOKEN={CANARY} /bin/sh -c make", "Comment": secret}
    for network in answers["/networks"]:
        network |= {"Labels": labels, "Options": {"secret": CANARY}}
    answers["/volumes"]["Volumes"] = [
        {"Name": "share", "Driver": "local", "Labels": labels, "Options": {"o": f"user=u,{secret}"}}
    ]
    service = answers["/services"][0]["Spec"]
    service["Labels"] = labels
    service["TaskTemplate"]["ContainerSpec"] |= {
        "Env": [f"TOKEN={CANARY}"],
        "Args": [f"--{secret}"],
    }
    answers["/secrets"] = [{"Spec": {"Name": "tls", "Data": CANARY, "Labels": labels}}]
    answers["/configs"] = [{"Spec": {"Name": "conf", "Data": CANARY, "Labels": labels}}]
    answers["/info"] |= {
        "HttpProxy": f"http://u:{CANARY}@proxy:3128",
        "Labels": [f"token={CANARY}"],
        "Warnings": [f"cannot reach https://u:{CANARY}@mirror"],
    }
    answers["/info"]["RegistryConfig"]["Mirrors"] = [f"https://u:{CANARY}@mirror/"]
    answers["/plugins"] = {"$status": 500, "message": f"dial https://u:{CANARY}@plugins: refused"}
    for path in [path for path in answers if "/top" in path]:
        answers[path]["Processes"] = [["1", "0", "0", "app", f"app --password {CANARY}"]]
    return answers


def test_no_planted_secret_gets_into_facts_or_gaps(read: Read) -> None:
    answers = planted()
    assert json.dumps(answers).count(CANARY) > 50
    facts, gaps = read(answers, processes=True)
    assert facts.containers is not None
    assert len(facts.containers) == len(listed(answers))
    assert all(container.processes for container in facts.containers)
    assert CANARY not in repr(facts)
    assert [gap.section for gap in gaps] == ["plugins"]
    assert CANARY not in repr(gaps)


def test_the_names_of_planted_secrets_are_told(read: Read) -> None:
    facts, _ = read(planted())
    assert facts.containers is not None
    assert facts.images is not None
    assert facts.swarm is not None
    assert facts.containers[0].env_names == ("DB_PASSWORD", "URL", "PLAIN")
    assert facts.containers[0].secret_names == ("DB_PASSWORD", "URL")
    assert facts.images[0].secret_names == ("API_KEY",)
    assert "TOKEN" in facts.images[0].history_secrets
    assert facts.swarm.secrets == ("tls",)


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("ENV DB_PASSWORD=x", ["DB_PASSWORD"]),
        ('RUN TOKEN="a b" make', ["TOKEN"]),
        ("app --api-key=x --verbose", ["api-key"]),
        ("app --token x", ["token"]),
        ("git clone https://bot:x@git.lan/repo", [UNNAMED]),
        ("ENV PASSWORD_FILE=/run/secrets/x", []),
        ("ENV PASSWORD=/run/secrets/x", []),
        ("RUN PASSWORD=$PASSWORD make", []),
        ("ENV MYSQL_RANDOM_ROOT_PASSWORD=yes", []),
        ("app --token --verbose", []),
        ("ENV LANG=C.UTF-8 PATH=/bin", []),
    ],
)
def test_finds_the_names_of_secrets_in_a_command(command: str, names: list[str]) -> None:
    assert list(secrets_in_command(command)) == names
