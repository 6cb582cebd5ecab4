"""What gateways tell each other of their pools, through the shared store: who rests, whose turn it is, what is used up.

One entry a provider holds its rests, one its turns; one a credential and window its tokens; one a conversation where it
is. Each attempt costs one question before it, and one word after a choice that others must know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from ..state.shared import Shared
from ..state.store import Document, Store
from .cooldowns import LONGEST, MODELS, REMEMBERED, RULES, Rest
from .pool import Account, Change, Credential, Pool

TABLE = "pool"
STICKS = 3600.0
"""Seconds after its last request that a conversation is remembered: no prompt cache lives longer."""
TURNS_LAST = 86400.0
FRESH = 2.0
"""Seconds after which a question that was asked before we told something is answered at the latest."""
WHOLE = ""
"""In the entry of rests, the name of the provider itself."""


class SharedPool:
    def __init__(self, shared: Shared, pool: Pool) -> None:
        self._shared, self._pool = shared, pool
        self._unsaid: list[Change] = []
        self._fresh: list[tuple[float, Change]] = []

    def later(self, changes: Iterable[Change]) -> None:
        """To be told before the next question."""
        self._unsaid += changes

    # -- before a choice -------------------------------------------------------------------

    async def look(self, provider: str, model: str, conversation: str, now: float) -> str:
        """Learn what others know of this provider. Gives the credential that the conversation is at; "" for none."""
        unsaid, self._unsaid = self._unsaid, []
        await self.tell(unsaid, now)
        store, serving = self._shared.store, self._pool.serving(provider, model)
        several = len(serving) > 1
        place = _place(provider, conversation) if several and conversation else ""
        turns = f"turns/{provider}" if several else ""
        counted = {_use(one.credential, now): one for one in serving if one.credential.quota is not None}
        asked = [f"rests/{provider}", f"disabled/{provider}", *counted, *filter(None, (turns, place))]
        found = await store.read(TABLE, asked)
        if not store.degraded:  # else we know more than our own copy of it
            self._learn_rests(provider, found.get(f"rests/{provider}", {}), now)
        self._learn_disabled(provider, found.get(f"disabled/{provider}", {}))
        self._learn_turns(provider, found.get(turns, {}))
        for key, account in counted.items():
            learn_use(account, found.get(key, {}), now)
        return str(found.get(place, {}).get("account", ""))

    def _learn_rests(self, provider: str, entry: Document, now: float) -> None:
        """What was read may be older than what we have just said."""
        fresh = [change for _, change in self._fresh if change.provider == provider]
        entry = merged(entry, fresh, now) or {} if fresh else entry
        for id in (WHOLE, *(one.credential.id for one in self._pool.accounts(provider))):
            self._pool.rests(provider, id).by_model = {
                model: rest for model, said in entry.get(id, {}).items() if (rest := parse(said))
            }

    def _learn_disabled(self, provider: str, entry: Document) -> None:
        for account in self._pool.accounts(provider):
            account.disabled = account.credential.id in entry

    def _learn_turns(self, provider: str, entry: Mapping[str, float]) -> None:
        for account in self._pool.accounts(provider):
            account.turns = max(account.turns, entry.get(account.credential.id, 0.0))

    # -- after one -------------------------------------------------------------------------

    async def chosen(self, credential: Credential, model: str, now: float) -> None:
        """It had its turn. Needless to say where there is nothing to choose."""
        account = self._pool.account(credential.id)
        if account and len(self._pool.serving(credential.provider, model)) > 1:
            turn = {credential.id: 1 / account.weight}
            told = await self._shared.store.add(TABLE, f"turns/{credential.provider}", turn, now + TURNS_LAST)
            self._learn_turns(credential.provider, told)

    async def bind(self, conversation: str, credential: Credential, now: float) -> None:
        """The conversation is there from now on."""
        entry, place = {"account": credential.id}, _place(credential.provider, conversation)
        await self._shared.store.update(TABLE, place, lambda _: entry, now + STICKS)

    # -- how it went -----------------------------------------------------------------------

    async def tell(self, changes: Iterable[Change], now: float) -> None:
        """Before this is awaited, the pool must know it already."""
        changes = list(changes)
        self._fresh = [(said, change) for said, change in self._fresh if now < said + FRESH]
        self._fresh += [(now, change) for change in changes]
        for provider in dict.fromkeys(change.provider for change in changes):
            mine = [change for change in changes if change.provider == provider]
            change = partial(_with, mine, now)
            await self._shared.store.update(TABLE, f"rests/{provider}", change, now + LONGEST + REMEMBERED)

    async def used(self, credential: Credential, tokens: int, now: float) -> bool:
        """Whether this is what reaches the quota: true once a window, whichever gateway it is."""
        account = self._pool.account(credential.id)
        if credential.quota is None or not account or not tokens:
            return False
        ends = credential.turn_of_window(now) + credential.window
        told = await self._shared.store.add(TABLE, _use(credential, now), {"tokens": tokens}, ends)
        learn_use(account, told, now)
        return told["tokens"] - tokens < credential.quota <= told["tokens"]

    async def disable(self, credential: Credential, disabled: bool) -> None:
        def change(before: Document | None) -> Document | None:
            others = {id: flag for id, flag in (before or {}).items() if id != credential.id}
            return ({**others, credential.id: True} if disabled else others) or None

        told = await self._shared.store.update(TABLE, f"disabled/{credential.provider}", change)
        self._learn_disabled(credential.provider, told or {})


async def resting(store: Store, providers: Iterable[str], now: float) -> dict[str, Rest]:
    """For those who only look: the longest rest of each credential, or of a provider, that gateways have told of."""
    found = await store.read(TABLE, [f"rests/{name}" for name in providers])
    rests: dict[str, Rest] = {}
    for place, entry in found.items():
        for id, models in entry.items():
            ends = [rest for said in models.values() if (rest := parse(said)) and now < rest.until]
            if ends:
                rests[id or place.partition("/")[2]] = max(ends, key=lambda rest: rest.until)
    return rests


def learn_use(account: Account, entry: Mapping[str, float], now: float) -> None:
    account.used = entry.get("tokens", 0.0)
    account.turns_at = account.credential.turn_of_window(now)


def merged(before: Document, changes: Iterable[Change], now: float) -> Document | None:
    """The entry of a provider's rests with these changes. A later end that another gateway knows of stays."""
    entry = {id: dict(models) for id, models in before.items()}
    for change in changes:
        models = entry.setdefault(change.account, {})
        known = parse(models.get(change.model))
        if not change.rest:
            if not known or known.since <= change.began:
                models.pop(change.model, None)
        elif not known or known.until < change.rest.until:
            models[change.model] = written(change.rest)
    return dict(_kept(entry, now)) or None


def _with(changes: Iterable[Change], now: float, before: Document | None) -> Document | None:
    return merged(before or {}, changes, now)


def _kept(entry: Document, now: float) -> Iterator[tuple[str, Document]]:
    for id, models in entry.items():
        known = {model: one for model, said in models.items() if (one := parse(said)) and now < one.until + REMEMBERED}
        if last := sorted(known, key=lambda model: (not model, known[model].until))[-MODELS:]:
            yield id, {model: models[model] for model in known if model in last}


def written(rest: Rest) -> list[Any]:
    return [rest.since, rest.until, rest.kind, rest.status, rest.level]


def parse(said: Any) -> Rest | None:
    """None for what another version wrote."""
    match said:
        case [float() | int() as since, float() | int() as until, str() as kind, int() as status, int() as level]:
            return next((Rest(since, until, known, status, level) for known in RULES if known == kind), None)
    return None


def _use(credential: Credential, now: float) -> str:
    return f"use/{credential.id}/{int(credential.turn_of_window(now))}"


def _place(provider: str, conversation: str) -> str:
    return f"at/{provider}/{conversation}"
