"""What is told of a recorded exchange in one line: plain values, the same for people and programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from cliproxy.addons import reading
from cliproxy.addons.recordings import Recorded
from cliproxy.addons.usage import prices
from cliproxy.translators import ir


@dataclass(frozen=True, slots=True)
class Summary:
    """`began`: epoch seconds; the other times are seconds since then. `cost`: US dollars, None where not known."""

    id: str
    began: float
    client: str
    format: str
    asked: str
    provider: str
    model: str
    account: str
    stream: bool
    status: int
    attempts: int
    seconds: float | None
    first_byte: float | None
    input: int | None
    output: int | None
    cost: float | None
    lost: tuple[str, ...]
    error: str

    def json(self) -> dict[str, Any]:
        return asdict(self) | {"began": datetime.fromtimestamp(self.began, UTC).isoformat(timespec="milliseconds")}


def summary(one: Recorded) -> Summary:
    facts, answer = one.facts, reading.answered(one)
    usage = answer.finish.usage if answer and answer.finish else None
    told = facts.get("tokens") or {}
    provider = str(facts.get("provider", "") or (one.last.request.host if one.last else ""))
    model = str(facts.get("model") or one.model)
    response = one.response or (one.last.response if one.last else None)
    return Summary(
        id=one.id,
        began=one.began,
        client=str(facts.get("client", "")),
        format=one.format.NAME if one.format else "",
        asked=one.model,
        provider=provider,
        model=model,
        account=str(facts.get("account", "")),
        stream=one.stream,
        status=response.status_code if response else 0,
        attempts=len(one.attempts),
        seconds=facts.get("seconds"),
        first_byte=facts.get("first_byte", one.chunks[0][0] if one.chunks else None),
        input=told.get("input", usage.input if usage else None),
        output=told.get("output", usage.output if usage else None),
        cost=_cost(one, provider, model, usage),
        lost=tuple(facts.get("lost") or ()),
        error=one.error or (answer.error.message if answer and answer.error else ""),
    )


def _cost(one: Recorded, provider: str, model: str, usage: ir.Usage | None) -> float | None:
    return prices.estimate(provider, one.last.request.url, model, usage) if usage and one.last else None


def dollars(cost: float | None) -> str:
    return "" if cost is None else f"${cost:.4f}"


def number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} s"
