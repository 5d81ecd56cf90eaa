"""Credentials of upstreams: taken in turn, rested after 429 and 401, suspected after 403, never waited for."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.types import Send

from tulou.contracts.discovery.messages import ReplicaCredential
from tulou.contracts.routing.messages import RetryPolicy, Route, Snapshot, TrafficShare
from tulou.services.gateway.reports import MOST, CredentialReports
from tulou.services.gateway.stack.credentials import (
    CredentialPool,
    CredentialState,
    ReplicaCredentials,
    UpstreamCredential,
)
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.tests.gate import gate, snapshot, target
from tulou.services.gateway.tests.house import FakeUpstreams
from tulou.services.gateway.tests.upstream import Act, Seen, Upstream, answer, begin_stream, reply, upstream
from tulou.services.gateway.tests.vendors.bedrock import BEDROCK
from tulou.services.gateway.tests.vendors.speech import vendor
from tulou.testing.clock import ManualClock
from tulou.testing.eventually import eventually


def credential(name: str) -> ReplicaCredential:
    return ReplicaCredential(id=name, headers=(("Authorization", f"Bearer secret-{name}"),))


def told_of(one: Upstream, *names: str, model: str = "") -> Snapshot:
    credentials = tuple(credential(name) for name in names)
    replica = one.replica(credentials=credentials, provider="vendor", upstream_model=model)
    route = Route(
        model="tiny", shares=(TrafficShare(deployment="tiny"),), retry=RetryPolicy(attempts=1, backoff_s=0.01)
    )
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


async def test_a_credential_that_is_refused_rests_at_once_and_is_reported(tmp_path: Path) -> None:
    async with upstream(act=refuses("a", 401)) as one, gate(tmp_path, told_of(one, "a", "b")) as running:
        running.upstreams.away = True
        for _ in range(3):
            assert (await running.chat(stream=True)).status_code == 200
        assert [shown(seen) for seen in one.seen] == ["a", "b", "b", "b"]
        running.upstreams.away = False
        await eventually(lambda: [report.id for report in running.upstreams.reports] == ["a"])
        report = running.upstreams.reports[0]
        assert (report.outcome, report.status, report.probed, report.served) == ("refused", 401, False, False)
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


def proofs_of(purse: CredentialPool, model: str = "m") -> ReplicaCredentials:
    proofs = purse.proofs([credential("a")], model)
    assert proofs is not None
    return proofs


def test_replicas_of_a_model_share_what_is_known_of_a_credential() -> None:
    purse = CredentialPool()
    one, same, another = proofs_of(purse), proofs_of(purse), proofs_of(purse, "other")
    one.take(0.0).rest(0.0, None)
    assert not same.usable(9.0)
    assert another.usable(9.0), "what one model is refused says nothing of the others"
    assert same.usable(10.0)
    one.take(10.0).refuse(10.0)
    with pytest.raises(AttemptFailedError, match="refused every credential"):
        same.take(10.0)
    purse.keep_only(set())
    assert proofs_of(purse).usable(10.0)


def test_a_credential_that_is_refused_again_and_again_rests_longer_each_time_up_to_a_bound() -> None:
    proof = proofs_of(CredentialPool()).take(0.0)
    rests: list[float] = []
    for _ in range(40):
        proof.refuse(0.0)
        rests.append(proof.rested_at())
    assert (rests[:3], rests[-1]) == ([10.0, 20.0, 40.0], 300.0)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_refusal_that_concerns_the_request_goes_to_its_client_in_the_vendors_words_and_closes_nothing(
    tmp_path: Path, *, stream: bool
) -> None:
    flagged = "openai/gpt-x requires moderation and your input was flagged"

    async def moderates(seen: Seen, send: Send) -> None:
        if b"flag me" in seen.body:
            await reply(send, 403, {"error": {"code": 403, "message": flagged, "metadata": {"reasons": ["x"]}}})
        else:
            await answer(seen, send)

    hostile = {"messages": [{"role": "user", "content": "flag me"}], "stream": stream}
    async with upstream(act=moderates) as one, gate(tmp_path, told_of(one, "a", "b")) as running:
        for _ in range(6):
            got = await running.chat(**hostile)
            error = got.json()["error"]
            assert (got.status_code, error["message"], error["type"]) == (403, flagged, "permission_error")
            assert got.headers.get("x-should-retry", "false") == "false"
        assert len(one.seen) == 6, "no prompt is shown to a second credential"
        assert [(await running.chat()).status_code for _ in range(4)] == [200] * 4
        await eventually(lambda: len(running.upstreams.reports) == 2)
        assert {(it.id, it.outcome, it.status, it.probed) for it in running.upstreams.reports} == {
            ("a", "refused", 403, False),
            ("b", "refused", 403, False),
        }


async def test_a_model_that_an_account_may_not_use_leaves_its_other_models_alone(tmp_path: Path) -> None:
    async def by_model(seen: Seen, send: Send) -> None:
        match seen.json["model"]:
            case "forbidden":
                fault = {"message": "Project does not have access", "type": "invalid_request_error"}
                await reply(send, 403, {"error": {**fault, "param": None, "code": "model_not_found"}})
            case "proxied":
                await reply(send, 401, {"error": {"message": "key not allowed to access model", "code": "401"}})
            case "limited":
                await reply(send, 429, {"error": {"message": "slow down"}}, (b"retry-after", b"3000"))
            case _:
                await answer(seen, send)

    async with upstream(act=by_model) as one:
        models = ("forbidden", "proxied", "limited", "good")
        targets = tuple(
            target(
                replace(one.replica(model, credentials=(credential("a"),), upstream_model=model), id=model),
                deployment=model,
            )
            for model in models
        )
        async with gate(tmp_path, snapshot(*targets)) as running:
            got = await running.chat(model="forbidden")
            assert (got.status_code, got.json()["error"]["code"]) == (403, "model_not_found")
            assert (await running.chat(model="proxied")).status_code == 502
            assert (await running.chat(model="limited")).status_code == 429
            assert (await running.chat(model="good")).status_code == 200


async def test_what_one_account_cannot_pay_for_is_asked_of_the_next_and_told_when_none_can(tmp_path: Path) -> None:
    async def poor(seen: Seen, send: Send) -> None:
        if seen.json.get("max_tokens") == 99:
            words = "This request requires more credits, or fewer max_tokens"
            await reply(send, 402, {"error": {"code": 402, "message": words}})
        else:
            await answer(seen, send)

    async with upstream(act=poor) as one, gate(tmp_path, told_of(one, "a", "b")) as running:
        got = await running.chat(max_tokens=99)
        assert (got.status_code, got.json()["error"]["code"]) == (402, "upstream_payment_required")
        assert "requires more credits" in got.json()["error"]["message"]
        assert [shown(seen) for seen in one.seen] == ["a", "b"]
        assert (await running.chat()).status_code == 200, "nobody else is the poorer for it"


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (400, {"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}}, ()),
        (403, {"message": "The security token is invalid"}, ((b"x-amzn-errortype", b"UnrecognizedClientException:x"),)),
        (403, {"__type": "com.amazon#ExpiredTokenException", "message": "expired"}, ()),
        (403, {"error": {"message": "deactivated", "code": "account_deactivated"}}, ()),
    ],
)
async def test_a_vendor_that_names_the_credential_by_another_status_is_understood(
    tmp_path: Path, status: int, body: object, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    async def act(seen: Seen, send: Send) -> None:
        if shown(seen) == "a":
            await reply(send, status, body, *headers)
        else:
            await answer(seen, send)

    async with upstream(act=act) as one, gate(tmp_path, told_of(one, "a", "b")) as running:
        assert [(await running.chat()).status_code for _ in range(3)] == [200] * 3
        assert [shown(seen) for seen in one.seen] == ["a", "b", "b", "b"]
        await eventually(lambda: [it.named for it in running.upstreams.reports] == [True])


async def test_an_account_without_quota_rests_long_at_all_its_models(tmp_path: Path) -> None:
    async def spent(seen: Seen, send: Send) -> None:
        if shown(seen) == "a":
            await reply(send, 429, {"error": {"message": "over", "code": "insufficient_quota"}})
        else:
            await answer(seen, send)

    clock = ManualClock()
    async with upstream(act=spent) as one:
        both = (credential("a"), credential("b"))
        targets = tuple(
            target(replace(one.replica(model, credentials=both, upstream_model=model), id=model), deployment=model)
            for model in ("m", "n")
        )
        async with gate(tmp_path, snapshot(*targets), clock=clock) as running:
            for model in ("m", "n", "n"):
                assert (await running.chat(model=model)).status_code == 200
            clock.advance(299)
            assert (await running.chat(model="m")).status_code == 200
            assert [shown(seen) for seen in one.seen] == ["a", "b", "b", "b", "b"]


async def test_a_limit_that_a_streams_first_event_tells_rests_the_credential_too(tmp_path: Path) -> None:
    async def late(seen: Seen, send: Send) -> None:
        if shown(seen) == "a":
            await begin_stream(send)
            fault = b'data: {"error": {"message": "slow down", "type": "rate_limit_error", "code": 429}}\n\n'
            await send({"type": "http.response.body", "body": fault})
        else:
            await answer(seen, send)

    async with upstream(act=late) as one:
        async with gate(tmp_path, told_of(one, "a", "b")) as running:
            assert [(await running.chat(stream=True)).status_code for _ in range(3)] == [200] * 3
            assert [shown(seen) for seen in one.seen] == ["a", "b", "b", "b"]
        one.seen.clear()
        async with gate(tmp_path / "alone", told_of(one, "a")) as running:
            assert [(await running.chat(stream=True)).status_code for _ in range(2)] == [429] * 2
            assert len(one.seen) == 1


async def test_a_credential_that_was_taken_a_moment_ago_does_not_rest_for_one_callers_401(tmp_path: Path) -> None:
    async def touchy(seen: Seen, send: Send) -> None:
        if b"odd" in seen.body:
            await reply(send, 401, {"error": {"message": "no such beta"}})
        else:
            await answer(seen, send)

    async with upstream(act=touchy) as one, gate(tmp_path, told_of(one, "a")) as running:
        assert (await running.chat()).status_code == 200
        for _ in range(3):
            assert (await running.chat(messages=[{"role": "user", "content": "odd"}])).status_code == 502
            assert (await running.chat()).status_code == 200
        await eventually(lambda: [it.served for it in running.upstreams.reports] == [True])


def test_no_credential_is_ever_shown() -> None:
    assert "secret" not in repr(UpstreamCredential(credential("a"), CredentialState()))


async def test_reports_are_bounded_and_the_newest_counts() -> None:
    upstreams = FakeUpstreams(away=True)
    reports = CredentialReports(upstreams, gateway="gateway-0")
    for number in range(MOST + 10):
        reports.limited(f"c{number}", 1.0)
    reports.refused("c1005", 401, served=False, named=True)
    reports.limited("c1005", 1.0)
    upstreams.away = False
    running = asyncio.create_task(reports.run())
    await eventually(lambda: len(upstreams.reports) == MOST)
    running.cancel()
    assert upstreams.reports[0].id == "c10"
    assert [report.outcome for report in upstreams.reports if report.id == "c1005"] == ["refused"]
