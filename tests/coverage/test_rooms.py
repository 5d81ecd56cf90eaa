"""The floors of coverage hold."""

import pytest

from tests.coverage.rooms import below, floors, raised, room_of


@pytest.mark.parametrize(
    ("file", "room"),
    [
        ("kernel/errors.py", "kernel"),
        ("services/limits/domain/replay.py", "services/limits"),
        ("services/gateway/stack/order.py", "services/gateway/stack"),
        ("services/gateway/settings.py", "services/gateway"),
        ("adapters/gguf/checking/check.py", "adapters/gguf"),
        ("cli/litellm/routes.py", "cli"),
        ("__main__.py", "kernel"),
    ],
)
def test_a_file_belongs_to_a_room(file: str, room: str) -> None:
    assert room_of(file) == room


def test_less_than_before_and_a_new_room_below_eighty_are_told() -> None:
    told = below({"a": 89.9, "b": 79.0, "c": 81.0}, {"a": 90.0, "gone": 70.0})

    assert [line.split(":")[0] for line in told] == ["a", "b", "gone"]


def test_floors_are_raised_and_never_lowered() -> None:
    assert raised({"a": 95.0, "b": 70.0}, {"a": 90.0, "b": 75.0}) == {"a": 93.0, "b": 75.0}


def test_floors_are_shares() -> None:
    assert floors()
    assert all(0 <= floor <= 100 for floor in floors().values())
