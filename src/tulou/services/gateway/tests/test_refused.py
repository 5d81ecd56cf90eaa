"""However an engine words its refusal, clients read the same shape."""

import json

import pytest

from tulou.services.gateway.stack.refused import refused


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        (b'{"error":{"code":400,"message":"no","type":"invalid_request_error"}}', "no", "400"),
        (b'{"error":{"code":"403","message":"no"}}', "no", "403"),
        (b'{"error":{"code":true,"message":"no"}}', "no", "refused_by_engine"),
        (b'{"error":{"code":12345678901234567890,"message":"no"}}', "no", "refused_by_engine"),
        (
            b'{"error":{"message":"no","code":"context_length_exceeded","param":"messages"}}',
            "no",
            "context_length_exceeded",
        ),
        (b'{"error":"no"}', "no", "refused_by_engine"),
        (b"no", "no", "refused_by_engine"),
        (b"", "the engine refused the request with 422", "refused_by_engine"),
        (b'{"detail":[1]}', '{"detail":[1]}', "refused_by_engine"),
        (b"\xff", "\ufffd", "refused_by_engine"),
    ],
)
def test_a_refusal_has_words_a_type_and_a_code_that_is_text(body: bytes, message: str, code: str) -> None:
    error = json.loads(refused(422, body))["error"]

    assert set(error) == {"message", "type", "param", "code"}
    assert (error["message"], error["code"]) == (message, code)
    assert error["type"] == "invalid_request_error"
