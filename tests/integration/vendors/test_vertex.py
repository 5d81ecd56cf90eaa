"""Vertex AI from the sealed service account to the answer: who asks is proven by a signed word, then by a token."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from starlette.types import Send

from tulou.adapters.credentials.references import References
from tulou.adapters.http.prober import open_prober
from tulou.adapters.http.token_endpoint import open_token_endpoint
from tulou.contracts.serving.messages import UpstreamTarget as Entry
from tulou.contracts.upstreams.api import Upstreams
from tulou.contracts.upstreams.messages import AddCredential, UpstreamSpec
from tulou.ports.credentials import Credentials
from tulou.ports.token_endpoint import TokenEndpoint
from tulou.services.gateway.tests.gate import AUTH, RunningGate, gate, question, snapshot, target
from tulou.services.gateway.tests.upstream import Act, Seen, Upstream, reply, upstream
from tulou.services.gateway.tests.vendors.anthropic import ANTHROPIC
from tulou.services.gateway.tests.vendors.gemini import GEMINI
from tulou.services.serving.service.listing import VendorModels
from tulou.services.serving.service.outside import UpstreamPlace, UpstreamProbes
from tulou.services.upstreams.component import COMPONENT
from tulou.services.upstreams.settings import UpstreamsSettings
from tulou.services.upstreams.tests.google import account, claims_of
from tulou.testing.house import SmallHouse, open_house

LOCATED = {"project": "p-1", "location": "europe-west4"}
UNDER = "/v1/projects/p-1/locations/europe-west4/publishers"


@dataclass
class Google:
    """Gives a token for a good assertion, and answers only who shows the newest one."""

    house: SmallHouse
    answers: Act
    given: int = 0

    async def act(self, seen: Seen, send: Send) -> None:
        if seen.path == "/token":
            audience = f"http://{seen.headers[b'host'].decode()}/token"
            claims_of(dict(parse_qsl(seen.body.decode())), now=self.house.clock.now(), audience=audience)
            self.given += 1
            said = {"access_token": f"ya29.{self.given}", "expires_in": 3599, "token_type": "Bearer"}
            await reply(send, 200, said)
        elif seen.headers.get(b"authorization", b"").decode() != f"Bearer ya29.{self.given}":
            await reply(send, 401, {"error": {"code": 401, "status": "UNAUTHENTICATED", "message": "no"}})
        else:
            await self.answers(seen, send)


@asynccontextmanager
async def accounts(house: SmallHouse) -> AsyncGenerator[Upstreams]:
    async with open_token_endpoint() as tokens:
        things = {
            UpstreamsSettings: UpstreamsSettings(),
            Credentials: References(house.secrets, {}, directory=house.directory),
            TokenEndpoint: tokens,
        }
        async with COMPONENT.build(house.provided(things)) as service:
            yield service


@asynccontextmanager
async def reached(
    tmp_path: Path, house: SmallHouse, one: Upstream, spec: UpstreamSpec, model: str
) -> AsyncGenerator[tuple[RunningGate, Any]]:
    """Run a gate whose one replica is the account as serving finds it; yield it with what looks again."""
    async with accounts(house) as upstreams, open_prober() as prober:
        await upstreams.put_upstream(spec)
        sealed = account(token_uri=f"{one.url}/token")
        await upstreams.add_credential(AddCredential(upstream=spec.name, name="default", secret=sealed))
        models = VendorModels(prober, clock=house.clock, every_s=600.0, timeout_s=5.0)
        credentials = References(house.secrets, {}, directory=house.directory)
        outside = UpstreamProbes(upstreams, prober, credentials, models=models, timeout_s=5.0)
        place = UpstreamPlace("r1", "tiny", 1, 0, Entry(upstream=spec.name, model=model))

        async def look(revision: int = 1) -> Any:
            replica = await outside.look(place)
            return snapshot(target(replica, endpoints=("chat", "messages", "count_tokens")), revision=revision)

        async with gate(tmp_path, await look()) as running:
            yield running, look


@pytest.fixture
async def house() -> AsyncGenerator[SmallHouse]:
    async with open_house(COMPONENT.migrations) as opened:
        yield opened


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_gemini_is_asked_at_its_place_in_the_project_with_a_token(
    tmp_path: Path, house: SmallHouse, *, stream: bool
) -> None:
    google = Google(house, GEMINI.says(GEMINI.text))
    async with upstream(act=google.act) as one:
        spec = UpstreamSpec(name="v", provider="vertex", base_url=one.url, variables=LOCATED)
        async with reached(tmp_path, house, one, spec, "gemini-2.5-pro") as (running, _):
            got = await running.chat(stream=stream)
            assert (got.status_code, "hello" in got.text or "hel" in got.text) == (200, True)
    way = "streamGenerateContent" if stream else "generateContent"
    assert one.seen[-1].path == f"{UNDER}/google/models/gemini-2.5-pro:{way}"
    assert "model" not in one.seen[-1].json


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("path", ["chat/completions", "messages"])
async def test_claude_is_asked_without_its_name_in_the_body_and_with_vertex_s_version(
    tmp_path: Path, house: SmallHouse, path: str, *, stream: bool
) -> None:
    google = Google(house, ANTHROPIC.says(ANTHROPIC.text))
    async with upstream(act=google.act) as one:
        spec = UpstreamSpec(name="v", provider="vertex-anthropic", base_url=one.url, variables=LOCATED)
        async with reached(tmp_path, house, one, spec, "claude-sonnet-4-5@20250929") as (running, _):
            asked = question(stream=stream, max_tokens=20)
            got = await running.http.post(f"/v1/{path}", json=asked, headers=AUTH)
            assert got.status_code == 200, got.text
    way = "streamRawPredict" if stream else "rawPredict"
    assert one.seen[-1].path == f"{UNDER}/anthropic/models/claude-sonnet-4-5@20250929:{way}"
    body = one.seen[-1].json
    assert (body["anthropic_version"], "model" in body, body["max_tokens"]) == ("vertex-2023-10-16", False, 20)


async def test_tokens_of_claude_are_counted_where_vertex_counts_them(tmp_path: Path, house: SmallHouse) -> None:
    async def counts(seen: Seen, send: Send) -> None:
        assert seen.json["model"] == "claude"
        await reply(send, 200, {"input_tokens": 12})

    async with upstream(act=Google(house, counts).act) as one:
        spec = UpstreamSpec(name="v", provider="vertex-anthropic", base_url=one.url, variables=LOCATED)
        async with reached(tmp_path, house, one, spec, "claude") as (running, _):
            got = await running.http.post("/v1/messages/count_tokens", json=question(), headers=AUTH)
    assert got.json() == {"input_tokens": 12}
    assert one.seen[-1].path == f"{UNDER}/anthropic/models/count-tokens:rawPredict"


async def test_a_token_is_renewed_before_its_end_and_requests_go_on_with_the_new_one(
    tmp_path: Path, house: SmallHouse
) -> None:
    google = Google(house, GEMINI.says(GEMINI.text))
    async with upstream(act=google.act) as one:
        spec = UpstreamSpec(name="v", provider="vertex", base_url=one.url, variables=LOCATED)
        async with reached(tmp_path, house, one, spec, "gemini") as (running, look):
            for revision in range(2, 5):
                assert (await running.chat()).status_code == 200
                await running.tell(await look(revision))
            assert google.given == 1, "one token serves all until half of its life is over"
            house.clock.advance(1801)
            await running.tell(await look(5))
            assert google.given == 2
            assert (await running.chat()).status_code == 200
