"""The house that the requests come to: three tenants, models of every dialect, limits, prices, a policy."""

from dataclasses import replace

from tulou.contracts.discovery.messages import Replica, UpstreamDialect
from tulou.contracts.governance.messages import PolicySet, Role
from tulou.contracts.limits.messages import Limit
from tulou.contracts.metering.messages import Price, PriceList, Tier
from tulou.contracts.routing.messages import (
    BreakerPolicy,
    Deadlines,
    Endpoint,
    Grant,
    RetryPolicy,
    Route,
    Snapshot,
    Target,
    TrafficShare,
)
from tulou.services.gateway.tests.gate import grant, snapshot

TALKS: tuple[Endpoint, ...] = ("chat", "completions", "responses", "messages", "count_tokens")
OTHERS: tuple[Endpoint, ...] = ("embeddings", "rerank", "moderations", "tokenize", "detokenize")
PLENTY = 10**12

DEPLOYMENTS: dict[str, tuple[UpstreamDialect, str, str]] = {
    "gpt": ("openai", "openai", "gpt-4o"),
    "spare": ("openai", "azure", "gpt-4o"),
    "claude": ("anthropic", "anthropic", "claude-sonnet-4-5"),
    "gemini": ("gemini", "gemini", "gemini-2.5-pro"),
    "nova": ("bedrock", "bedrock", "amazon.nova-pro-v1:0"),
    "newest": ("responses", "openai", "gpt-5"),
    "free": ("openai", "somebody", "unpriced"),
    "slow": ("openai", "openai", "gpt-4o"),
}
KEYS = {
    "ana": grant("ana", key="key_ana", tenant="acme", project="web", principal="ana", roles=("developer",)),
    "bot": grant(
        "bot", key="key_bot", tenant="acme", project="ops", principal="bot", roles=("developer",), kind="service"
    ),
    "app": grant("app", key="key_app", tenant="globex", principal="app", roles=("developer",)),
    "poor": grant("poor", key="key_poor", tenant="globex", principal="poor", roles=("developer",)),
    "solo": grant("solo", key="key_solo", tenant="solo", principal="solo", roles=("developer",)),
    "narrow": grant("narrow", key="key_narrow", tenant="solo", principal="solo", roles=("developer",), models=("gp*",)),
    "visitor": grant("visitor", key="key_visitor", tenant="acme", principal="visitor", roles=("reader",)),
    "blocked": grant("blocked", key="key_blocked", tenant="solo", principal="x", blocked="the tenant is suspended"),
    "admin": grant("admin", key="key_admin", tenant="acme", principal="root", scopes=("admin",), roles=("developer",)),
    "expired": grant("expired", key="key_expired", tenant="acme", principal="old", expires_at=1.0),
}
LIMITS = {
    "requests-of-keys": (
        Limit(name="requests-of-keys", scope="key", measure="requests", amount=1e9, period="month"),
        PLENTY,
    ),
    "tokens-of-acme": (
        Limit(name="tokens-of-acme", scope="tenant", measure="tokens", amount=1e9, period="month", subject="acme"),
        PLENTY,
    ),
    "input-of-globex": (
        Limit(
            name="input-of-globex", scope="tenant", measure="input_tokens", amount=1e9, period="day", subject="globex"
        ),
        PLENTY,
    ),
    "output-of-solo": (
        Limit(name="output-of-solo", scope="tenant", measure="output_tokens", amount=1e9, period="day", subject="solo"),
        PLENTY,
    ),
    "money-of-acme": (
        Limit(name="money-of-acme", scope="tenant", measure="cost", amount=1e6, period="month", subject="acme"),
        PLENTY,
    ),
    "claude-of-solo": (
        Limit(
            name="claude-of-solo",
            scope="tenant",
            measure="requests",
            amount=1e9,
            period="day",
            subject="solo",
            models=("claude*",),
        ),
        PLENTY,
    ),
    "requests-of-poor": (
        Limit(name="requests-of-poor", scope="key", measure="requests", amount=30, period="month", subject="key_poor"),
        30,
    ),
}
PRICES = PriceList(
    items=(
        Price(model="gpt-4o", provider="openai", input=2.5, output=10.0, cached=1.25, batch_factor=0.5),
        Price(
            model="gpt-4o", provider="az*", input=3.0, output=12.0, tiers=(Tier(above=2_000, input=6.0, output=24.0),)
        ),
        Price(model="claude-*", input=3.0, output=15.0, cached=0.3, cache_written=3.75),
        Price(model="gemini*", provider="gemini", input=1.25, output=10.0, reasoning=20.0, request=500.0),
        Price(model="nova", input=0.8, output=3.2),
        Price(model="assistant", input=1.0, output=2.0),
    ),
    version=7,
)
FORBIDDEN = """forbid (principal, action == Action::"models:use", resource == Model::"newest")
when { principal.tenant == "globex" };"""


def world(url: str) -> Snapshot:
    """Return the house with its vendor at a URL."""
    retry = RetryPolicy(attempts=2, backoff_s=0.0, budget=1e9)
    never = BreakerPolicy(failures=10**9)
    fallbacks = {
        "gpt": ("spare",),
        "claude": ("gemini", "gpt"),
        "assistant": ("claude",),
        "gemini": (),
        "nova": ("free",),
        "slow": (),
    }
    shares = {"assistant": "gpt"}
    routes = tuple(
        Route(
            model=model,
            shares=(TrafficShare(deployment=shares.get(model, model)),),
            fallbacks=others,
            retry=replace(retry, attempts=1) if model == "slow" else retry,
            breaker=never,
            deadlines=Deadlines(first_byte_s=0.1, total_s=0.1) if model == "slow" else Deadlines(),
        )
        for model, others in fallbacks.items()
    )
    targets = tuple(
        Target(
            deployment=name,
            endpoints=(*TALKS, *OTHERS) if dialect == "openai" else TALKS,
            replicas=(_replica(url, name, dialect, provider, model),),
            created_at=0.0,
        )
        for name, (dialect, provider, model) in DEPLOYMENTS.items()
    )
    told = snapshot(*targets, routes=routes, grants=list(_grants()))
    roles = (Role(name="developer", permissions=("*:use",)), Role(name="reader", permissions=("models:read",)))
    limits = tuple(limit for limit, _ in LIMITS.values())
    return replace(told, limits=limits, prices=PRICES, policies=PolicySet(text=FORBIDDEN, roles=roles))


def _grants() -> tuple[Grant, ...]:
    return tuple(KEYS.values())


def _replica(url: str, name: str, dialect: UpstreamDialect, provider: str, model: str) -> Replica:
    return Replica(
        id=f"{name}-1",
        deployment=name,
        generation=1,
        url=f"{url}/{dialect}/{name}",
        provider=provider,
        dialect=dialect,
        upstream_model=model,
    )
