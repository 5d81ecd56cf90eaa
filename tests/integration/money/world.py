"""Random houses: vendors and own models, deployments of several of them, routes, aliases, splits, fallbacks, prices."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

from tulou.contracts.discovery.messages import Replica
from tulou.contracts.metering.messages import Price, Tier
from tulou.contracts.routing.messages import BreakerPolicy, Endpoint, RetryPolicy, Route, Target, TrafficShare

START = 1_800_000_000.0
"""When a house begins; a manual clock stands there too."""
SPAN_S = 40_000.0

ENDPOINTS: tuple[Endpoint, ...] = ("chat", "embeddings", "rerank", "moderations")
VENDORS = (
    ("openai", "gpt-4o"),
    ("openai", "gpt-4.1-mini"),
    ("anthropic", "claude-sonnet-4-5"),
    ("openrouter", "openai/gpt-4o"),
    ("mistral", "mistral-embed"),
    ("vllm", "Qwen/Qwen3-8B"),
    ("tulou", "qwen3"),
    ("tulou", "smollm"),
)
DEPLOYMENTS = ("gpt", "claude", "small", "qwen3", "mixed", "gpt-4o")
ALIASES = ("assistant", "fast", "best", "gpt-5", "claude")
PATTERNS = ("*", "gpt-*", "*gpt-4o", "claude*", "q*", "assist*", "m*")
PROVIDERS = ("", "", "openai*", "openai", "anthropic", "tulou", "o*", "*")
NEVER = BreakerPolicy(failures=10**9)


@dataclass
class World:
    """One house; `hedged` are the routes that ask twice."""

    targets: tuple[Target, ...]
    routes: tuple[Route, ...]
    hedged: frozenset[str]
    named: dict[str, Replica] = field(default_factory=dict[str, Replica])

    def __post_init__(self) -> None:
        self.named = {replica.id: replica for target in self.targets for replica in target.replicas}


def world_of(random: Random) -> World:
    """Return a house by dice."""
    deployments = random.sample(DEPLOYMENTS, k=random.randrange(3, len(DEPLOYMENTS)))
    targets = tuple(
        Target(deployment=name, endpoints=ENDPOINTS, replicas=_replicas(name, random), created_at=0.0)
        for name in deployments
    )
    names = random.sample(ALIASES, k=random.randrange(2, len(ALIASES)))
    routes = [_route(name, targets, random) for name in names]
    for place, route in enumerate(routes):  # only to later ones: they must not go in a circle
        others = [*(other.model for other in routes[place + 1 :]), *(set(deployments) - set(names))]
        fallbacks = tuple(random.sample(sorted(others), k=min(len(others), random.randrange(3))))
        routes[place] = replace(route, fallbacks=fallbacks)
    routes += [_implicit(name) for name in deployments if name not in names]
    return World(targets, tuple(routes), frozenset(one.model for one in routes if one.retry.hedge_after_s is not None))


def prices_of(random: Random, *, count: int) -> tuple[Price, ...]:
    """Return a price book by dice: names of models, deployments and routes, patterns, several in time."""
    models = (*(model for _, model in VENDORS), *DEPLOYMENTS, *ALIASES, *PATTERNS)
    found: dict[tuple[str, str, float], Price] = {}
    for _ in range(count):
        since = random.choice((0.0, 0.0, START + random.randrange(int(SPAN_S))))
        price = _price(random.choice(models), random.choice(PROVIDERS), since, random)
        found[price.model, price.provider, price.since] = price
    return tuple(found.values())


def _replicas(deployment: str, random: Random) -> tuple[Replica, ...]:
    count = random.choice((1, 2, 2, 3))
    return tuple(_replica(deployment, number, random) for number in range(count))


def _replica(deployment: str, number: int, random: Random) -> Replica:
    provider, model = random.choice(VENDORS)
    own = provider == "tulou" and random.random() < 0.5  # else of another house
    return Replica(
        id=f"{deployment}-{number}",
        deployment=deployment,
        generation=1,
        url="http://127.0.0.1:9",
        provider=provider,
        place="" if own else "http://127.0.0.1:9",
        model=model if own else "",
        upstream_model="" if own else random.choice((model, model, model, "")),
    )


def _route(name: str, targets: Sequence[Target], random: Random) -> Route:
    hedging = [target for target in targets if len(target.replicas) > 1]
    hedge = bool(hedging) and random.random() < 0.3
    chosen = [random.choice(hedging)] if hedge else random.sample(targets, k=random.randrange(1, len(targets)))
    retry = RetryPolicy(backoff_s=0.0, budget=1e9, hedge_after_s=0.0 if hedge else None)
    shares = tuple(TrafficShare(deployment=one.deployment, weight=random.choice((1.0, 1.0, 9.0))) for one in chosen)
    return Route(model=name, shares=shares, retry=retry, breaker=NEVER)


def _implicit(deployment: str) -> Route:
    """Return the route that comes with a deployment, as a snapshot has it, but for pauses: these are real time."""
    return Route(model=deployment, shares=(TrafficShare(deployment=deployment),), retry=RetryPolicy(backoff_s=0.0))


def _price(model: str, provider: str, since: float, random: Random) -> Price:
    def rate() -> float:
        return random.randrange(1_000_000) / random.choice((100, 10_000))

    def maybe() -> float | None:
        return rate() if random.random() < 0.5 else None

    tiers = tuple(
        Tier(above=above, input=maybe(), output=maybe(), cached=maybe(), cache_written=maybe(), reasoning=maybe())
        for above in random.sample((1_000, 5_000, 9_000), k=random.choice((0, 0, 1, 2)))
    )
    return Price(
        model=model,
        provider=provider,
        since=since,
        input=rate(),
        output=rate(),
        cached=maybe(),
        cache_written=maybe(),
        cache_written_hour=maybe(),
        reasoning=maybe(),
        audio_input=maybe(),
        audio_output=maybe(),
        search=rate(),
        image=rate(),
        second=rate(),
        character=rate(),
        request=random.choice((0.0, 0.0, rate())),
        batch_factor=random.choice((1.0, 0.5, 0.25)),
        tiers=tiers,
    )
