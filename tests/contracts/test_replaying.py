"""Requests of the past are decided again under the limits that would have bound them at the gate."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.whole import Whole, open_whole
from tulou.contracts.configuration.api import Configuration
from tulou.contracts.configuration.messages import Apply, MakePlan
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import CreateKey, Key, NameKey
from tulou.contracts.limits.messages import Limit, PastRequest
from tulou.contracts.metering.api import Metering
from tulou.contracts.metering.messages import Entry, IngestEntries
from tulou.contracts.routing.messages import Grant
from tulou.kernel import context as acts
from tulou.kernel.clock import SystemClock
from tulou.kernel.context import CONTEXT, Context
from tulou.services.gateway.quota.rules import LimitRules
from tulou.services.limits.domain.replay import bound

KEYS = ("k1", "k2", "k3")
SUBJECTS = ("", *KEYS, "t/p", "t/q", "t/default", "u/p", "t", "u", "house")
MODELS = ("*", "m", "m[1]", "m*", "other", "a/b")
LIMITS = st.builds(
    Limit,
    name=st.just("l"),
    scope=st.sampled_from(("key", "principal", "project", "tenant", "house")),
    subject=st.sampled_from(SUBJECTS),
    tenant=st.sampled_from(("", "t", "u")),
    models=st.lists(st.sampled_from(MODELS), min_size=1, max_size=2).map(tuple),
    measure=st.just("requests"),
    amount=st.just(1.0),
    period=st.just("minute"),
)


@given(
    st.lists(LIMITS, max_size=6),
    st.permutations(KEYS),
    st.integers(0, 2),
    st.sampled_from(("m", "m[1]", "many", "other", "a/b")),
    st.sampled_from(("p", "q")),
)
def test_a_replay_counts_a_request_for_whom_the_gate_counts_it(
    limits: list[Limit], keys: list[str], makers: int, model: str, principal: str
) -> None:
    key, *others = keys
    limits = [replace(limit, name=f"l{number}") for number, limit in enumerate(limits)]
    made_with = tuple(others[:makers])
    grant = Grant(
        key=key, digest="00", tenant="t", principal=principal, scopes=("inference",), models=("*",), makers=made_with
    )
    past = PastRequest(
        id="r",
        at=0.0,
        took_s=1.0,
        key=key,
        principal=principal,
        project=grant.project,
        tenant="t",
        model=model,
        input_tokens=1,
        output_tokens=1,
        cost=1,
        makers=made_with,
    )
    at_the_gate = {(limit.name, subject) for limit, subject in LimitRules(limits).binding(grant, model)}
    again = {(limit.name, subject) for limit in limits if (subject := bound(limit, past)) is not None}
    assert again == at_the_gate


ACCOUNT = """
version: 1
upstreams: [{name: here, provider: ollama}]
deployments: [{name: small, upstreams: [{upstream: here, model: tiny}]}]
principals: [{name: ana, roles: [{role: developer}]}]
limits: [{name: calm, scope: key, measure: requests, amount: 60, period: minute%s}]
"""


async def made(whole: Whole, by: Key | None = None) -> Key:
    """Return a key of Ana's, made with another one of hers."""
    asked = CreateKey(name="k", principal="ana", scopes=("inference", "admin") if by is None else ("inference",))
    if by is None:
        return (await whole[Identity].create_key(asked)).key
    token = CONTEXT.set(Context(actor=acts.KeyActor(tenant="default", principal="ana", id=by.id), house=True))
    try:
        return (await whole[Identity].create_key(asked)).key
    finally:
        CONTEXT.reset(token)


async def called(whole: Whole, *keys: Key) -> None:
    """Let the ledger say that each key called once."""
    now = SystemClock().now()
    entries = tuple(
        Entry(
            id=f"e{place}",
            at=now - 60 + place * 0.1,
            request_id=f"r{place}",
            tenant="default",
            project="default",
            principal="ana",
            key=key.id,
            endpoint="chat",
            model="small",
            status=200,
        )
        for place, key in enumerate(keys)
    )
    await whole[Metering].ingest(IngestEntries.of("g", entries))


async def test_a_limit_of_a_key_binds_what_the_keys_made_with_it_asked_for_even_when_these_have_ended() -> None:
    async with open_whole() as whole:
        configuration = whole[Configuration]
        await configuration.apply(Apply(text=ACCOUNT % ""))
        first = await made(whole)
        second, ended = await made(whole, by=first), await made(whole, by=first)
        other = await made(whole)
        assert (second.makers, ended.makers, other.makers) == ((first.id,), (first.id,), ())
        await called(whole, first, second, ended, other)
        await whole[Identity].revoke_key(NameKey(id=ended.id))

        each = ACCOUNT.replace("amount: 60", "amount: 1") % ""
        plan = await configuration.plan(MakePlan(text=each))
        assert (plan.replayed, plan.different) == (4, 2), "of the three that are one, one is let through"

        of_the_first = ACCOUNT.replace("amount: 60", "amount: 2") % f", subject: {first.id}"
        plan = await configuration.plan(MakePlan(text=of_the_first))
        assert (plan.different, plan.examples[0].key) == (1, ended.id)
