"""The order of the addons is the architecture."""

from __future__ import annotations

from cliproxy.addons import gateway


def names() -> list[str]:
    return [type(addon).__name__ for addon in gateway.addons]


def before(first: str, second: str) -> bool:
    return names().index(first) < names().index(second)


def test_the_handler_table_is_in_place_before_any_other_addon() -> None:
    assert names()[:2] == ["Worker", "Configuration"]


def test_who_asks_is_known_before_what_is_asked_and_before_anything_is_answered() -> None:
    assert before("ClientAuth", "Routing") and before("ClientAuth", "Models")


def test_an_exchange_is_begun_before_it_is_translated_and_translated_before_it_is_recorded() -> None:
    assert before("Routing", "Translation") and before("Translation", "Recorder")


def test_an_attempt_is_closed_before_the_recorder_writes_how_it_ended() -> None:
    assert before("Dispatch", "Recorder")


def test_the_configuration_reaches_the_addons_that_run() -> None:
    held = {id(user) for user in vars(gateway.configuration)["_users"]}
    concerned = {id(addon) for addon in gateway.addons if hasattr(addon, "use") and addon is not gateway.replay}
    assert held == concerned
