"""A real OAuth authorization server on loopback: authlib's server side, with the users' part played by the test."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from authlib.integrations.flask_oauth2 import AuthorizationServer as FlaskServer
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7523 import JWTBearerGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCodeGrant, DeviceCredentialDict
from flask import Flask, Response, request
from werkzeug.serving import make_server

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # it is on loopback

CLIENT = "test-client"
REDIRECT_PATH = "/callback"


@dataclass
class Client:
    """A public client: no secret, PKCE instead."""

    redirect_uri: str
    client_id: str = CLIENT

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, uri: str) -> bool:
        return uri == self.redirect_uri

    def check_client_secret(self, secret: str) -> bool:
        return False

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "none"

    def check_response_type(self, kind: str) -> bool:
        return kind == "code"

    def check_grant_type(self, kind: str) -> bool:
        return True


@dataclass
class User:
    id: str = "ann"

    def get_user_id(self) -> str:
        return self.id


@dataclass
class Code:
    redirect_uri: str
    scope: str
    code_challenge: str | None
    code_challenge_method: str | None

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


@dataclass
class Issued:
    access_token: str
    refresh_token: str
    scope: str
    expires_in: int
    revoked: bool = False
    at: float = field(default_factory=time.time)

    def check_client(self, client: Client) -> bool:
        return True

    def get_scope(self) -> str:
        return self.scope


@dataclass
class Server:
    """What it has given out and been asked. `lifetime`: seconds of an access token; `think`: of each refresh.

    `grants`: user code → whether the user agreed; `slow`: how many polls are to be told to slow down.
    """

    url: str
    redirect_uri: str
    lifetime: int = 3600
    think: float = 0.0
    slow: int = 0
    device_lifetime: int = 600
    down: bool = False
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: list[Issued] = field(default_factory=list)
    devices: dict[str, dict[str, Any]] = field(default_factory=dict)
    grants: dict[str, bool] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    """The token requests, in their order."""
    refused: int = 0
    """How many of them were refused."""
    extra: dict[str, Any] = field(default_factory=dict)
    """What answers of the token endpoint have beside the tokens."""
    public_key: Any = None

    def of(self, grant: str) -> list[dict[str, str]]:
        return [one for one in self.asked if one.get("grant_type") == grant]

    def valid(self, access_token: str) -> bool:
        return any(one.access_token == access_token and not one.revoked for one in self.tokens)

    def settings(self) -> dict[str, Any]:
        """`oauth.<provider>` of a configuration that signs in here."""
        return {
            "client-id": CLIENT,
            "authorization-url": f"{self.url}/authorize",
            "token-url": f"{self.url}/token",
            "device-authorization-url": f"{self.url}/device",
            "redirect-url": self.redirect_uri,
        }

    def agree(self, authorization_url: str) -> str:
        """Play the user's browser up to the redirect; gives the address that it ends on."""
        answer = httpx.get(authorization_url, follow_redirects=False)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def file(self, **more: Any) -> dict[str, Any]:
        """A token file's fields for an account that has signed in here; `expires_in` counts from now."""
        issued = self.issue(more.pop("expires_in", self.lifetime))
        now = int(time.time())
        times = {"expires_at": now + issued.expires_in, "last_refresh": now}
        return {"access_token": issued.access_token, "refresh_token": issued.refresh_token, **times, **more}

    def issue(self, lifetime: int) -> Issued:
        number = len(self.tokens) + 1
        issued = Issued(f"sk-test-access-{number}", f"sk-test-refresh-{number}", "openid", lifetime)
        self.tokens.append(issued)
        return issued


USER = User()


class Authorizations(FlaskServer):  # type: ignore[misc]
    state: Server

    def issue(self, grant_type: str, client: Client, include_refresh_token: bool = True, **_: Any) -> dict[str, Any]:
        state = self.state
        issued = state.issue(state.lifetime)
        token = {"token_type": "Bearer", "access_token": issued.access_token, "expires_in": state.lifetime}
        return {**token, **({"refresh_token": issued.refresh_token} if include_refresh_token else {}), **state.extra}


class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ["none"]

    def save_authorization_code(self, code: str, asked: Any) -> None:
        data, payload = asked.payload.data, asked.payload
        challenge = data.get("code_challenge"), data.get("code_challenge_method")
        self.server.state.codes[code] = Code(payload.redirect_uri, payload.scope, *challenge)

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        found: Code | None = self.server.state.codes.get(code)
        return found

    def delete_authorization_code(self, authorization_code: Code) -> None:
        codes = self.server.state.codes
        self.server.state.codes = {code: one for code, one in codes.items() if one is not authorization_code}

    def authenticate_user(self, authorization_code: Code) -> User:
        return USER


class RefreshGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
    """Each refresh token works once; one that is used again is refused for good."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["none"]
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Issued | None:
        state = self.server.state
        time.sleep(state.think)
        found = (one for one in state.tokens if one.refresh_token == refresh_token and not one.revoked)
        return next(found, None)

    def authenticate_user(self, refresh_token: Issued) -> User:
        return USER

    def revoke_old_credential(self, refresh_token: Issued) -> None:
        refresh_token.revoked = True


class DeviceGrant(DeviceCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ["none"]

    def query_device_credential(self, device_code: str) -> DeviceCredentialDict | None:
        found = self.server.state.devices.get(device_code)
        return DeviceCredentialDict(found) if found else None

    def query_user_grant(self, user_code: str) -> tuple[User, bool] | None:
        agreed = self.server.state.grants.get(user_code)
        return None if agreed is None else (USER, agreed)

    def should_slow_down(self, credential: DeviceCredentialDict) -> bool:
        self.server.state.slow -= 1
        return bool(self.server.state.slow >= 0)


class DeviceEndpoint(DeviceAuthorizationEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = ["none"]
    INTERVAL = 1

    def get_verification_uri(self) -> str:
        return f"{self.server.state.url}/activate"

    def save_device_credential(self, client_id: str, scope: str, data: dict[str, Any]) -> None:
        state = self.server.state
        expires = time.time() + state.device_lifetime
        state.devices[data["device_code"]] = {**data, "client_id": client_id, "scope": scope, "expires_at": expires}


class ServiceGrant(JWTBearerGrant):  # type: ignore[misc]
    def resolve_issuer_client(self, issuer: str) -> Client:
        return Client(self.server.state.redirect_uri)

    def resolve_client_public_key(self, client: Client) -> Any:
        return self.server.state.public_key

    def get_audiences(self) -> list[str]:
        return [f"{self.server.state.url}/token"]


def _flask(state: Server) -> Flask:
    app = Flask("authorization server")
    server = Authorizations(app, lambda id: Client(state.redirect_uri) if id == CLIENT else None, lambda *_: None)
    server.state = state
    server.register_token_generator("default", server.issue)
    server.register_grant(CodeGrant, [CodeChallenge(required=True)])
    for grant in (RefreshGrant, DeviceGrant, ServiceGrant):
        server.register_grant(grant)
    server.register_endpoint(DeviceEndpoint)

    @app.get("/authorize")
    def authorize() -> Any:
        return server.create_authorization_response(grant_user=USER, grant=server.get_consent_grant(end_user=USER))

    @app.post("/token")
    def token() -> Any:
        state.asked.append(dict(request.form))
        if state.down:
            return Response("upstream is down", 503)
        answer = server.create_token_response()
        state.refused += answer.status_code != 200
        return answer

    @app.post("/device")
    def device() -> Any:
        return server.create_endpoint_response("device_authorization")

    return app


@contextlib.contextmanager
def authorization_server(redirect_port: int = 0) -> Iterator[Server]:
    """One on a port of its own."""
    state = Server("", f"http://localhost:{redirect_port or 1}{REDIRECT_PATH}")
    running = make_server("127.0.0.1", 0, _flask(state), threaded=True)
    state.url = f"http://127.0.0.1:{running.server_port}"
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        running.shutdown()
        running.server_close()


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def id_token(claims: dict[str, Any]) -> str:
    """Unsigned: what it says is shown, never trusted."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part(claims)}.c2ln"
