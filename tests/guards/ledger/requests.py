"""A thousand requests by dice: who asks, for what, how, and what the vendor makes of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.guards.ledger.vendor import Order, Verb
from tests.guards.ledger.world import DEPLOYMENTS
from tulou.contracts.routing.messages import Endpoint

REQUESTS = 1_000
SEED = 20_261_201

TALKING: tuple[Endpoint, ...] = ("chat", "messages", "responses")
PLAIN: tuple[Endpoint, ...] = ("embeddings", "rerank", "moderations", "tokenize", "detokenize", "completions")
CALLERS = ("ana",) * 8 + ("bot",) * 4 + ("app",) * 6 + ("poor",) * 3 + ("solo",) * 6 + ("narrow",) * 2
STRANGERS = ("visitor", "blocked", "admin", "expired", "nobody", "")
MODELS = (
    *(("gpt",) * 6 + ("claude",) * 5 + ("assistant",) * 4 + ("gemini",) * 3 + ("nova",) * 3 + ("newest",) * 2),
    *("free", "spare", "slow", "no-such-model"),
)
TURNS: dict[Verb, int] = {
    "text": 9,
    "tools": 2,
    "uncounted": 1,
    "refuse": 1,
    "fail": 1,
    "cut": 1,
    "nonsense": 1,
    "hold": 1,
}
ORDERS: tuple[Verb, ...] = tuple(verb for verb, times in TURNS.items() for _ in range(times))
WORDS = ("a", "house", "of", "earth", "with", "one", "gate", "and", "many", "rooms", "around", "a", "yard")


@dataclass(frozen=True)
class Asked:
    """One request; `leaves` says that its client does not wait for the end."""

    number: int
    key: str
    endpoint: Endpoint
    body: dict[str, Any]
    order: Order
    batch: bool = False

    @property
    def stream(self) -> bool:
        return bool(self.body.get("stream"))

    @property
    def leaves(self) -> bool:
        return self.order.verb == "hold"

    @property
    def id(self) -> str:
        return f"r{self.number:04}"


def requests() -> Iterator[Asked]:
    """Yield the same requests each time."""
    random = Random(SEED)  # noqa: S311 - dice
    for number in range(REQUESTS):
        key = random.choice(STRANGERS if random.random() < 0.06 else CALLERS)
        kind = random.random()
        if kind < 0.2:
            yield _plain(random, number, key)
        elif kind < 0.23:
            yield _counted(random, number, key)
        else:
            yield _talk(random, number, key)


def _talk(random: Random, number: int, key: str) -> Asked:
    endpoint = random.choice(TALKING)
    model = random.choice(MODELS)
    order = _order(random, model)
    if model == "slow":
        order = Order("silent")
    words = " ".join(random.choices(WORDS, k=random.randrange(1, 40)))
    body: dict[str, Any] = {"model": model, "stream": random.random() < 0.5}
    if endpoint == "responses":
        body |= {"input": f"{words} {order}", "store": random.random() < 0.3}
    else:
        body["messages"] = [{"role": "user", "content": f"{words} {order}"}]
    if endpoint == "messages":
        body["max_tokens"] = random.choice((16, 256, 1024))
    elif random.random() < 0.4:
        body["max_tokens" if endpoint == "chat" else "max_output_tokens"] = random.choice((8, 64, 512))
    if endpoint == "chat" and body["stream"] and random.random() < 0.5:
        body["stream_options"] = {"include_usage": True}
    if order.verb == "tools":
        body["tools"] = [_tool(endpoint)]
    return Asked(
        number, key, endpoint, body, order, batch=not body["stream"] and model != "slow" and random.random() < 0.15
    )


def _order(random: Random, model: str) -> Order:
    served = model if model in DEPLOYMENTS else "gpt"
    verb = random.choice(ORDERS)
    read = random.randrange(1, 6_000)
    failing = served if random.random() < 0.15 else ""
    return Order(verb, read, random.randrange(1, 900), random.randrange(read), failing)


def _plain(random: Random, number: int, key: str) -> Asked:
    endpoint = random.choice(PLAIN)
    verb = random.choice(ORDERS[:12])
    order = Order("text" if verb in ("tools", "uncounted") else verb, random.randrange(1, 900), 0)
    text = f"{random.choice(WORDS)} {order}"
    fields: dict[Endpoint, dict[str, Any]] = {
        "embeddings": {"input": [text, "more"]},
        "rerank": {"query": text, "documents": list(WORDS[: random.randrange(1, 6)])},
        "moderations": {"input": text},
        "tokenize": {"content": text},
        "detokenize": {"tokens": [1, 2, 3]},
        "completions": {"prompt": text, "stream": random.random() < 0.3},
    }
    model = random.choice(("gpt", "gpt", "spare", "free", "assistant", "claude"))
    return Asked(number, key, endpoint, {"model": model, **fields[endpoint]}, order)


def _counted(random: Random, number: int, key: str) -> Asked:
    order = Order("text")
    body = {"model": random.choice(MODELS[:20]), "messages": [{"role": "user", "content": "how many? " * 9}]}
    return Asked(number, key, "count_tokens", body, order)


def _tool(endpoint: Endpoint) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    if endpoint == "messages":
        return {"name": "get_weather", "input_schema": schema}
    function = {"name": "get_weather", "parameters": schema}
    return {"type": "function", **function} if endpoint == "responses" else {"type": "function", "function": function}
