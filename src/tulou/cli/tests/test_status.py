"""The first lines of `tulou status`, for who may act over the house and who may not."""

import pytest

from tulou.cli.lifecycle import _headline  # pyright: ignore[reportPrivateUsage] - the command itself asks a house


@pytest.mark.parametrize(
    ("in_flight", "processes", "lines"),
    [
        (3, 2, ["processes  2 report", "traffic    2.0 requests/s, 3 in flight, 1 errors a minute"]),
        (None, 0, ["traffic    2.0 requests/s, 1 errors a minute"]),
    ],
)
def test_a_tenants_status_tells_nothing_of_the_house(
    capsys: pytest.CaptureFixture[str],
    in_flight: int | None,
    processes: int,
    lines: list[str],
) -> None:
    point = {"requests": 2.0, "errors": 1.0, "in_flight": in_flight}
    _headline("http://gate", {"points": [point], "processes": [{"cpu_seconds": 1.0}] * processes})
    assert capsys.readouterr().out.split("\n") == ["house      http://gate", *lines, "", ""]
