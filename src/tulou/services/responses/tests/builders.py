"""Responses as tests need them."""

import json
from dataclasses import replace
from typing import Any

from tulou.contracts.files.messages import Owner
from tulou.contracts.responses.messages import StoredResponse

OWNER = Owner(tenant="t", project="p", principal="ann", key="key_1")
OTHER = Owner(tenant="t", project="q", principal="ann", key="key_1")


def items(*names: object) -> list[dict[str, object]]:
    return [{"id": name, "type": "message"} for name in names]


def response(name: str = "resp_1", *, output: object = None, **more: Any) -> StoredResponse:
    """Return an answer that has ended, with some output."""
    said: object = [] if output is None else output
    body: dict[str, object] = {"id": name, "status": "completed", "metadata": {"a": "b"}, "output": said}
    made = StoredResponse(
        id=name,
        owner=OWNER,
        state="completed",
        body=json.dumps(body),
        input="[]",
        created_at=1.0,
        expires_at=1e12,
    )
    return replace(made, **more)
