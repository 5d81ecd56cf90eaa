"""What a tenant can make a vendor say that everybody shares."""

import json
from itertools import count, cycle

from tests.drills.attack import attack
from tests.drills.field import SHARED, Field
from tests.drills.wire import Caller, connected, many, post

CALLERS = 4
REQUESTS = 200
CHAIN = 16
LARGE = 40
ANSWER_BYTES = 8 * 2**20
STATUSES = (401, 402, 403, 429, 500, 502, 503, 529)
COUNTS = ("-1000000", "1e30", "999999999999999999999999", "-1", "1.5", "NaN", "null")


def chat(prompt: str, key: str) -> bytes:
    """Return a request."""
    messages = [{"role": "user", "content": prompt}]
    return post("/v1/chat/completions", json.dumps({"model": SHARED, "messages": messages}).encode(), key=key)


async def prompts_that_a_vendor_refuses(field: Field) -> None:
    """Have the vendor answer with every refusal that could close it for others."""
    statuses, caller = cycle(STATUSES), Caller(field)
    await many(
        field,
        CALLERS,
        lambda _: caller.ask_forever(lambda: chat(f"drill:status:{next(statuses)}", field.key)),
    )


async def answers_with_absurd_counts(field: Field) -> None:
    """Have the vendor count what cannot be."""
    counts, caller = cycle(COUNTS), Caller(field)
    await many(field, CALLERS, lambda _: caller.ask_forever(lambda: chat(f"drill:usage:{next(counts)}", field.key)))


async def chains_of_large_responses(field: Field) -> None:
    """Go on from large answers to larger requests."""
    numbers = count()

    async def one(_: int) -> None:
        previous: str | None = None
        async with connected(field.place()) as line:
            for _ in range(CHAIN):
                prompt = f"{next(numbers)} drill:large:{field.size.of(ANSWER_BYTES)}"
                body = {"model": SHARED, "input": prompt, "previous_response_id": previous}
                await line.send(post("/v1/responses", json.dumps(body).encode(), key=field.key))
                field.asked += 1
                status, answer = await line.answer()
                previous = json.loads(answer)["id"] if status == 200 else None

    await many(field, 2, one)


async def many_large_answers_at_once(field: Field) -> None:
    """Have the vendor say as much as it can, to many at once."""

    async def one(_: int) -> None:
        async with connected(field.place()) as line:
            while True:
                await line.send(chat(f"drill:large:{field.size.of(ANSWER_BYTES)}", field.key))
                await line.answer()

    await many(field, field.size.of(LARGE), one)


ATTACKS = (
    attack(prompts_that_a_vendor_refuses),
    attack(answers_with_absurd_counts),
    attack(chains_of_large_responses),
    attack(many_large_answers_at_once),
)
