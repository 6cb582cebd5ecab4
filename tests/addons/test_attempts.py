"""What passes between the stream and the addons: the hooks' names, and that nothing goes on by itself."""

from __future__ import annotations

import inspect

from exchanges import flow
from mitmproxy.proxy import commands

from cliproxy.addons import attempts
from cliproxy.addons.attempts import Attempt


def test_the_hooks_have_the_names_that_addons_answer_to() -> None:
    names = {
        cls.name
        for cls in vars(attempts).values()
        if inspect.isclass(cls) and issubclass(cls, commands.StartHook) and cls.__module__ == attempts.__name__
    }
    expected = {"upstream_attempt", "upstream_failed", "upstream_slow", "upstream_held", "gateway_error"}
    assert names == expected
    hook = attempts.UpstreamAttemptHook(Attempt(flow()))
    assert (hook.blocking, hook.args()) == (True, [hook.attempt])


def test_an_attempt_goes_nowhere_unless_a_hook_says_so() -> None:
    one = Attempt(flow())
    assert (one.go, one.late, one.committed, one.stream) == (False, None, False, False)
