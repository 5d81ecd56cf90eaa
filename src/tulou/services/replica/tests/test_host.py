import asyncio
import base64
import struct
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import httpx2
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionStreamOptionsParam

from tulou.ports.engine import Task
from tulou.ports.launcher import WorkerSpec
from tulou.services.replica.host.app import Host
from tulou.services.replica.host.room import RequestSlots
from tulou.services.replica.host.server import EngineEndpoint, endpoint
from tulou.services.replica.settings import ReplicaSettings
from tulou.services.replica.tests.talker import Talker
from tulou.testing.eventually import eventually
from tulou.testing.http import http_client

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "one two three"}]


class Speller(Talker):
    """Has a tokenizer in which each token is a letter."""

    def detokenize(self, tokens: Sequence[int]) -> str:
        return "x" * len(tokens)


def worker_spec(task: Task = "chat", concurrency: int = 2) -> WorkerSpec:
    return WorkerSpec(
        replica="rep_1",
        deployment="talk",
        generation=1,
        model="talk",
        version=1,
        engine="talker",
        task=task,
        format="gguf",
        architecture="llama",
        files=(),
        context_length=64,
        concurrency=concurrency,
        options={},
        token="secret",
    )


@asynccontextmanager
async def hosted(
    engine: Talker, *, concurrency: int = 2, queue: int = 10
) -> AsyncGenerator[tuple[openai.AsyncOpenAI, EngineEndpoint]]:
    settings = ReplicaSettings(queue_length=queue)
    async with (
        endpoint(engine, worker_spec(concurrency=concurrency), settings) as reached,
        openai.AsyncOpenAI(
            base_url=f"{reached.url}/v1", api_key="secret", max_retries=0, http_client=http_client()
        ) as client,
    ):
        yield client, reached


class Watched(Speller):
    """Notes in which thread it puts tokens together, and how many requests hold a place then."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[int] = []
        self.running: list[int] = []
        self.busy: Callable[[], int] = lambda: 0

    def detokenize(self, tokens: Sequence[int]) -> str:
        self.threads.append(threading.get_ident())
        self.running.append(self.busy())
        return super().detokenize(tokens)


class Slow(Speller):
    """Takes as long as a test likes to put tokens together; notes how often it does that at once."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.go_on = threading.Event(), threading.Event()
        self.at_once = self.most = 0

    def detokenize(self, tokens: Sequence[int]) -> str:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.began.set()
        self.go_on.wait(60)
        self.at_once -= 1
        return super().detokenize(tokens)


async def test_tokens_are_made_words_in_a_place_and_beside_the_loop() -> None:
    engine = Watched()
    async with hosted(engine) as (client, reached):
        engine.busy = lambda: reached.room.running if reached.room is not None else 0
        await client.embeddings.create(model="talk", input=[[1, 2], [3]])

    assert engine.running == [1, 1]
    assert threading.get_ident() not in engine.threads


async def test_a_place_is_taken_until_the_words_of_a_client_that_left_are_made() -> None:
    engine, room = Slow(), RequestSlots(places=1, queue=0, wait_s=60)
    app = Host(engine, model="talk", token="secret", room=room).app()
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://host") as http:
        headers = {"authorization": "Bearer secret"}
        ask = partial(http.post, "/v1/embeddings", json={"model": "talk", "input": [1]}, headers=headers)
        first = asyncio.create_task(ask())
        await eventually(engine.began.is_set)
        first.cancel()
        for _ in range(20):  # turns of the loop, in which the cancellation arrives
            await asyncio.sleep(0)
        assert (await ask()).status_code == 503
        assert room.running == 1

        engine.go_on.set()
        await asyncio.wait([first])
        assert room.running == 0
        assert (await ask()).status_code == 200
    assert engine.most == 1


async def test_more_tokens_than_are_made_words_at_a_time_are_refused() -> None:
    engine = Watched()
    async with hosted(engine) as (client, _):
        with pytest.raises(openai.BadRequestError, match="300000 tokens"):
            await client.embeddings.create(model="talk", input=[[1] * 200_000, [2] * 100_001])

    assert engine.threads == []


async def test_an_openai_client_gets_a_whole_answer_and_its_cost() -> None:
    async with hosted(Talker()) as (client, _):
        answer = await client.chat.completions.create(model="talk", messages=HELLO)
        assert answer.choices[0].message.content == "onetwothree"
        assert answer.choices[0].finish_reason == "stop"
        assert answer.usage
        assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (3, 3)


async def test_an_openai_client_gets_the_answer_in_pieces() -> None:
    async with hosted(Talker()) as (client, _):
        options: ChatCompletionStreamOptionsParam = {"include_usage": True}
        stream = await client.chat.completions.create(model="talk", messages=HELLO, stream=True, stream_options=options)
        pieces = [piece async for piece in stream]
        assert [piece.choices[0].delta.content for piece in pieces[:3]] == ["one", "two", "three"]
        assert pieces[-2].choices[0].finish_reason == "stop"
        assert pieces[-1].usage
        assert pieces[-1].usage.total_tokens == 6


async def test_vectors_come_as_numbers_or_packed() -> None:
    async with hosted(Talker()) as (client, _):
        reply = await client.embeddings.create(model="talk", input=["four", "seven77"])
        assert [item.embedding for item in reply.data] == [[4.0, 0.5], [7.0, 0.5]]
        raw = await client.post("/embeddings", cast_to=object, body={"input": "four", "encoding_format": "base64"})
        packed = raw["data"][0]["embedding"]  # pyright: ignore[reportIndexIssue, reportUnknownVariableType] # plain JSON
        assert struct.unpack("<2f", base64.b64decode(str(packed))) == (4.0, 0.5)  # pyright: ignore[reportUnknownArgumentType] # the same


@pytest.mark.parametrize("stream", [False, True])
async def test_what_an_engine_passes_over_is_named(stream: bool) -> None:  # noqa: FBT001 - a parameter
    async with hosted(Talker()) as (client, _):
        raw = await client.chat.completions.with_raw_response.create(
            model="talk",
            messages=HELLO,
            stream=stream,
            presence_penalty=0.5,
            frequency_penalty=0,
            extra_body={"top_k": 4, "of_tomorrow": 1, "user": None},
        )
        assert raw.headers["x-tulou-dropped"] == "of_tomorrow, presence_penalty, top_k"
        plain = await client.chat.completions.with_raw_response.create(model="talk", messages=HELLO, stream=stream)
        assert "x-tulou-dropped" not in plain.headers
        with pytest.raises(openai.BadRequestError, match="response_format") as caught:
            await client.chat.completions.create(model="talk", messages=HELLO, extra_body={"grammar": "root ::= x"})
        assert caught.value.param == "grammar"


@pytest.mark.parametrize(
    ("given", "lengths"),
    [([1, 2, 3], [3.0]), ([[1, 2], [4]], [2.0, 1.0]), (["four"], [4.0]), (["four", [1]], [4.0, 1.0])],
)
async def test_texts_may_come_as_tokens(given: object, lengths: list[float]) -> None:
    async with hosted(Speller()) as (client, _):
        reply = await client.embeddings.create(model="talk", input="", extra_body={"input": given})
        assert [item.embedding[0] for item in reply.data] == lengths


@pytest.mark.parametrize("given", [[], [[]], [1, "x"], [1.5], [[1], 2], [[True]]])
async def test_what_is_neither_text_nor_tokens_is_refused(given: object) -> None:
    async with hosted(Speller()) as (client, _):
        with pytest.raises(openai.BadRequestError) as caught:
            await client.embeddings.create(model="talk", input="", extra_body={"input": given})
        assert caught.value.param == "input"


async def test_an_engine_without_words_for_tokens_refuses_them() -> None:
    async with hosted(Talker()) as (client, _):
        with pytest.raises(openai.BadRequestError, match="takes words") as caught:
            await client.embeddings.create(model="talk", input=[1, 2])
        assert caught.value.param == "input"


async def test_the_generation_ends_at_once_when_the_client_leaves_a_stream() -> None:
    engine = Talker()
    engine.gate = asyncio.Event()
    async with hosted(engine) as (client, reached):
        stream = await client.chat.completions.create(model="talk", messages=HELLO, stream=True)
        await anext(aiter(stream))
        await stream.close()
        async with asyncio.timeout(60):
            await engine.ended.wait()
        assert reached.room
        assert reached.room.running == 0


async def test_the_generation_ends_at_once_when_the_client_gives_up_waiting_for_a_whole_answer() -> None:
    engine = Talker()
    engine.gate = asyncio.Event()
    async with hosted(engine) as (client, _):
        asking = asyncio.create_task(client.chat.completions.create(model="talk", messages=HELLO))
        await engine.began.wait()
        asking.cancel()
        async with asyncio.timeout(60):
            await engine.ended.wait()


async def test_a_failure_before_the_first_piece_is_a_status_in_a_stream_too() -> None:
    async with hosted(Talker()) as (client, _):
        for stream in (False, True):
            with pytest.raises(openai.BadRequestError, match="too long") as caught:
                await client.chat.completions.create(
                    model="talk", messages=[{"role": "user", "content": "too long"}], stream=stream
                )
            assert caught.value.param == "messages"


async def test_a_full_queue_is_refused_and_a_waiting_request_gets_the_free_place() -> None:
    engine = Talker()
    engine.gate = asyncio.Event()
    async with hosted(engine, concurrency=1, queue=0) as (client, _):
        first = asyncio.create_task(client.chat.completions.create(model="talk", messages=HELLO))
        await engine.began.wait()
        with pytest.raises(openai.InternalServerError, match="places are taken") as caught:
            await client.chat.completions.create(model="talk", messages=HELLO)
        assert caught.value.status_code == 503
        engine.gate.set()
        await first
        assert await client.chat.completions.create(model="talk", messages=HELLO)


async def test_a_wrong_token_is_turned_away() -> None:
    async with hosted(Talker()) as (client, _):
        with pytest.raises(openai.AuthenticationError):
            await client.with_options(api_key="guess").models.list()
        assert [model.id async for model in client.models.list()] == ["talk"]


IMPOSSIBLE: list[tuple[dict[str, object], str]] = [
    ({"tools": [{"type": "function", "function": {"name": "add", "parameters": {}}}]}, "tools"),
    ({"n": 2}, "n"),
    ({"temperature": 3}, "temperature"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"logprobs": True}, "logprobs"),
    ({"response_format": {"type": "poem"}}, "response_format"),
    ({"messages": []}, "messages"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content"),
]


@pytest.mark.parametrize(("asked", "param"), IMPOSSIBLE)
async def test_what_the_engine_cannot_honour_is_refused_by_name(asked: dict[str, object], param: str) -> None:
    async with hosted(Talker()) as (client, _):
        with pytest.raises(openai.BadRequestError) as caught:
            await client.post("/chat/completions", cast_to=object, body={"messages": HELLO, **asked})
        assert caught.value.param == param


async def test_what_is_asked_reaches_the_engine_under_our_names() -> None:
    engine = Talker()
    async with hosted(engine) as (client, _):
        await client.chat.completions.create(
            model="talk",
            messages=[{"role": "user", "content": [{"type": "text", "text": "one "}, {"type": "text", "text": "two"}]}],
            max_completion_tokens=9,
            temperature=0.5,
            top_p=0.9,
            seed=4,
            stop=["x"],
            response_format={"type": "json_object"},
        )
        asked = engine.asked[0]
        assert (asked.max_tokens, asked.temperature, asked.top_p, asked.seed, asked.stop) == (9, 0.5, 0.9, 4, ("x",))
        assert asked.json_schema == '{"type": "object"}'


@pytest.mark.parametrize("name", ["odd\nx: y", "odd\x00", "ödd", "o" * 100_000])
async def test_a_field_of_any_name_is_told_in_one_line(name: str) -> None:
    body = {"model": "talk", "messages": HELLO, name: 1}
    async with hosted(Talker()) as (_, reached), http_client(reached.url) as http:
        got = await http.post("/v1/chat/completions", json=body, headers={"authorization": "Bearer secret"})

    assert got.status_code == 200
    told = got.headers["x-tulou-dropped"]
    assert told[0] == name[0] or told[0] == "?"
    assert told.isprintable()
