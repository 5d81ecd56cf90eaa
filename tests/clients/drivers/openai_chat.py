"""The official OpenAI client for Python, by chat completions."""

import json
from typing import Any, Literal

from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionMessage
from pydantic import BaseModel

from tests.clients.drivers import harness
from tests.clients.drivers.harness import Json

CLIENT = OpenAI(base_url=f"{harness.URL}/v1", api_key=harness.KEY, max_retries=0)
TOOLS: Any = [
    {"type": "function", "function": {"name": "get_weather", "parameters": harness.WEATHER, "strict": True}},
    {"type": "function", "function": {"name": "now", "description": "The time.", "parameters": harness.NOTHING}},
]
CUSTOM: Any = [{"type": "custom", "custom": {"name": "apply_patch", "description": "Edits files."}}]
Calls = list[tuple[str, Any]]


class Place(BaseModel):
    """What a structured answer is."""

    city: str
    degrees: int


def user(text: str) -> Any:
    return {"role": "user", "content": text}


def ask(model: str, *messages: Any, **more: Any) -> ChatCompletionMessage:
    given: Any = {"model": model, "messages": list(messages), **more}
    create: Any = CLIENT.chat.completions.create
    answer: ChatCompletion = create(**given)
    return answer.choices[0].message


def calls_of(message: ChatCompletionMessage) -> Calls:
    found: Calls = []
    for call in message.tool_calls or []:
        if call.type == "function":
            found.append((call.function.name, json.loads(call.function.arguments)))
        else:
            found.append((call.custom.name, call.custom.input))
    return found


def results_of(message: ChatCompletionMessage) -> list[Any]:
    called = zip(message.tool_calls or [], calls_of(message), strict=True)
    told = [
        (call.id, "done" if call.type == "custom" else harness.result(name, given)) for call, (name, given) in called
    ]
    return [{"role": "tool", "tool_call_id": number, "content": content} for number, content in told]


def loop(model: str, text: str, tools: Any = TOOLS, **more: Any) -> Json:
    """Return what was called, and what was said when the results were there; and the same calls from a stream."""
    first = ask(model, user(text), tools=tools, **more)
    last = ask(model, user(text), first, *results_of(first), tools=tools, **more)
    return {"calls": calls_of(first), "text": last.content}


def streamed_calls(model: str, text: str) -> Calls:
    with CLIENT.chat.completions.stream(model=model, messages=[user(text)], tools=TOOLS) as stream:
        stream.until_done()
        return calls_of(stream.get_final_completion().choices[0].message)


def chat(model: str) -> Json:
    return {"text": ask(model, user(harness.HELLO)).content}


def stream(model: str) -> Json:
    chunks = CLIENT.chat.completions.create(model=model, messages=[user(harness.HELLO)], stream=True)
    pieces = [piece for chunk in chunks for choice in chunk.choices if (piece := choice.delta.content)]
    return {"text": "".join(pieces), "pieces": len(pieces) > 2}


def tools(model: str) -> Json:
    return loop(model, harness.TWO_CITIES) | {"streamed": streamed_calls(model, harness.TWO_CITIES)}


def forced(model: str) -> Json:
    choice: Any = {"type": "function", "function": {"name": "get_weather"}}
    return {"calls": calls_of(ask(model, user(harness.HELLO), tools=TOOLS, tool_choice=choice))}


def no_arguments(model: str) -> Json:
    return loop(model, harness.CLOCK) | {"streamed": streamed_calls(model, harness.CLOCK)}


def structured(model: str) -> Json:
    parsed = CLIENT.chat.completions.parse(model=model, messages=[user(harness.HELLO)], response_format=Place)
    place = parsed.choices[0].message.parsed
    return {"value": place.model_dump() if place else None}


def images(model: str) -> Json:
    content = [{"type": "text", "text": "What is this?"}]
    content += [{"type": "image_url", "image_url": {"url": harness.PICTURE}}]  # pyright: ignore[reportArgumentType] - JSON
    return {"text": ask(model, {"role": "user", "content": content}).content}


def reasoning(model: str) -> Json:
    return {"text": loop(model, harness.THINK, reasoning_effort="low")["text"]}


def usage(model: str) -> Json:
    whole = CLIENT.chat.completions.create(model=model, messages=[user(harness.HELLO)]).usage
    options: Any = {"include_usage": True}
    chunks = CLIENT.chat.completions.create(
        model=model, messages=[user(harness.HELLO)], stream=True, stream_options=options
    )
    last = [chunk.usage for chunk in chunks][-1]
    return {"whole": counts(whole), "streamed": counts(last)}


def counts(told: Any) -> list[int]:
    return [told.prompt_tokens, told.prompt_tokens_details.cached_tokens, told.completion_tokens]


def errors(model: str) -> Json:
    def failing(status: Literal[400, 429]) -> str:
        return harness.failure(lambda: ask(model, user(f"@fail {status}")))

    stranger = OpenAI(base_url=f"{harness.URL}/v1", api_key="sk-nobody", max_retries=0)
    return {
        "key": harness.failure(stranger.models.list),
        "model": harness.failure(lambda: ask("ghost", user("x"))),
        "request": failing(400),
        "limit": failing(429),
    }


def cancel(model: str) -> Json:
    order = f"@slow {harness.tag(model)}"
    with CLIENT.chat.completions.create(model=model, messages=[user(order)], stream=True) as chunks:
        next(iter(chunks))
    return {"left": harness.tag(model)}


def custom(model: str) -> Json:
    return loop(model, harness.PATCH, tools=CUSTOM)


if __name__ == "__main__":
    features = (chat, stream, tools, forced, no_arguments, structured, images, reasoning, usage, cancel, custom, errors)
    harness.run({feature.__name__: feature for feature in features})
