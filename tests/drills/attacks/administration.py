"""What the administrator of a hostile tenant can ask of the administration."""

import json
from itertools import count, cycle

from tests.drills.attack import attack
from tests.drills.field import Field
from tests.drills.wire import Caller, head, many, post

CALLERS = 8
TENANTS = 30_000
DEPTH = 100_000


async def floods_of_lists(field: Field) -> None:
    """Read everything there is, again and again."""
    paths = ("keys?limit=200", "audit?limit=200", "ledger?limit=1000", "usage?bucket=hour", "principals", "logs")
    ways, caller = cycle(paths), Caller(field)
    await many(
        field,
        CALLERS,
        lambda _: caller.ask_forever(lambda: head("GET", f"/api/v1/{next(ways)}", key=field.admin)),
    )


async def plans_of_thousands_of_tenants(field: Field) -> None:
    """Have large documents planned."""
    lines = "".join(f"- name: t{number}\n" for number in range(field.size.of(TENANTS)))
    body = json.dumps({"text": f"version: 1\ntenants:\n{lines}"}).encode()
    caller = Caller(field)
    request = post("/api/v1/configuration/plan", body, key=field.admin)
    await many(field, 2, lambda _: caller.ask_forever(lambda: request))


async def deep_documents_and_long_questions(field: Field) -> None:
    """Send what is deep, and ask with long queries."""
    deep = b"[" * field.size.of(DEPTH) + b"]" * field.size.of(DEPTH)
    nested = b'{"a":' * field.size.of(DEPTH) + b"1" + b"}" * field.size.of(DEPTH)
    query = "&".join(f"tenant={'x' * 100}" for _ in range(300))
    requests = cycle(
        [
            *(post(path, body, key=field.admin) for body in (deep, nested) for path in ("/api/v1/keys", "/v1/batches")),
            post("/api/v1/configuration/plan", nested, key=field.admin),
            head("GET", f"/api/v1/ledger?{query}", key=field.admin),
            head("GET", f"/api/v1/audit?{query}", key=field.admin),
        ]
    )
    caller = Caller(field)
    await many(field, CALLERS, lambda _: caller.ask_forever(lambda: next(requests)))


async def keys_principals_and_limits_without_end(field: Field) -> None:
    """Make as many of everything as there may be."""
    numbers, caller = count(), Caller(field)

    def make() -> bytes:
        number = next(numbers)
        name, path = f"{field.tenant}-{number}", "/api/v1/"
        match number % 3:
            case 0:
                return post(f"{path}keys", json.dumps({"name": name}).encode(), key=field.admin)
            case 1:
                body = json.dumps({"tenant": field.tenant, "name": name, "kind": "service"}).encode()
                return post(f"{path}principals/{field.tenant}/{name}", body, key=field.admin).replace(
                    b"POST", b"PUT", 1
                )
            case _:
                limit = {"name": name, "scope": "tenant", "subject": field.tenant, "tenant": field.tenant}
                body = json.dumps(limit | {"measure": "requests", "amount": 10**9, "period": "day"}).encode()
                return post(f"{path}limits/{name}", body, key=field.admin).replace(b"POST", b"PUT", 1)

    await many(field, CALLERS, lambda _: caller.ask_forever(make))


ATTACKS = (
    attack(floods_of_lists),
    attack(plans_of_thousands_of_tenants),
    attack(deep_documents_and_long_questions),
    attack(keys_principals_and_limits_without_end),
)
