"""What secrets look like: names that hold them, and values that are them whatever the name."""

import re

REDACTED = "<redacted>"

# Anywhere in a name, as in "dbpassword" or "clientSecretValue".
_TELLING = re.compile(r"passw(or)?d|passphrase|secret|api[_.-]?key|credential", re.IGNORECASE)
# As the last word of a name, as in "REDIS_AUTH" or "authToken".
_LAST_WORDS = {"auth", "dsn", "key", "pwd"}
# As the end of the last word, as in "requirepass" or "authtoken".
_ENDINGS = ("pass", "token")
_OTHER_WORDS = {"bypass", "compass", "encompass", "surpass"}
# "KEY" after these is no secret: official images carry GPG_KEY, for example.
_HARMLESS_KEYS = {
    "cache", "foreign", "gpg", "group", "host", "partition", "pgp", "primary", "pub", "public",
    "routing", "sort",
}  # fmt: skip
# A name that ends in one of these tells about a secret, and doesn't hold it: SECRET_NAME.
_ABOUT = {
    "algorithm", "arn", "ca", "cert", "count", "dir", "directory", "enabled", "endpoint", "expiry",
    "file", "files", "format", "header", "host", "id", "issuer", "length", "lifetime", "name",
    "path", "policy", "port", "provider", "required", "timeout", "ttl", "type", "uri", "url",
}  # fmt: skip
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

# Values that are secrets by their form. Sources: the providers' own documentation of token formats,
# crypt(5) for password hashes, RFC 7519 for JSON web tokens.
SHAPES = re.compile(
    r"""
      (?:AKIA|ASIA)[0-9A-Z]{16}                         # AWS access key
    | gh[pousr]_[A-Za-z0-9]{20,} | github_pat_\w{20,}   # GitHub
    | gl(?:pat|ptt|dt|rt|cbt)-[\w-]{16,}                # GitLab
    | xox[abeoprs]-[\w-]{10,}                           # Slack
    | [sr]k_(?:live|test)_\w{10,}                       # Stripe
    | sk-[\w-]{20,}                                     # OpenAI and others that follow it
    | AIza[\w-]{35}                                     # Google
    | dckr_(?:pat|oat)_[\w-]{16,}                       # Docker Hub
    | SWMTKN-\d-[\w-]{20,} | SWMKEY-\d-[\w+/=-]{20,}    # Docker Swarm
    | npm_[A-Za-z0-9]{30,} | pypi-[\w-]{30,} | hf_[A-Za-z0-9]{20,}
    | hv[sbr]\.[\w-]{20,}                               # Vault
    | AGE-SECRET-KEY-1[0-9A-Z]{20,}
    | (?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*                # JSON web token
    | \$(?:1|5|6|y|gy|7|2[abxy]|argon2\w*|scrypt)\$[^\s:"']{8,}   # crypt(5) hash
    """,
    re.VERBOSE,
)
# A private key in PEM or OpenSSH form. One that is cut off counts up to the end of the text.
PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r".*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)
# Authorization headers, up to the end of the line or the quotes around them.
AUTHORIZATION = re.compile(
    r"(authorization[\"']?[ \t]*[:=][ \t]*[\"']?"
    r"(?:(?:bearer|basic|digest|negotiate|token|apikey)[ \t]+)?)([^\n\0\"']+)",
    re.IGNORECASE,
)
BEARER = re.compile(r"\b(bearer[ \t]+)([A-Za-z0-9+/=._~-]{16,})", re.IGNORECASE)

_SWITCHES = {"0", "1", "false", "n", "no", "off", "on", "true", "y", "yes"}


def names_a_secret(name: str) -> bool:
    """Whether a variable, key, label or option of this name holds a secret."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or words[-1] in _ABOUT or name in ("PWD", "OLDPWD"):
        return False
    if _TELLING.search(name):
        return True
    last = words[-1]
    if last == "key" and _harmless_key(words):
        return False
    return last in _LAST_WORDS or (last.endswith(_ENDINGS) and last not in _OTHER_WORDS)


def _harmless_key(words: list[str]) -> bool:
    return len(words) == 1 or words[-2] in _HARMLESS_KEYS


def is_a_secret(value: str) -> bool:
    """Whether a value is a secret by its form, whatever it is called."""
    return bool(
        SHAPES.search(value)
        or PRIVATE_KEY.search(value)
        or redact_urls(value) != value
        or AUTHORIZATION.search(value)
        or BEARER.search(value)
    )


def is_a_switch(value: str) -> bool:
    """Whether a value only turns something on or off: MYSQL_RANDOM_ROOT_PASSWORD=yes."""
    return value.strip().lower() in _SWITCHES


_URL_REST = re.compile(r"[^\s\"']*")
_PORT_AND_PATH = re.compile(r"\d{1,5}/")
# A user name without a password, of this length at least, is a token: https://TOKEN@github.com.
_TOKEN_LENGTH = 8


def redact_urls(text: str) -> str:
    """Take out passwords and tokens in URLs: scheme://user:password@host, https://token@host.

    Split by hand: an expression that finds the last @ takes quadratic time on a hostile text.
    """
    parts = text.split("://")
    for number in range(1, len(parts)):
        rest = _URL_REST.match(parts[number])
        authority, at, _ = (rest[0] if rest else "").rpartition("@")
        if at:
            shown = _redact_authority(authority, http=parts[number - 1].endswith(("http", "https")))
            parts[number] = shown + parts[number][len(authority) :]
    return "://".join(parts)


def _redact_authority(authority: str, *, http: bool) -> str:
    user, colon, password = authority.partition(":")
    if "/" in user:
        return authority
    if colon:
        # host:5000/image@sha256:… has no password: that is a port and a path.
        harmless = not password or _PORT_AND_PATH.match(password)
        return authority if harmless else f"{user}:{REDACTED}"
    return REDACTED if http and len(user) >= _TOKEN_LENGTH else user
