"""What looks like a secret, and what does not."""

from __future__ import annotations

import pytest

from cliproxy.addons.secret_patterns import search

LONG = "a1B2" * 10


@pytest.mark.parametrize(
    "text, kind",
    [
        (f"key sk-{'proj'}-{LONG}", "OpenAI key"),
        (f"sk-{'ant'}-api03-{LONG}", "Anthropic key or token"),
        (f"sk-{LONG}", "API key"),
        (f"sk-{'or'}-v1-{LONG}", "API key"),
        (f"{'AIza'}{'x' * 35}", "Google API key"),
        (f"{'ya29'}.{LONG}", "Google token"),
        (f"{'ghp_'}{LONG}", "GitHub token"),
        (f"{'xoxb'}-123456789-abc", "Slack token"),
        ("AKIA" + "A" * 16, "AWS key"),
        (f"hf_{LONG}", "Hugging Face token"),
        (f"eyJ{LONG}.eyJ{LONG}.{LONG}", "JSON Web Token"),
        (f"-----BEGIN RSA PRIVATE {'KEY'}-----\\n{LONG}", "private key"),
        (f"Authorization: Bearer {'Zz9.' * 8}", "bearer token"),
        ("postgres://me:hunter22@db.test/x", "password in a URL"),
    ],
)
def test_a_secret_is_found_once_and_not_shown_whole(text: str, kind: str) -> None:
    (found,) = search(f"{text} and again {text}")
    assert found.kind == kind
    assert found.value not in found.hint and found.value not in repr(found)


@pytest.mark.parametrize(
    "text",
    [
        "sk-test-client-key-of-some-length", "sk-your-api-key-here", "Bearer [openai-1]", "bearer token", "sk-learn",
        "http://user:[redacted]@host", "https://a.test:8080/x", "eyJ0", "Bearer $CLIPROXY_KEY",
    ],
)  # fmt: skip
def test_dummies_labels_and_words_are_none(text: str) -> None:
    assert list(search(text)) == []
