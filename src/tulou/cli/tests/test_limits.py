"""How limits are shown: in the unit of their measure, also one that only a newer house knows."""

from functools import partial
from typing import Any, Self

import pytest

from tulou.cli import limits
from tulou.cli.options import Options


class House:
    """Answers with these limits, whatever it is asked."""

    def __init__(self, *items: dict[str, Any]) -> None:
        self._items = items

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""

    def get(self, path: str, **_: object) -> dict[str, Any]:
        assert path == "/api/v1/limits"
        return {"items": list(self._items)}


def limit(measure: str, period: str = "day") -> dict[str, Any]:
    told = {"name": measure, "scope": "key", "subject": "", "models": ["*"], "edge": "hard", "away": "refuse"}
    return told | {"measure": measure, "period": period, "amount": 3.5, "tenant": ""}


def opened(items: tuple[dict[str, Any], ...], options: Options) -> House:
    del options
    return House(*items)


def euros(here: House) -> str:
    del here
    return "EUR"


def test_amounts_are_shown_in_the_unit_of_their_measure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = (limit("tokens"), limit("input_tokens"), limit("requests"), limit("concurrency", "none"), limit("cost"))
    monkeypatch.setattr(limits, "house", partial(opened, (*known, limit("heat_pumps"))))
    monkeypatch.setattr(limits, "currency_of", euros)
    limits.list_(options=Options())
    shown = capsys.readouterr().out
    for amount in ("tokens a day", "input tokens a day", "requests a day", "at once", "EUR a day", "heat pumps a day"):
        assert f"3.5 {amount}" in shown
