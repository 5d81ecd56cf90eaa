"""Keys that are none, and what is written down about them."""

from itertools import count

from tests.drills.attack import attack
from tests.drills.field import SHARED, Field
from tests.drills.wire import Caller, head, many, post

CALLERS = 8
CHAT = b'{"model":"%b","messages":[{"role":"user","content":"hi"}]}'
NAME_BYTES = 32_000


async def wrong_keys(field: Field) -> None:
    """Try keys at inference and at the administration."""
    numbers, caller = count(), Caller(field)

    def guess() -> bytes:
        number = next(numbers)
        if number % 4:
            return post("/v1/chat/completions", CHAT % SHARED.encode(), key=f"sk-tulou-wrong-{number}")
        return head("GET", "/api/v1/keys" if number % 8 else "/v1/files", key=f"sk-tulou-wrong-{number}")

    await many(field, CALLERS, lambda _: caller.ask_forever(guess))


async def requests_without_a_key(field: Field) -> None:
    """Ask for everything, and show nothing."""
    paths = ("/v1/chat/completions", "/v1/messages", "/v1/embeddings", "/v1/responses", "/v1/files", "/api/v1/keys")
    numbers, caller = count(), Caller(field)
    await many(field, CALLERS, lambda _: caller.ask_forever(lambda: post(paths[next(numbers) % len(paths)], b"{}")))


async def guessed_passwords(field: Field) -> None:
    """Sign in as everybody."""
    numbers, caller = count(), Caller(field)

    def guess() -> bytes:
        body = b'{"email":"a%d@blue.example","password":"wrong"}' % next(numbers)
        return post("/api/v1/sign-in", body)

    await many(field, CALLERS, lambda _: caller.ask_forever(guess))


async def very_long_names_of_models(field: Field) -> None:
    """Ask for models whose names fill logs, ledger and error messages."""
    numbers, caller = count(), Caller(field)

    def ask() -> bytes:
        name = b"%d" % next(numbers) + b"m" * field.size.of(NAME_BYTES)
        return post("/v1/chat/completions", CHAT % name, key=field.key)

    await many(field, CALLERS, lambda _: caller.ask_forever(ask))


ATTACKS = (
    attack(wrong_keys, stranger=True),
    attack(requests_without_a_key, stranger=True),
    attack(guessed_passwords, stranger=True),
    attack(very_long_names_of_models),
)
