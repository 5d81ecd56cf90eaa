"""What a tenant can ask of the house's own engine."""

import json
from itertools import cycle

from tests.drills.attack import attack
from tests.drills.field import OWN, Field
from tests.drills.wire import Caller, connected, many, post

CALLERS = 4
MESSAGES = 20_000
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""A picture of one point, as PNG in base64."""


async def pictures_for_a_text_model(field: Field) -> None:
    """Send what the engine answers with a failure of its own, such as a picture."""
    picture = [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}]}
    ]
    tool = [{"role": "user", "content": "hi"}, {"role": "tool", "tool_call_id": None, "content": "x"}]
    bodies = cycle(json.dumps({"model": OWN, "messages": each, "max_tokens": 4}).encode() for each in (picture, tool))
    caller = Caller(field)
    await many(
        field,
        CALLERS,
        lambda _: caller.ask_forever(lambda: post("/v1/chat/completions", next(bodies), key=field.key)),
    )


async def conversations_of_thousands_of_messages(field: Field) -> None:
    """Have long conversations rendered everywhere, and leave before they are."""
    turns = [{"role": "user", "content": f"turn {number}"} for number in range(field.size.of(MESSAGES))]
    body = json.dumps({"model": OWN, "messages": turns, "max_tokens": 4}).encode()
    paths = ("/v1/chat/completions", "/v1/messages", "/v1/messages/count_tokens", "/tokenize")

    async def one(number: int) -> None:
        async with connected(field.place()) as line:
            await line.send(post(paths[number % len(paths)], body, key=field.key))
            await line.answer()

    await many(field, 2 * len(paths), one)


ATTACKS = (attack(pictures_for_a_text_model), attack(conversations_of_thousands_of_messages))
