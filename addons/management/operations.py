"""The operations of the management API as data: what is asked, what is answered; OpenAPI is made of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..accounts import token_files
from ..accounts.oauth_facts import FACTS, OTHER_NAMES
from ..settings_schema import SCHEMA
from ..usage import report
from .metrics import CONTENT_TYPE

type JsonSchema = dict[str, Any]

TEXT: JsonSchema = {"type": "string"}
COUNT: JsonSchema = {"type": "integer", "minimum": 0}
NUMBER: JsonSchema = {"type": "number"}
FLAG: JsonSchema = {"type": "boolean"}


def maybe(schema: JsonSchema) -> JsonSchema:
    return {**schema, "type": [schema["type"], "null"]}


def listing(schema: JsonSchema) -> JsonSchema:
    return {"type": "array", "items": schema}


def mapping(schema: JsonSchema) -> JsonSchema:
    return {"type": "object", "additionalProperties": schema}


def record(*optional: str, **properties: JsonSchema) -> JsonSchema:
    """An object with these properties, all but the optional ones always there. It may have more."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


@dataclass(frozen=True, slots=True)
class Parameter:
    """Of the query. `schema` is a string's or an integer's."""

    name: str
    told: str
    schema: JsonSchema = field(default_factory=lambda: TEXT)


@dataclass(frozen=True)
class Operation:
    """`name` is the operationId, and the method of `Resources` that answers. `errors`: statuses beside 401, 403 and 429
    that it may answer."""

    name: str
    method: str
    path: str
    told: str
    answer: JsonSchema
    query: tuple[Parameter, ...] = ()
    body: JsonSchema | None = None
    errors: tuple[int, ...] = ()
    open: bool = False
    """Answers without a key."""
    content_type: str = "application/json"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)


LIMIT = Parameter("limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": 1000})
OFFSET = Parameter(
    "offset", "How many of the newest to pass over.", {"type": "integer", "minimum": 0, "maximum": 1000000}
)

EXCHANGE = record(
    "recording",
    time=TEXT,
    id=TEXT,
    flow=TEXT,
    client=TEXT,
    format=TEXT,
    model=TEXT,
    provider=TEXT,
    stream=FLAG,
    status=COUNT,
    seconds=NUMBER,
    attempts=listing(TEXT),
    input_tokens=maybe(COUNT),
    output_tokens=maybe(COUNT),
    lost=listing(TEXT),
    account=TEXT,
    partial=FLAG,
    cache_read_tokens=maybe(COUNT),
    cache_write_tokens=maybe(COUNT),
    reasoning_tokens=maybe(COUNT),
)
EXCHANGES = record(total=COUNT, data=listing(EXCHANGE))
ERROR = record("details", error=record("details", type=TEXT, message=TEXT, details=listing(TEXT)))
COLUMNS = {name: NUMBER if name == "cost_usd" else COUNT for name in report.COUNTS}
USAGE = record(
    total_requests=COUNT,
    requests_by_provider=mapping(COUNT),
    tokens_used=record(prompt=COUNT, completion=COUNT),
    since=maybe(TEXT),
    total=record(**COLUMNS),
    cost=record(usd=NUMBER, estimated=FLAG, source=TEXT),
    requests_by_status=mapping(COUNT),
    lost=mapping(COUNT),
    by=TEXT,
    rows=listing(record(**COLUMNS)),
)
REST = record(scope=TEXT, model=TEXT, until=maybe(TEXT), reason=TEXT)
ACCOUNT = record(
    account=TEXT,
    provider=TEXT,
    kind={"type": "string", "enum": ["key", "signed-in"]},
    who=TEXT,
    plan=TEXT,
    state={"type": "string", "enum": ["ready", "resting", "disabled", "sign-in-needed"]},
    expires=maybe(TEXT),
    resting_until=maybe(TEXT),
    resting=listing(REST),
    in_flight=COUNT,
    failures=COUNT,
    last_error=TEXT,
    quota=maybe(record(limit=COUNT, used=COUNT, until=maybe(TEXT))),
)
QUESTION = (
    Parameter("by", "What the rows are for; model if not said.", {"type": "string", "enum": list(report.DIMENSIONS)}),
    Parameter(
        "since",
        "A span such as 24h or 7d (to the full hour), or a day such as 2026-01-31 (UTC).",
        {**TEXT, "anyOf": [{"pattern": f"^{report.SPAN}$"}, {"format": "date"}]},
    ),
)
PROVIDER: JsonSchema = {"type": "string", "enum": [*FACTS, *OTHER_NAMES]}
LABEL: JsonSchema = {"type": "string", "pattern": f"^({token_files.LABEL.pattern})?$"}
SIGN_IN = record(
    "user_code", "message", "account", state=TEXT, provider=TEXT, status=TEXT, url=TEXT, user_code=TEXT,
    message=TEXT, account=TEXT,
)  # fmt: skip
FILTERS = (
    Parameter("model", "Only exchanges of this model."),
    Parameter("provider", "Only exchanges with this provider."),
    Parameter("client", "Only exchanges of the client key of this name."),
    Parameter("account", "Only exchanges whose last attempt was with the credential of this label."),
    Parameter("status", "Only this HTTP status.", {"type": "integer", "minimum": 100, "maximum": 599}),
)

OPERATIONS = (
    Operation(
        "get_config", "GET", "/config", "The configuration, secrets redacted.", {"type": "object"}, errors=(409,)
    ),
    Operation(
        "put_config",
        "PUT",
        "/config",
        "Merge options into the configuration (RFC 7396), check the whole, apply it and write the file.",
        record(status=TEXT, notes=listing(TEXT), restart_required=listing(TEXT)),
        body={"type": "object", "properties": {key: {} for key in SCHEMA.options}, "additionalProperties": False},
        errors=(400, 409, 500),
    ),
    Operation(
        "get_usage", "GET", "/usage", "What was used, and what it may have cost.", USAGE, QUESTION, errors=(400,)
    ),
    Operation(
        "get_usage_csv",
        "GET",
        "/usage.csv",
        "The same rows as a table (RFC 4180).",
        TEXT,
        QUESTION,
        errors=(400,),
        content_type="text/csv; charset=utf-8",
    ),
    Operation(
        "get_logs",
        "GET",
        "/logs",
        "The latest exchanges, newest first, and the last lines of the log's file.",
        record(total=COUNT, data=listing(EXCHANGE), lines=listing(TEXT)),
        query=(LIMIT,),
        errors=(400,),
    ),
    Operation("delete_logs", "DELETE", "/logs", "Clear the log files.", record(status=TEXT, cleared=listing(TEXT))),
    Operation(
        "get_health",
        "GET",
        "/health",
        "Whether the gateway serves, and which providers it can reach.",
        record(status=TEXT, uptime=COUNT, providers=mapping(TEXT)),
        open=True,
    ),
    Operation(
        "get_accounts",
        "GET",
        "/accounts",
        "The credentials and signed-in accounts: who can serve, who rests until when and why.",
        record(data=listing(ACCOUNT)),
    ),
    Operation(
        "patch_account",
        "PATCH",
        "/accounts/{account}",
        "Disable or enable it; `reset` forgets what it rests for.",
        ACCOUNT,
        body={
            "type": "object",
            "properties": {"disabled": FLAG, "reset": FLAG},
            "additionalProperties": False,
            "minProperties": 1,
        },
        errors=(400, 404, 500),
    ),
    Operation(
        "delete_account",
        "DELETE",
        "/accounts/{account}",
        "Sign an account out: its token file is deleted.",
        record(status=TEXT, removed=TEXT),
        errors=(404, 409, 500),
    ),
    Operation(
        "get_models",
        "GET",
        "/models",
        "The models that can be asked for.",
        record(data=listing(record(id=TEXT, provider=TEXT))),
    ),
    Operation(
        "get_flows",
        "GET",
        "/flows",
        "The exchanges of late, newest first.",
        EXCHANGES,
        query=(*FILTERS, LIMIT, OFFSET),
        errors=(400,),
    ),
    Operation("get_metrics", "GET", "/metrics", "Totals and states for Prometheus.", TEXT, content_type=CONTENT_TYPE),
    Operation(
        "post_reload",
        "POST",
        "/reload",
        "Read the configuration file again.",
        record(status=TEXT, restart_required=listing(TEXT), notes=listing(TEXT)),
        errors=(400, 409),
    ),
    Operation(
        "post_oauth_start",
        "POST",
        "/oauth/start",
        "Begin to sign in: the user opens `url` in a browser, and types in the `user_code` where there is one.",
        SIGN_IN,
        body={
            **record("label", "device", "project", provider=PROVIDER, label=LABEL, device=FLAG, project=TEXT),
            "additionalProperties": False,
        },
        errors=(400, 409),
    ),
    Operation(
        "post_oauth_callback",
        "POST",
        "/oauth/callback",
        "End a sign-in with the address that the browser ended on, or the code in it.",
        SIGN_IN,
        body={**record(state=TEXT, url=TEXT), "additionalProperties": False},
        errors=(400, 404, 409),
    ),
    Operation(
        "get_oauth_status",
        "GET",
        "/oauth/status",
        "How a sign-in stands: pending, done or failed.",
        SIGN_IN,
        query=(Parameter("state", "As `/oauth/start` gave it."),),
        errors=(400, 404),
    ),
    Operation("get_openapi", "GET", "/openapi.json", "This API, as OpenAPI 3.1.", {"type": "object"}),
)


def find(path: str) -> list[tuple[Operation, dict[str, str]]]:
    """The operations at a path below `BASE` (no query), each with the parts of the path that it names."""
    matches = ((operation, operation.pattern.fullmatch(path)) for operation in OPERATIONS)
    return [(operation, match.groupdict()) for operation, match in matches if match]
