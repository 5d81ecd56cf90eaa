"""Secrets and prompts stay out of logs."""

import json

import pytest

from tulou.chassis.telemetry.redaction import TEXT_CAP, encode_clean, redact_text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("key sk-tulou-9f8e7d6c used", "key sk-*** used"),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer ***"),
        ("authorization=basic dXNlcjpwYXNz", "authorization=basic ***"),
        ("{'x-api-key': 'very-secret'}", "{'x-api-key': '***'}"),
        ("postgresql://tulou:hunter22@db:5432/x", "postgresql://tulou:***@db:5432/x"),
        ("desk-top risk-free task-list", "desk-top risk-free task-list"),
        ("http://127.0.0.1:8080/v1/models", "http://127.0.0.1:8080/v1/models"),
    ],
)
def test_secrets_inside_a_text_are_hidden_and_the_rest_stays(text: str, clean: str) -> None:
    assert redact_text(text) == clean


def test_fields_that_hold_secrets_or_content_are_hidden_at_any_depth() -> None:
    event = {
        "token": "abc",
        "tokens": 7,
        "headers": {"X-Api-Key": "abc", "accept": "json"},
        "calls": [{"authorization": b"Bearer x", "messages": [{"content": "my diagnosis"}]}],
    }
    assert json.loads(encode_clean(event)) == {
        "token": "***",
        "tokens": 7,
        "headers": {"X-Api-Key": "***", "accept": "json"},
        "calls": [{"authorization": "***", "messages": "***"}],
    }


def test_a_very_long_text_is_cut() -> None:
    assert redact_text("x" * (TEXT_CAP + 1)) == "x" * TEXT_CAP + "... (8193 characters)"


def test_what_contains_itself_ends() -> None:
    loop: list[object] = []
    loop.append(loop)
    assert encode_clean({"loop": loop}).startswith(b'{"loop":[[[[')


def test_a_secret_is_found_at_the_start_of_a_line_inside_a_text() -> None:
    assert encode_clean({"exception": "refused:\nsk-tulou-12345"}) == b'{"exception":"refused:\\nsk-***"}'
