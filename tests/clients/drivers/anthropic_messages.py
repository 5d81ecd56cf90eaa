"""The official Anthropic client for Python."""

from typing import Any

from anthropic import Anthropic
from anthropic.types import Message
from pydantic import BaseModel

from tests.clients.drivers import harness
from tests.clients.drivers.harness import Json
from tests.clients.vendor.png import PICTURE_DATA

CLIENT = Anthropic(base_url=harness.URL, api_key=harness.KEY, max_retries=0)
TOOLS: Any = [
    {"name": "get_weather", "input_schema": harness.WEATHER},
    {"name": "now", "description": "The time.", "input_schema": harness.NOTHING},
]
Calls = list[tuple[str, Any]]


class Place(BaseModel):
    """What a structured answer is."""

    city: str
    degrees: int


def user(content: Any) -> Any:
    return {"role": "user", "content": content}


def ask(model: str, *messages: Any, **more: Any) -> Message:
    given: Any = {"model": model, "max_tokens": 4000, "messages": list(messages), **more}
    create: Any = CLIENT.messages.create
    answer: Message = create(**given)
    return answer


def text_of(message: Any) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def calls_of(message: Message) -> Calls:
    return [(block.name, block.input) for block in message.content if block.type == "tool_use"]


def loop(model: str, text: str, **more: Any) -> Json:
    """Return what was called, and what was said when the results were there."""
    first = ask(model, user(text), tools=TOOLS, **more)
    results = [
        {"type": "tool_result", "tool_use_id": block.id, "content": harness.result(block.name, dict(block.input))}
        for block in first.content
        if block.type == "tool_use"
    ]
    said = {"role": "assistant", "content": first.content}
    return {"calls": calls_of(first), "text": text_of(ask(model, user(text), said, user(results), tools=TOOLS, **more))}


def streamed(model: str, text: str) -> Calls:
    with CLIENT.messages.stream(model=model, max_tokens=4000, messages=[user(text)], tools=TOOLS) as events:
        return calls_of(events.get_final_message())


def chat(model: str) -> Json:
    return {"text": text_of(ask(model, user(harness.HELLO)))}


def stream(model: str) -> Json:
    with CLIENT.messages.stream(model=model, max_tokens=99, messages=[user(harness.HELLO)]) as events:
        pieces = list(events.text_stream)
    return {"text": "".join(pieces), "pieces": len(pieces) > 2}


def tools(model: str) -> Json:
    return loop(model, harness.TWO_CITIES) | {"streamed": streamed(model, harness.TWO_CITIES)}


def forced(model: str) -> Json:
    choice: Any = {"type": "tool", "name": "get_weather"}
    return {"calls": calls_of(ask(model, user(harness.HELLO), tools=TOOLS, tool_choice=choice))}


def no_arguments(model: str) -> Json:
    return loop(model, harness.CLOCK) | {"streamed": streamed(model, harness.CLOCK)}


def structured(model: str) -> Json:
    parsed = CLIENT.messages.parse(
        model=model, max_tokens=99, messages=[user(harness.HELLO)], output_format=Place
    ).parsed_output
    return {"value": parsed.model_dump() if parsed else None}


def images(model: str) -> Json:
    source = {"type": "base64", "media_type": "image/png", "data": PICTURE_DATA}
    content = [{"type": "text", "text": "What is this?"}, {"type": "image", "source": source}]
    return {"text": text_of(ask(model, user(content)))}


def reasoning(model: str) -> Json:
    thinking: Any = {"type": "enabled", "budget_tokens": 1024}
    return {"text": loop(model, harness.THINK, thinking=thinking)["text"]}


def usage(model: str) -> Json:
    with CLIENT.messages.stream(model=model, max_tokens=99, messages=[user(harness.HELLO)]) as events:
        last = events.get_final_message().usage
    return {"whole": counts(ask(model, user(harness.HELLO)).usage), "streamed": counts(last)}


def counts(told: Any) -> list[int]:
    return [told.input_tokens + told.cache_read_input_tokens, told.cache_read_input_tokens, told.output_tokens]


def errors(model: str) -> Json:
    stranger: Any = Anthropic(base_url=harness.URL, api_key="sk-nobody", max_retries=0)
    asked: Any = {"model": model, "max_tokens": 9, "messages": [user("x")]}
    return {
        "key": harness.failure(lambda: stranger.messages.create(**asked)),
        "model": harness.failure(lambda: ask("ghost", user("x"))),
        "request": harness.failure(lambda: ask(model, user("@fail 400"))),
        "limit": harness.failure(lambda: ask(model, user("@fail 429"))),
    }


def cancel(model: str) -> Json:
    with CLIENT.messages.stream(model=model, max_tokens=99, messages=[user(f"@slow {harness.tag(model)}")]) as events:
        next(events.text_stream)
    return {"left": harness.tag(model)}


if __name__ == "__main__":
    features = (chat, stream, tools, forced, no_arguments, structured, images, reasoning, usage, cancel, errors)
    harness.run({feature.__name__: feature for feature in features})
