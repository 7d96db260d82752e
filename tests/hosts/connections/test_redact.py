import json
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts.connections.redact import (
    redact_argv,
    redact_build_step,
    redact_env,
    redact_json,
    redact_text,
    secret_names,
)
from hosts.connections.secret_shapes import REDACTED

# A secret that no other part of a test's text can hold.
SECRET = "hunter2-Xk9"
secrets = st.text(string.ascii_letters + string.digits + "+/_.~!#%-", min_size=8, max_size=40).map(
    lambda text: f"Q7{text}Q7"
)

TELLING_NAMES = [
    "PASSWORD", "DB_PASSWORD", "MYSQL_ROOT_PASSWORD", "db.password", "clientSecret", "API_KEY",
    "apiKey", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "authToken", "REDIS_AUTH", "SENTRY_DSN",
    "MYSQL_PWD", "PASSPHRASE", "ENCRYPTION_KEY", "credentials", "requirepass", "splunk-token",
]  # fmt: skip
HARMLESS_NAMES = [
    "PATH", "PWD", "GPG_KEY", "PUBLIC_KEY", "SECRET_NAME", "TOKEN_TTL", "PASSWORD_FILE", "KEYBOARD",
    "BYPASS", "TOKENIZERS", "MONKEY", "AUTHOR", "KEY", "KEYCLOAK_URL", "CACHE_KEY",
]  # fmt: skip


# --- environment variables ---


def test_the_names_of_variables_stay_and_their_values_go():
    assert redact_env(["COLOUR=red", "DB_PASSWORD=x"]) == [
        f"COLOUR={REDACTED}",
        f"DB_PASSWORD={REDACTED}",
    ]


def test_values_that_are_about_the_image_stay():
    variables = ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", "GPG_KEY=A035C8C19219BA821ECEA86B64E628F8"]
    assert redact_env(variables) == variables


def test_a_secret_within_a_harmless_variable_goes():
    assert SECRET not in redact_env([f"PATH=/bin:https://u:{SECRET}@h/"])[0]


def test_that_a_variable_is_empty_stays():
    assert redact_env(["DB_PASSWORD=", "BARE"]) == ["DB_PASSWORD=", "BARE"]


def test_what_is_no_variable_is_taken_out_as_a_whole():
    assert (
        redact_env([f"not a name {SECRET}=x", "ghp_" + "a" * 36 + "=x"])
        == [f"{REDACTED}={REDACTED}"] * 2
    )


@pytest.mark.parametrize("name", TELLING_NAMES)
def test_tells_the_variable_that_holds_a_secret_by_its_name(name: str):
    assert secret_names([f"{name}=value"]) == [name]


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_does_not_suspect(name: str):
    assert secret_names([f"{name}=value"]) == []


@pytest.mark.parametrize(
    "value",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "a1" * 18,
        "postgres://app:pw@db/app",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
        "$6$salt$abcdefghijklmnop",
    ],
)
def test_tells_the_variable_that_holds_a_secret_by_its_value(value: str):
    assert secret_names([f"COLOUR={value}"]) == ["COLOUR"]


@pytest.mark.parametrize("value", ["", "yes", "true", "0"])
def test_does_not_suspect_a_switch_or_an_empty_value(value: str):
    assert secret_names([f"MYSQL_RANDOM_ROOT_PASSWORD={value}"]) == []


# --- free text ---


@pytest.mark.parametrize(
    "text",
    [
        "password={}",
        "--password={} --other",
        "--password {} --other",
        "--db-password '{}'",
        "DB_PASSWORD={} exec app",
        'export API_TOKEN="{}"',
        "password: {}",
        "password: correct {} staple",
        '{{"password": "{}", "user": "u"}}',
        '{{"a": {{"clientSecret":"{}"}}}}',
        '"{{\\"password\\":\\"{}\\"}}"',
        "password := {}",
        "secret => {}",
        'password="unclosed {}',
        "https://user:{}@registry.example.org/v2/",
        "postgres://user:p@{}@db/app",
        "Authorization: Bearer {}",
        "Authorization: Basic {}",
        "curl -u admin:{} http://h",
        "mysql -u root -p{} db",
        "sshpass -p {} ssh h",
        "redis-cli -h h -a {} ping",
        "docker login -u me -p {} registry",
        "GET /x?token={}&page=1",
        "mysqld\0--password={}\0--port=3306",
        "app\0--api-key\0{}\0--port=3306",
        "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n{}\nthe end is cut off",
    ],
)
@given(secret=secrets)
def test_a_planted_secret_does_not_survive_in(text: str, secret: str):
    redacted = redact_text(text.format(secret))
    assert secret not in redacted
    assert REDACTED in redacted


@given(secrets.map(lambda secret: secret.replace("/", "-")))
def test_a_token_in_place_of_a_user_does_not_survive(secret: str):
    assert redact_text(f"https://{secret}@github.com/o/r") == f"https://{REDACTED}@github.com/o/r"


@pytest.mark.parametrize(
    "text",
    [
        "Basic information about authorization",
        "http://host:5000/image@sha256:0123",
        "ssh://git@github.com/o/r",
        "user: root\nport: 22\n",
        "root:x:0:0:root:/root:/bin/bash",
        "kernel.keys.root_maxkeys = 1000000",
        "PasswordAuthentication no",
        "-w /etc/docker -p wa -k docker",
        "PUBLIC_KEY=abc",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIERbn host",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "docker run -u 1000:1000 app",
    ],
)
def test_harmless_text_stays(text: str):
    assert redact_text(text) == text


def test_json_stays_json():
    text = json.dumps({"password": 'a"b', "token": 5, "list": [{"api_key": "x"}], "user": "u"})
    assert json.loads(redact_text(text).replace(f": {REDACTED}", ": null")) == {
        "password": REDACTED,
        "token": None,
        "list": [{"api_key": REDACTED}],
        "user": "u",
    }


line_parts = st.sampled_from(
    [
        "password", "token", "user", "=", ":", " ", "\n", "\0", '"', "'", "\\", "--", "-p", "mysql",
        "http://", "@", "/", "a", "Bearer ", "eyJ", "-----BEGIN PRIVATE KEY-----", ",", "{", "}",
        REDACTED, "<", ">", "ENV ",
    ]
)  # fmt: skip
messy_text = st.lists(line_parts, max_size=30).map("".join) | st.text(max_size=60)


@given(messy_text)
def test_text_that_was_redacted_stays_as_it_is(text: str):
    once = redact_text(text)
    assert redact_text(once) == once


@pytest.mark.parametrize(
    "bomb",
    [
        "a" * 1_000_000,
        "a=" * 300_000,
        '"' * 500_000,
        "\\" * 500_000,
        "http://a:" * 60_000,
        "http://a:b@" * 50_000,
        "mysql " * 90_000,
        'password="' * 50_000,
        "eyJ" * 200_000,
        "-----BEGIN PRIVATE KEY-----" * 20_000,
        " " * 500_000,
    ],
    ids=lambda bomb: bomb[:12],
)
def test_hostile_text_takes_no_more_than_linear_time(bomb: str):
    start = time.process_time()
    redact_text(bomb)
    assert time.process_time() - start < 10


# --- arguments ---


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["app", "--password", SECRET], ["app", "--password", REDACTED]),
        (["app", f"--password={SECRET}"], ["app", f"--password={REDACTED}"]),
        (["redis-server", "--requirepass", SECRET], ["redis-server", "--requirepass", REDACTED]),
        (["/usr/bin/mysql", f"-p{SECRET}"], ["/usr/bin/mysql", f"-p{REDACTED}"]),
        (["redis-cli", "-a", SECRET, "ping"], ["redis-cli", "-a", REDACTED, "ping"]),
        (["curl", "-u", f"me:{SECRET}"], ["curl", "-u", f"me:{REDACTED}"]),
        (["docker", "run", "-e", f"A={SECRET}"], ["docker", "run", "-e", f"A={REDACTED}"]),
        (["sh", "-c", f"x --token {SECRET}"], ["sh", "-c", f"x --token {REDACTED}"]),
        (["docker", "run", "-u", "1000:1000"], ["docker", "run", "-u", "1000:1000"]),
    ],
)
def test_a_secret_among_arguments_goes(argv: list[str], expected: list[str]):
    assert redact_argv(argv) == expected


@given(st.lists(messy_text, max_size=6))
def test_arguments_that_were_redacted_stay_as_they_are(argv: list[str]):
    once = redact_argv(argv)
    assert redact_argv(once) == once
    assert len(once) == len(argv)


# --- the engine's answers ---


@given(secret=secrets)
def test_a_planted_secret_does_not_survive_in_an_inspected_container(secret: str):
    container = {
        "Path": "app",
        "Args": ["--db-password", secret],
        "Config": {
            "Env": [f"ANYTHING={secret}", "PATH=/bin"],
            "Cmd": ["sh", "-c", f"app --token={secret}"],
            "Entrypoint": ["app", f"--api-key={secret}"],
            "Labels": {"com.example.password": secret, "tier": "web"},
            "Healthcheck": {"Test": ["CMD-SHELL", f"curl -u me:{secret} http://localhost"]},
        },
        "HostConfig": {"LogConfig": {"Type": "splunk", "Config": {"splunk-token": secret}}},
        "State": {"Health": {"Log": [{"Output": f"password={secret}"}]}},
    }
    redacted = redact_json(container)
    assert secret not in json.dumps(redacted)
    assert redacted["Config"]["Env"] == [f"ANYTHING={REDACTED}", "PATH=/bin"]
    assert redacted["Config"]["Labels"]["tier"] == "web"
    assert redact_json(redacted) == redacted


@given(secret=secrets)
def test_a_planted_secret_does_not_survive_in_the_engines_information(secret: str):
    info = {
        "HttpProxy": f"http://proxy:{secret}@proxy.example.org:3128",
        "Labels": [f"token={secret}", "rack=4"],
        "Swarm": {"JoinTokens": {"Worker": secret, "Manager": secret}},
        "RegistryConfig": {"auths": {"r.example.org": {"auth": secret}}},
        "Spec": {"Data": secret},
        "Plugin": {"Settings": {"Env": [{"Name": "DEBUG", "Value": secret}]}},
    }
    redacted = redact_json(info)
    assert secret not in json.dumps(redacted)
    assert redacted["Labels"][1] == "rack=4"
    assert redacted["HttpProxy"].endswith("@proxy.example.org:3128")


@pytest.mark.parametrize(
    "step",
    [
        "/bin/sh -c #(nop)  ENV COLOUR={}",
        "/bin/sh -c #(nop)  ENV A=b COLOUR={} C=d",
        "ENV COLOUR={}",
        "ENV COLOUR {}",
        "ARG COLOUR={}",
        "|2 COLOUR={} B=c /bin/sh -c make",
        "RUN |1 COLOUR={} /bin/sh -c make # buildkit",
        "/bin/sh -c curl -H 'Authorization: Bearer {}' http://h",
    ],
)
@given(secret=secrets)
def test_a_planted_secret_does_not_survive_in_an_images_history(step: str, secret: str):
    history = redact_json([{"CreatedBy": step.format(secret)}])
    assert secret not in json.dumps(history)
    assert redact_json(history) == history


def test_what_a_build_step_does_stays():
    step = "|1 A=b /bin/sh -c apt-get update && apt-get install -y curl"
    assert redact_build_step(step) == (
        f"|1 A={REDACTED} /bin/sh -c apt-get update && apt-get install -y curl"
    )
    assert redact_build_step('/bin/sh -c #(nop)  CMD ["sh"]') == '/bin/sh -c #(nop)  CMD ["sh"]'


def test_names_and_files_of_swarm_secrets_stay():
    secret = {"SecretName": "db", "SecretID": "abc", "File": {"Name": "db", "Mode": 292}}
    assert redact_json({"Secrets": [secret]}) == {"Secrets": [secret]}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | messy_text,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["Env", "Cmd", "Labels", "password", "auths", "Data", "x"]), inner
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_an_answer_that_was_redacted_stays_as_it_is(value: object):
    once = redact_json(value)
    assert redact_json(once) == once


@given(json_values)
def test_redacting_changes_nothing_in_place(value: object):
    before = json.dumps(value)
    redact_json(value)
    assert json.dumps(value) == before
