"""Credentials of upstreams: taken in turn, rested after 429, retired after 401, reported, never waited for."""

import asyncio
from pathlib import Path

import pytest

from tulou.contracts.discovery.messages import ReplicaCredential
from tulou.contracts.routing.messages import RetryPolicy, Route, Share, Snapshot
from tulou.services.gateway.reports import MOST, CredentialReports
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.proofs import Proof, Purse
from tulou.services.gateway.tests.gate import gate, snapshot, target
from tulou.services.gateway.tests.house import FakeUpstreams
from tulou.services.gateway.tests.upstream import Act, Seen, Upstream, answer, reply, upstream
from tulou.services.gateway.tests.vendors.bedrock import BEDROCK
from tulou.services.gateway.tests.vendors.speech import vendor
from tulou.testing.clock import ManualClock
from tulou.testing.eventually import eventually


def credential(name: str) -> ReplicaCredential:
    return ReplicaCredential(id=name, headers=(("Authorization", f"Bearer secret-{name}"),))


def told_of(one: Upstream, *names: str, model: str = "") -> Snapshot:
    credentials = tuple(credential(name) for name in names)
    replica = one.replica(credentials=credentials, provider="vendor", upstream_model=model)
    route = Route(model="tiny", shares=(Share(deployment="tiny"),), retry=RetryPolicy(attempts=1, backoff_s=0.01))
    return snapshot(target(replica), routes=(route,))


def shown(seen: Seen) -> str:
    return seen.headers[b"authorization"].decode().removeprefix("Bearer secret-")


def refuses(name: str, status: int, *headers: tuple[bytes, bytes]) -> Act:
    """Refuse one credential and take all others."""

    async def act(seen: Seen, send: object) -> None:
        if shown(seen) == name:
            await reply(send, status, {"error": {"message": "no"}}, *headers)  # pyright: ignore[reportArgumentType] - ASGI
        else:
            await answer(seen, send)  # pyright: ignore[reportArgumentType] - ASGI

    return act


async def test_each_call_takes_the_next_credential(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, told_of(one, "a", "b")) as running:
        for _ in range(4):
            assert (await running.chat()).status_code == 200
        assert [shown(seen) for seen in one.seen] == ["a", "b", "a", "b"]


async def test_a_credential_that_is_limited_rests_and_the_next_one_is_taken_unseen(tmp_path: Path) -> None:
    clock = ManualClock()
    act = refuses("a", 429, (b"retry-after", b"30"))
    async with upstream(act=act) as one, gate(tmp_path, told_of(one, "a", "b"), clock=clock) as running:
        for _ in range(3):
            assert (await running.chat()).status_code == 200
        assert [shown(seen) for seen in one.seen] == ["a", "b", "b", "b"]
        clock.advance(31)
        assert (await running.chat()).status_code == 200
        assert [shown(seen) for seen in one.seen][4:] == ["a", "b"]
        await eventually(lambda: len(running.upstreams.reports) > 0)
        report = running.upstreams.reports[0]
        assert (report.id, report.outcome, report.status, report.retry_after_s) == ("a", "limited", 429, 30.0)


@pytest.mark.parametrize("status", [401, 402, 403])
async def test_a_credential_that_is_refused_is_retired_at_once_and_reported(tmp_path: Path, status: int) -> None:
    async with upstream(act=refuses("a", status)) as one, gate(tmp_path, told_of(one, "a", "b")) as running:
        running.upstreams.away = True
        for _ in range(3):
            assert (await running.chat(stream=True)).status_code == 200
        assert [shown(seen) for seen in one.seen] == ["a", "b", "b", "b"]
        running.upstreams.away = False
        await eventually(lambda: [report.id for report in running.upstreams.reports] == ["a"])
        assert running.upstreams.reports[0].outcome == "refused"
        await running.tell(told_of(one, "b", model="x"))
        await running.tell(told_of(one, "a", "b", model="y"))
        one.act = answer
        for _ in range(2):
            await running.chat()
        assert "a" in [shown(seen) for seen in one.seen][4:]


async def test_when_all_rest_the_client_hears_when_to_come_back_and_when_all_are_over_that_it_is_ours(
    tmp_path: Path,
) -> None:
    async with (
        upstream(act=refuses("a", 429, (b"retry-after", b"20"))) as one,
        gate(tmp_path, told_of(one, "a")) as running,
    ):
        assert (await running.chat()).status_code == 429
        got = await running.chat()
        assert (got.status_code, got.json()["error"]["code"]) == (429, "rate_limit_exceeded")
        assert 15 <= int(got.headers["retry-after"]) <= 20
        assert len(one.seen) == 1
        one.act = refuses("b", 401)
        await running.tell(told_of(one, "b"))
        assert (await running.chat()).status_code == 502
        assert (await running.chat()).json()["error"]["code"] == "upstream_failed"
        assert len(one.seen) == 2


async def test_bedrock_is_signed_for_with_an_aws_key_and_told_the_token_else(tmp_path: Path) -> None:
    key = (
        ("x-aws-access-key-id", "AKIDEXAMPLE"),
        ("x-aws-secret-access-key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        ("x-aws-region", "eu-west-1"),
        ("x-aws-session-token", "session"),
    )
    async with vendor(BEDROCK) as one:
        replica = one.replica(
            dialect="bedrock",
            signing="aws",
            upstream_model="anthropic.claude:0",
            credentials=(ReplicaCredential(id="k", headers=key),),
        )
        async with gate(tmp_path, snapshot(target(replica))) as running:
            assert (await running.chat()).status_code == 200
            sent = one.seen[0].headers
            assert sent[b"authorization"].startswith(b"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
            assert b"/eu-west-1/bedrock/aws4_request" in sent[b"authorization"]
            assert sent[b"x-amz-security-token"] == b"session"
            assert not any(name.startswith(b"x-aws-") for name in sent)
            token = ReplicaCredential(id="t", headers=(("authorization", "Bearer abc"),))
            await running.tell(snapshot(target(one.replica(dialect="bedrock", signing="aws", credentials=(token,)))))
            assert (await running.chat()).status_code == 200
            assert one.seen[1].headers[b"authorization"] == b"Bearer abc"


def test_replicas_share_what_is_known_of_a_credential() -> None:
    purse = Purse()
    one, other = purse.proofs([credential("a")]), purse.proofs([credential("a")])
    assert one is not None
    assert other is not None
    one.take(0.0).rest(0.0, None)
    assert not other.usable(9.0)
    assert other.usable(10.0)
    one.take(10.0).retired = True
    with pytest.raises(AttemptFailedError, match="refused every credential"):
        other.take(10.0)
    purse.keep_only(set())
    again = purse.proofs([credential("a")])
    assert again is not None
    assert again.usable(10.0)


def test_no_credential_is_ever_shown() -> None:
    assert "secret" not in repr(Proof(credential("a")))


async def test_reports_are_bounded_and_the_newest_counts() -> None:
    upstreams = FakeUpstreams(away=True)
    reports = CredentialReports(upstreams, gateway="gateway-0")
    for number in range(MOST + 10):
        reports.limited(f"c{number}", 1.0)
    reports.refused("c1005", 401)
    reports.limited("c1005", 1.0)
    upstreams.away = False
    running = asyncio.create_task(reports.run())
    await eventually(lambda: len(upstreams.reports) == MOST)
    running.cancel()
    assert upstreams.reports[0].id == "c10"
    assert [report.outcome for report in upstreams.reports if report.id == "c1005"] == ["refused"]
