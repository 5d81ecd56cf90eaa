"""Responses that are kept: gone on from, asked for again, made in the background, by the client that people use."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import pytest
from starlette.types import Send

from tulou.contracts.discovery.messages import UpstreamDialect
from tulou.services.gateway.refusals import ResponsesAwayError
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.store_breaker import StoreBreaker
from tulou.services.gateway.tests.clients import openai_client
from tulou.services.gateway.tests.gate import AUTH, SECRET, TOKEN, RunningGate, gate, grant, snapshot, target
from tulou.services.gateway.tests.upstream import Seen, Upstream
from tulou.services.gateway.tests.vendors import SPEECHES
from tulou.services.gateway.tests.vendors.speech import vendor
from tulou.testing.clock import ManualClock
from tulou.testing.eventually import eventually

BOTH = pytest.mark.parametrize("dialect", ["openai", "responses"])
ENDPOINTS = ("chat", "responses")


@asynccontextmanager
async def house(
    folder: Path, dialect: UpstreamDialect, settings: GatewaySettings | None = None
) -> AsyncGenerator[tuple[RunningGate, Upstream]]:
    speech = SPEECHES[dialect]
    grants = (grant(), grant("sk-other", key="key_2", project="other"))
    async with vendor(speech) as one:
        told = snapshot(target(one.replica(dialect=dialect), endpoints=ENDPOINTS), grants=grants)
        async with gate(folder, told, settings=settings) as running:
            yield running, one


@BOTH
@pytest.mark.parametrize("stream", [False, True])
async def test_a_conversation_goes_on_from_what_was_kept(
    tmp_path: Path, dialect: UpstreamDialect, *, stream: bool
) -> None:
    async with house(tmp_path, dialect) as (running, one), openai_client(running.url) as client:
        if stream:
            async with client.responses.stream(model="tiny", input="first words") as events:
                first = (await events.get_final_response()).id
        else:
            first = (await client.responses.create(model="tiny", input="first words")).id
        assert running.responses.kept[first].state == "completed"
        await client.responses.create(model="tiny", input="second words", previous_response_id=first)
        sent = one.seen[1].body
        assert sent.index(b"first words") < sent.index(b"hello") < sent.index(b"second words")
        assert b"previous_response_id" not in sent


@BOTH
async def test_items_of_kept_answers_may_be_named_instead_of_repeated(tmp_path: Path, dialect: UpstreamDialect) -> None:
    async with house(tmp_path, dialect) as (running, one), openai_client(running.url) as client:
        first = await client.responses.create(model="tiny", input="first words")
        asked: Any = {"role": "user", "content": "second words"}
        named: Any = {"type": "item_reference", "id": first.output[0].id}
        second = await client.responses.create(model="tiny", input=[named, asked])
        await client.responses.create(model="tiny", input="third words", previous_response_id=second.id)

        sent = one.seen[1].body
        assert sent.index(b"hello") < sent.index(b"second words")
        assert (b"item_reference" in sent, str(first.output[0].id).encode() in sent) == (False, False)
        later = one.seen[2].body
        assert later.index(b"hello") < later.index(b"second words") < later.index(b"third words")
        assert b"item_reference" not in later
        items = await client.responses.input_items.list(second.id)
        assert "item_reference" not in {item.type for item in items.data}


async def test_an_item_that_is_not_kept_is_not_found_by_its_name(tmp_path: Path) -> None:
    async with house(tmp_path, "openai") as (running, one), openai_client(running.url) as client:
        unkept = await client.responses.create(model="tiny", input="words", store=False)
        for id_ in (unkept.output[0].id, "msg_unknown"):
            for named in ({"type": "item_reference", "id": id_}, {"id": id_}, {"type": None, "id": id_}):
                asked: Any = [named, {"role": "user", "content": "x"}]
                with pytest.raises(openai.NotFoundError, match=str(id_)) as caught:
                    await client.responses.create(model="tiny", input=asked)
                assert caught.value.param == "input"
        wrong: Any = [{"type": "item_reference", "id": 7}]
        with pytest.raises(openai.BadRequestError, match="id") as refused:
            await client.responses.create(model="tiny", input=wrong)
        assert (refused.value.param, len(one.seen)) == ("input[0].id", 1)


@BOTH
async def test_what_is_not_to_be_kept_is_not_kept_and_no_vendor_keeps_anything(
    tmp_path: Path, dialect: UpstreamDialect
) -> None:
    async with house(tmp_path, dialect) as (running, one), openai_client(running.url) as client:
        said = await client.responses.create(model="tiny", input="hi", store=False)
        assert (said.id not in running.responses.kept, said.to_dict()["store"]) == (True, False)
        kept = await client.responses.create(model="tiny", input="hi")
        assert (kept.id in running.responses.kept, kept.to_dict()["store"]) == (True, True)
        assert all(seen.json.get("store") is not True for seen in one.seen)


async def test_a_kept_response_is_shown_told_again_and_deleted(tmp_path: Path) -> None:
    async with house(tmp_path, "openai") as (running, _), openai_client(running.url) as client:
        made = await client.responses.create(model="tiny", input="words")
        assert (await client.responses.retrieve(made.id)).output_text == "hello"
        items = await client.responses.input_items.list(made.id)
        assert [item.type for item in items.data] == ["message"]
        again = [event async for event in await client.responses.retrieve(made.id, stream=True)]
        assert (again[0].type, again[-1].type) == ("response.created", "response.completed")
        assert "".join(event.delta for event in again if event.type == "response.output_text.delta") == "hello"
        later = [event async for event in await client.responses.retrieve(made.id, stream=True, starting_after=2)]
        assert len(later) == len(again) - 3
        await client.responses.delete(made.id)
        with pytest.raises(openai.NotFoundError):
            await client.responses.retrieve(made.id)


async def test_nobody_else_sees_that_a_response_exists(tmp_path: Path) -> None:
    async with house(tmp_path, "openai") as (running, _), openai_client(running.url) as client:
        made = await client.responses.create(model="tiny", input="words")
        other = {"authorization": "Bearer sk-other"}
        for path in (f"/v1/responses/{made.id}", f"/openai/v1/responses/{made.id}/input_items"):
            assert (await running.http.get(path, headers=AUTH)).status_code == 200
            assert (await running.http.get(path, headers=other)).status_code == 404
            assert (await running.http.get(path)).status_code == 401
        asked = {"model": "tiny", "input": "x", "previous_response_id": made.id}
        got = await running.http.post("/v1/responses", json=asked, headers=other)
        assert (got.status_code, got.json()["error"]["param"]) == (404, "previous_response_id")


async def test_a_response_in_the_background_is_made_on_behalf_of_its_key(tmp_path: Path) -> None:
    async with house(tmp_path, "openai") as (running, one), openai_client(running.url) as client:
        made = await client.responses.create(model="tiny", input="words", background=True)
        assert (made.status, made.background, one.seen) == ("queued", True, [])
        assert (await client.responses.retrieve(made.id)).status == "queued"
        stored = running.responses.kept[made.id]
        assert (stored.owner.key, stored.owner.project) == ("key_1", "default")
        headers = {"authorization": f"Bearer {TOKEN}", "x-tulou-on-behalf-of": stored.owner.key}
        asked = {"model": "tiny", "input": "words", "background": False, "store": False}
        got = await running.http.post("/v1/responses", json=asked, headers={**headers, "x-tulou-priority": "batch"})
        assert got.json()["status"] == "completed"
        await eventually(lambda: any(entry.batch for entry in running.metering.entries.values()))
        assert (await client.responses.cancel(made.id)).status
        with pytest.raises(openai.BadRequestError, match="needs store"):
            await client.responses.create(model="tiny", input="words", background=True, store=False)


async def test_a_conversation_grows_no_larger_than_a_request_may_be(tmp_path: Path) -> None:
    small = GatewaySettings(ledger_every_s=0.05, body_bytes=10_000)
    async with house(tmp_path, "openai", small) as (running, one):
        asked = {"model": "tiny", "input": "x" * 6_000}
        first = (await running.http.post("/v1/responses", json=asked, headers=AUTH)).json()["id"]
        got = await running.http.post("/v1/responses", json={**asked, "previous_response_id": first}, headers=AUTH)
        assert (got.status_code, got.json()["error"]["param"]) == (413, "previous_response_id")
        assert "begin a new one without previous_response_id" in got.json()["error"]["message"]
        assert len(one.seen) == 1
        short = {"model": "tiny", "input": "and then?", "previous_response_id": first}
        assert (await running.http.post("/v1/responses", json=short, headers=AUTH)).status_code == 200


async def test_a_conversation_counts_among_the_bodies_in_memory(tmp_path: Path) -> None:
    small = GatewaySettings(ledger_every_s=0.05, body_bytes=10_000, bodies_bytes=14_000)  # half of it is a tenant's
    async with house(tmp_path, "openai", small) as (running, _):
        asked = {"model": "tiny", "input": "x" * 5_000}
        first = (await running.http.post("/v1/responses", json=asked, headers=AUTH)).json()["id"]
        long = {"model": "tiny", "input": "y" * 2_500, "previous_response_id": first}
        for _ in range(3):  # what is refused is let go of
            got = await running.http.post("/v1/responses", json=long, headers=AUTH)
            assert (got.status_code, got.json()["error"]["code"]) == (503, "overloaded")
        assert (await running.http.post("/v1/responses", json=asked, headers=AUTH)).status_code == 200


async def test_while_control_is_away_answers_go_out_and_say_that_they_are_not_kept(tmp_path: Path) -> None:
    async with house(tmp_path, "openai") as (running, _), openai_client(running.url) as client:
        running.responses.away = True
        made = await client.responses.create(model="tiny", input="words")
        assert (made.output_text, made.to_dict()["store"]) == ("hello", False)
        with pytest.raises(openai.InternalServerError) as caught:
            await client.responses.create(model="tiny", input="words", previous_response_id="resp_x")
        assert caught.value.status_code == 503
        with pytest.raises(openai.BadRequestError, match="previous_response_id"):
            await client.responses.create(model="tiny", input="words", conversation="conv_1")


async def test_a_store_that_is_silent_is_waited_for_once_and_then_tried_by_one_at_a_time() -> None:
    clock = ManualClock()
    breaker = StoreBreaker(within_s=0.01, clock=clock)

    async def ask(*, silent: bool) -> str:
        try:
            async with breaker.asking():
                if silent:
                    await asyncio.Event().wait()
        except ResponsesAwayError as error:
            return str(error)
        return "answered"

    assert "did not answer within" in await ask(silent=True)
    assert "does not answer now" in await ask(silent=False), "nobody asks for a second"
    clock.advance(1.0)
    one, other = await asyncio.gather(ask(silent=True), ask(silent=False))
    assert "did not answer within" in one
    assert "does not answer now" in other
    clock.advance(1.0)
    assert await ask(silent=False) == "answered"
    assert await ask(silent=False) == "answered"


async def test_who_comes_while_others_wait_in_vain_does_not_wait() -> None:
    clock = ManualClock()
    breaker, done = StoreBreaker(within_s=60, clock=clock), asyncio.Event()

    async def ask() -> None:
        async with breaker.asking():
            await done.wait()

    waiting = asyncio.create_task(ask())
    await asyncio.sleep(0)  # it has begun to wait
    clock.advance(1.5)
    with pytest.raises(ResponsesAwayError):
        await ask()
    done.set()
    await waiting
    await ask()


async def test_while_the_store_is_silent_answers_go_out_at_once_and_say_that_they_are_not_kept(tmp_path: Path) -> None:
    settings = GatewaySettings(responses_s=0.05)
    speech = SPEECHES["openai"]
    async with (
        vendor(speech) as one,
        gate(
            tmp_path,
            snapshot(target(one.replica(), endpoints=ENDPOINTS)),
            settings=settings,
            clock=ManualClock(),
        ) as running,
        openai_client(running.url) as client,
    ):
        running.responses.silent = True
        made = [await client.responses.create(model="tiny", input="words") for _ in range(5)]
        assert [one.to_dict()["store"] for one in made] == [False] * 5
        assert running.responses.asked == 1
        with pytest.raises(openai.InternalServerError) as caught:
            await client.with_options(max_retries=0).responses.create(
                model="tiny", input="words", previous_response_id="resp_x"
            )
        assert caught.value.status_code == 503
        assert running.responses.asked == 1


async def test_a_response_that_breaks_is_not_kept(tmp_path: Path) -> None:
    speech = SPEECHES["openai"]

    async def act(seen: Seen, send: Send) -> None:
        await speech.breaks(*speech.opening, speech.piece)(seen, send)

    async with (
        vendor(speech, act=act) as one,
        gate(tmp_path, snapshot(target(one.replica(), endpoints=ENDPOINTS))) as running,
    ):
        asked = {"model": "tiny", "input": "hi", "stream": True}
        got = await running.http.post("/v1/responses", json=asked, headers={"x-api-key": SECRET})
        assert "response.completed" not in got.text
        assert not running.responses.kept
