"""How keys and tokens look: for searching what is written down, where their values are not known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

PATTERNS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in (
        ("OpenAI key", r"\bsk-(?:proj|svcacct|admin)-[\w-]{20,}"),
        ("Anthropic key or token", r"\bsk-ant-[a-z]+\d*-[\w-]{20,}"),
        ("API key", r"\bsk-(?!test-|your-|ant-|proj-|svcacct-|admin-)(?:or-v1-)?[A-Za-z0-9]{20,}"),
        ("Google API key", r"\bAIza[\w-]{35}"),
        ("Google token", r"\bya29\.[\w-]{20,}|\b1//0[\w-]{30,}"),
        ("GitHub token", r"\bgh[pousr]_\w{30,}|\bgithub_pat_\w{20,}"),
        ("Slack token", r"\bxox[abprs]-[\w-]{10,}"),
        ("AWS key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
        ("Hugging Face token", r"\bhf_[A-Za-z0-9]{30,}"),
        ("JSON Web Token", r"\beyJ[\w-]{16,}\.eyJ[\w-]{16,}\.[\w-]+"),
        ("private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\\n|\s)*[\w+/=]{40,}"),
        ("bearer token", r"(?i)\bbearer\s+(?!\[)[\w.~+/-]{20,}"),
        ("password in a URL", r"\b[a-z][a-z0-9+.-]*://[^\s/:@\"']+:(?!\[)[^\s/:@\"']{4,}@"),
    )
}
"""Name → pattern. What stands in brackets is a label or a mark of ours; ``sk-test-…`` is no secret."""


@dataclass(frozen=True, slots=True)
class Found:
    """`value` is the secret itself: never to be shown whole."""

    kind: str
    value: str

    def __repr__(self) -> str:
        return f"Found({self.kind}, {self.hint})"

    @property
    def hint(self) -> str:
        """Enough to know which one it is."""
        return f"{self.value[:7]}… ({len(self.value)} characters)"


def search(text: str) -> Iterator[Found]:
    """All that looks like a secret, each value once."""
    seen: set[str] = set()
    for kind, pattern in PATTERNS.items():
        for match in pattern.finditer(text):
            if not any(match[0] in known for known in seen):
                seen.add(match[0])
                yield Found(kind, match[0])
