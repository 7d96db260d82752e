"""The client of a container engine's API: the docker SDK's, made safe for hostile answers."""

import json
import re
from typing import Any
from urllib.parse import urlencode

import docker
import docker.auth
import docker.constants
import docker.errors
import docker.utils.proxy
import requests
import requests.adapters

from hosts.connections.base import EngineError, EngineUnavailable
from hosts.connections.options import Limits

BASE_URL = "http://engine.invalid"

# An inspect answer has about one comma in 25 bytes: this many are far over any real answer, and
# few enough that the parsed objects stay within some 200 MB.
MAX_JSON_PARTS = 2_000_000

_API_VERSION = re.compile(r"[1-9]\d?\.\d{1,3}")
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


class EngineClient(docker.APIClient):
    """docker.APIClient over a given adapter: reads only, and asks nothing of the environment.

    Differences from the SDK's own: the service's ~/.docker/config.json, proxies and credential
    helpers are never used; a request that is not GET or HEAD is refused before it is sent; JSON is
    bounded; no redirect is followed. Errors: docker.errors.APIError for an error status,
    EngineError for an answer that can't be used, another ConnectionFailed if the way to the engine
    is lost.
    """

    def __init__(self, adapter: requests.adapters.BaseAdapter, limits: Limits) -> None:
        # Not APIClient's own: it reads the configuration of the user who runs the service.
        requests.Session.__init__(self)
        self.base_url = BASE_URL
        self.timeout = limits.answer  # type: ignore[assignment]
        self.credstore_env = None
        self._version = docker.constants.MINIMUM_DOCKER_API_VERSION
        self._general_configs: dict[str, Any] = {}
        self._proxy_configs = docker.utils.proxy.ProxyConfig()
        self._auth_configs = docker.auth.AuthConfig({})
        self.trust_env = False
        self.max_redirects = 0
        self.headers.update({"User-Agent": "posture", "Accept-Encoding": "identity"})
        self.adapters.clear()
        self.mount(BASE_URL, adapter)

    @property
    def adapter(self) -> requests.adapters.BaseAdapter:
        """The adapter that sends the requests."""
        return self.adapters[BASE_URL]

    def get_adapter(self, url: str) -> requests.adapters.BaseAdapter:
        """The same. Raises EngineError for any other address: there is no way to the network."""
        if not url.startswith(BASE_URL + "/"):
            raise EngineError("engine-answer", "A request to another address was not sent.")
        return self.adapter

    def negotiate(self) -> "EngineClient":
        """Ask for the engine's API version and use it; close on failure.

        Raises EngineUnavailable.
        """
        try:
            return self.speak(self._told_version())
        except BaseException:
            self.close()
            raise

    def _told_version(self) -> str:
        try:
            answer = self.version(api_version=False)
        except docker.errors.APIError as error:
            if "HTTPS server" in str(error.explanation):
                raise EngineUnavailable(
                    "tls-required",
                    "The port speaks TLS, and no TLS options were given.",
                    "Give the CA and a client certificate (--tls-ca, --tls-cert, --tls-key).",
                ) from error
            raise _unusable(
                f"it answers {error.status_code} to a request for its version"
            ) from error
        except EngineError as error:
            raise EngineUnavailable(
                "engine-error", error.reason, retryable=error.retryable
            ) from error
        version = answer.get("ApiVersion") if isinstance(answer, dict) else None
        if not isinstance(version, str) or not _API_VERSION.fullmatch(version):
            raise _unusable("its answer holds no API version")
        return version

    def speak(self, version: str) -> "EngineClient":
        """Use this version of the API ("1.41") from now on."""
        self._version = version
        return self

    def request(  # type: ignore[override]
        self, method: str, url: str, *, params: Any = None, stream: bool = False, **kwargs: Any
    ) -> requests.Response:
        """Send a request without body. Raises EngineError.

        What requests' own method adds – merged settings, cookies, proxies, redirects – has no
        meaning here and is half of the CPU time of a request.
        """
        given = {name: value for name, value in (params or {}).items() if value is not None}
        prepared = requests.PreparedRequest()
        prepared.method = method
        prepared.url = f"{url}?{urlencode(given, doseq=True)}" if given else url
        prepared.headers = self.headers  # type: ignore[assignment]
        return self.send(prepared, stream=stream, timeout=kwargs.get("timeout"))

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a request. Raises EngineError."""
        if request.method not in ("GET", "HEAD"):
            raise EngineError(
                "engine-read-only", f"A {request.method} request was not sent: audits only read."
            )
        adapter = self.get_adapter(str(request.url))
        response = adapter.send(request, **kwargs)
        if response.is_redirect:
            raise EngineError("engine-answer", "The engine answered with a redirect.")
        return response

    def _result(
        self,
        response: requests.Response,
        json: bool = False,  # noqa: FBT001 (the SDK's signature)
        binary: bool = False,  # noqa: FBT001
    ) -> Any:
        if not json:
            return super()._result(response, json=False, binary=binary)  # type: ignore[misc]
        self._raise_for_status(response)  # type: ignore[attr-defined]
        return parse_json(response.content)


def parse_json(body: bytes) -> Any:
    """Parse an engine's answer, bounded in parts and depth, with valid strings only.

    Invalid UTF-8 and lone surrogates become U+FFFD. Raises EngineError.
    """
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MAX_JSON_PARTS:
        raise EngineError("engine-size", "The engine's answer has more parts than any real one.")
    try:
        answer = json.loads(body.decode("utf-8", "replace"))
        return _valid_strings(answer) if _SURROGATE_ESCAPE.search(body) else answer
    except (ValueError, RecursionError) as error:
        raise EngineError("engine-answer", "The engine's answer is not usable JSON.") from error


def _valid_strings(value: Any) -> Any:
    """Replace lone surrogates, which JSON can escape and UTF-8 can't hold."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_valid_strings(item) for item in value]
        case dict():
            return {_valid_strings(key): _valid_strings(item) for key, item in value.items()}
    return value


def _unusable(what: str) -> EngineUnavailable:
    return EngineUnavailable(
        "engine-error",
        f"What listens there is not a usable container engine: {what}.",
        "Check that the socket or port is the engine's.",
    )
