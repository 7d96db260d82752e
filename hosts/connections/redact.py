"""Secrets taken out of what was read, before it is kept. What is left tells that one was there.

Every function is idempotent. Names stay, values become ``<redacted>``. Values of environment
variables go without looking at them; elsewhere the name or the form of a value decides
(``secret_shapes``). Taking out too much is accepted where the two can't be told apart.
"""

import re
from collections.abc import Iterable
from typing import Any

from hosts.connections.secret_shapes import (
    AUTHORIZATION,
    BEARER,
    PRIVATE_KEY,
    REDACTED,
    SHAPES,
    is_a_secret,
    is_a_switch,
    names_a_secret,
    redact_urls,
)

# Environment variables whose value is about the image, not about its owner.
SAFE_VARIABLES = frozenset(
    {
        "DEBIAN_FRONTEND", "GPG_KEY", "HOME", "HOSTNAME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE",
        "LOGNAME", "PATH", "PWD", "SHELL", "TERM", "TZ", "USER",
    }
)  # fmt: skip

_VARIABLE = re.compile(r"[A-Za-z_][\w.-]{0,199}")

# The head of name=value, "name": "value", name: value; quotes may be escaped, as JSON in JSON is.
_HEAD = re.compile(
    r"""
    (?<![\w.-]) (?P<name>[A-Za-z_-][\w.-]{1,200}) (?P<quote>\\*["']?)
    [ \t]*(?P<separator>:=|=>|=|:)(?P<space>[ \t]*)
    """,
    re.VERBOSE,
)
_QUOTED = re.compile(
    r"""(?P<open>\\+["']) .*? (?P=open) | "(?:[^"\\\n]|\\.)*" | '[^'\n]*'""", re.VERBOSE
)
# What may follow a closing quote and still be part of a shell word: "abc"def.
_REST_OF_WORD = re.compile(r"[^\s\0,;:}\])\"'\\]*")
# A NUL ends a word too: it separates the arguments in /proc/*/cmdline.
_LINE = re.compile(r"[^\n\0]*")
_WORD = re.compile(r"[^\s\0]*")
_JSON_WORD = re.compile(r"[^\s,}\]]*")

# --name value
_FLAG = re.compile(
    r"(?<![^\s\0])(--?[A-Za-z][\w-]{1,100})([ \t\0]+)(\"[^\"\n]*\"|'[^'\n]*'|[^\s\0]+)"
)
# Short options that take a password, by command. The distance is bounded for the time it takes.
_SHORT_OPTIONS = re.compile(
    r"""
      (\bsshpass[ \t]+-p[ \t]*)\S+
    | (\b(?:mysql|mariadb)\w*\b[^\n|;]{0,300}?[ \t]-p)\S+
    | (\bredis-cli\b[^\n|;]{0,300}?[ \t]-a[ \t]+)\S+
    | (\b(?:docker|podman)[ \t]+login\b[^\n|;]{0,300}?[ \t]-p[ \t]+)\S+
    | (\b(?:curl|wget)\b[^\n|;]{0,300}?[ \t](?:-u|--user|--proxy-user)[ \t=]+[^\s:]+:)\S+
    """,
    re.VERBOSE,
)
# The words of an image's history that set variables: ENV and ARG lines, and RUN's build arguments.
_BUILD_VARIABLES = re.compile(
    r"^(?:(?:/bin/sh -c )?\#\(nop\)\s+)?(?:ENV|ARG)\s|^(?:RUN )?\|\d+ ", re.IGNORECASE
)
_BUILD_ASSIGNMENT = re.compile(
    r"(?<!\S)([A-Za-z_][\w.-]*)=((?:(?!\s[A-Za-z_][\w.-]*=|\s/bin/sh\s-c\s).)*)", re.DOTALL
)
_BUILD_PAIR = re.compile(r"((?:ENV|ARG)\s+)([A-Za-z_][\w.-]*)\s+(.*)", re.DOTALL | re.IGNORECASE)


def redact_env(variables: Iterable[str]) -> list[str]:
    """``NAME=value`` strings with every value taken out, but for SAFE_VARIABLES and empty ones."""
    return [_redact_variable(variable) for variable in variables]


def secret_names(variables: Iterable[str]) -> list[str]:
    """Names of the variables that hold a secret by their name or their value, in order, once each.

    Give it what was read, not what redact_env made of it: a value's form is gone there.
    """
    found: dict[str, None] = {}
    for variable in variables:
        name, _, value = variable.partition("=")
        if value and not is_a_switch(value) and (names_a_secret(name) or is_a_secret(value)):
            found[_shown_name(name)] = None
    return list(found)


SHORT_WORD = 12
"""No secret is recognised by its shape alone in a word of that many letters and digits."""


def redact_text(text: str) -> str:
    """Free text (a command line, a configuration file, a command's output) without its secrets."""
    if len(text) <= SHORT_WORD and text.isalnum():
        return text
    for _ in range(8):
        redacted = _redact_once(text)
        if redacted == text:
            break
        text = redacted
    return text


def redact_argv(arguments: Iterable[str]) -> list[str]:
    """A command's arguments, looking at an option and its value together."""
    redacted: list[str] = []
    command, previous = "", ""
    for argument in arguments:
        if previous and _takes_secret(command, previous) and argument:
            redacted.append(REDACTED)
        elif previous in ("-e", "--env") and "=" in argument:
            redacted.append(_redact_variable(argument))
        elif command in ("curl", "wget") and previous in _USER_OPTIONS and ":" in argument:
            redacted.append(f"{redact_text(argument.partition(':')[0])}:{REDACTED}")
        elif command.startswith(("mysql", "mariadb")) and re.match("-p.", argument):
            redacted.append(f"-p{REDACTED}")
        else:
            redacted.append(redact_text(argument))
        name = argument.rpartition("/")[2]
        if name in _COMMANDS or name.startswith(("mysql", "mariadb", "curl", "wget")):
            command = name
        previous = argument
    return redacted


def redact_json(value: Any) -> Any:
    """A copy of an engine's answer without its secrets; its shape and its keys stay."""
    return _redact_value("", value)


_USER_OPTIONS = ("-u", "--user", "--proxy-user")
_COMMANDS = {"sshpass": "-p", "redis-cli": "-a", "login": "-p"}
# Keys of the engine's API under which every string goes, however deep.
_SECRET_TREES = {"auths", "jointokens", "registryauth", "unlockkey"}
# Keys whose strings are content: of swarm configs and secrets (base64).
_CONTENT = {"Data"}


def _redact_variable(variable: str) -> str:
    name, equals, value = variable.partition("=")
    name = _shown_name(name)
    if not value:
        return name + equals
    return f"{name}={redact_text(value) if name in SAFE_VARIABLES else REDACTED}"


def _shown_name(name: str) -> str:
    return name if _VARIABLE.fullmatch(name) and not is_a_secret(name) else REDACTED


def _redact_once(text: str) -> str:
    text = PRIVATE_KEY.sub(REDACTED, text)
    text = redact_urls(text)
    text = AUTHORIZATION.sub(rf"\g<1>{REDACTED}", text)
    text = BEARER.sub(rf"\g<1>{REDACTED}", text)
    text = SHAPES.sub(REDACTED, text)
    text = _SHORT_OPTIONS.sub(lambda match: f"{match[match.lastindex or 0]}{REDACTED}", text)
    text = _FLAG.sub(_redact_flag, text)
    return _redact_assignments(text)


def _redact_flag(match: re.Match[str]) -> str:
    flag, space, value = match.groups()
    if not names_a_secret(flag) or value.startswith("--"):
        return match[0]
    return f"{flag}{space}{_requote(value)}"


def _redact_assignments(text: str) -> str:
    """Take out the values of names that tell of a secret, in one pass over the text."""
    parts: list[str] = []
    position = 0
    while head := _HEAD.search(text, position):
        parts.append(text[position : head.end()])
        position = head.end()
        if names_a_secret(head["name"]):
            end = _value_end(text, head)
            if end > position:
                parts.append(_requote(text[position:end]))
            position = end
    return "".join([*parts, text[position:]])


def _value_end(text: str, head: re.Match[str]) -> int:
    """Where a value ends: at its quote; in JSON at a delimiter; in YAML with the line; a word."""
    start = head.end()
    if quoted := _QUOTED.match(text, start):
        return _end(_REST_OF_WORD, text, quoted.end())
    if text[start : start + 1] in ("'", '"'):
        return _end(_LINE, text, start)
    if head["quote"]:
        return _end(_JSON_WORD, text, start)
    if head["separator"] == ":" and head["space"]:
        return _end(_LINE, text, start)
    return _end(_WORD, text, start)


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def _requote(value: str) -> str:
    """The placeholder within the value's own quotes, so that JSON stays JSON."""
    quote = re.match(r"\\*[\"']", value)
    return f"{quote[0]}{REDACTED}{quote[0]}" if quote else REDACTED


def _takes_secret(command: str, option: str) -> bool:
    if _COMMANDS.get(command) == option:
        return True
    return option.startswith("-") and "=" not in option and names_a_secret(option)


def _redact_value(key: str, value: Any) -> Any:
    match value:
        case dict():
            return _redact_dict(key, value)
        case list():
            return _redact_list(key, value)
        case str():
            return _redact_string(key, value)
    return value


def _redact_dict(key: str, value: dict[str, Any]) -> dict[str, Any]:
    if key == "Env" and isinstance(value.get("Value"), str):
        value = value | {"Value": REDACTED if value["Value"] else ""}
    inner = key if key.lower() in _SECRET_TREES else ""
    return {name: _redact_value(inner or name, item) for name, item in value.items()}


def _redact_list(key: str, value: list[Any]) -> list[Any]:
    if not all(isinstance(item, str) for item in value):
        return [_redact_value(key, item) for item in value]
    if key == "Env":
        return redact_env(value)
    if key.lower() in _SECRET_TREES:
        return [REDACTED for _ in value]
    return redact_argv(value)


def _redact_string(key: str, value: str) -> str:
    if not value:
        return value
    if key in _CONTENT or key.lower() in _SECRET_TREES or names_a_secret(key):
        return REDACTED
    if _BUILD_VARIABLES.match(value):
        return redact_build_step(value)
    return redact_text(value)


def redact_build_step(step: str) -> str:
    """One step of an image's history: variables lose their values, as in redact_env."""
    if not _BUILD_VARIABLES.match(step):
        return redact_text(step)
    if not _BUILD_ASSIGNMENT.search(step):
        step = _BUILD_PAIR.sub(rf"\g<1>\g<2>={REDACTED}", step)
    return redact_text(_BUILD_ASSIGNMENT.sub(lambda match: _redact_variable(match[0]), step))
