"""The official OpenAI client for Python, by responses."""

import json
from typing import Any

from openai import OpenAI
from openai.types.responses import Response
from pydantic import BaseModel

from tests.clients.drivers import harness
from tests.clients.drivers.harness import Json

CLIENT = OpenAI(base_url=f"{harness.URL}/v1", api_key=harness.KEY, max_retries=0)
TOOLS: Any = [
    {"type": "function", "name": "get_weather", "parameters": harness.WEATHER, "strict": True},
    {"type": "function", "name": "now", "description": "The time.", "parameters": harness.NOTHING, "strict": False},
]
CUSTOM: Any = [
    {"type": "custom", "name": "apply_patch", "description": "Edits files."},
    {"type": "namespace", "name": "clock", "description": "Times.", "tools": TOOLS},
    {"type": "web_search"},
]
Calls = list[tuple[str, Any]]


class Place(BaseModel):
    """What a structured answer is."""

    city: str
    degrees: int


def user(text: str) -> Any:
    return {"role": "user", "content": text}


def ask(model: str, given: Any, **more: Any) -> Response:
    asked: Any = {"model": model, "input": given, **more}
    create: Any = CLIENT.responses.create
    answer: Response = create(**asked)
    return answer


def calls_of(response: Response) -> Calls:
    found: Calls = []
    for item in response.output:
        if item.type == "function_call":
            found.append((item.name, json.loads(item.arguments)))
        elif item.type == "custom_tool_call":
            found.append((item.name, item.input))
    return found


def results_of(response: Response) -> list[Any]:
    found: list[Any] = []
    for item in response.output:
        if item.type == "function_call":
            output = harness.result(item.name, json.loads(item.arguments))
            found.append({"type": "function_call_output", "call_id": item.call_id, "output": output})
        elif item.type == "custom_tool_call":
            found.append({"type": "custom_tool_call_output", "call_id": item.call_id, "output": "done"})
    return found


def loop(model: str, text: str, tools: Any = TOOLS, **more: Any) -> Json:
    """Return what was called, and what was said when the results were there; nothing is kept by the house."""
    first = ask(model, [user(text)], tools=tools, store=False, **more)
    said: list[Any] = [user(text), *first.output, *results_of(first)]
    last = ask(model, said, tools=tools, store=False, **more)
    return {"calls": calls_of(first), "text": last.output_text}


def streamed(model: str, text: str, tools: Any = TOOLS) -> Calls:
    with CLIENT.responses.stream(model=model, input=text, tools=tools) as events:
        return calls_of(events.get_final_response())


def chat(model: str) -> Json:
    return {"text": ask(model, harness.HELLO).output_text}


def stream(model: str) -> Json:
    with CLIENT.responses.stream(model=model, input=harness.HELLO) as events:
        pieces = [event.delta for event in events if event.type == "response.output_text.delta"]
    return {"text": "".join(pieces), "pieces": len(pieces) > 2}


def tools(model: str) -> Json:
    return loop(model, harness.TWO_CITIES) | {"streamed": streamed(model, harness.TWO_CITIES)}


def forced(model: str) -> Json:
    choice: Any = {"type": "function", "name": "get_weather"}
    return {"calls": calls_of(ask(model, harness.HELLO, tools=TOOLS, tool_choice=choice))}


def no_arguments(model: str) -> Json:
    return loop(model, harness.CLOCK) | {"streamed": streamed(model, harness.CLOCK)}


def structured(model: str) -> Json:
    parsed = CLIENT.responses.parse(model=model, input=harness.HELLO, text_format=Place).output_parsed
    return {"value": parsed.model_dump() if parsed else None}


def images(model: str) -> Json:
    picture = {"type": "input_image", "image_url": harness.PICTURE, "detail": "auto"}
    content = [{"type": "input_text", "text": "What is this?"}, picture]
    return {"text": ask(model, [{"role": "user", "content": content}]).output_text}


def reasoning(model: str) -> Json:
    asked: Any = {"effort": "low", "summary": "auto"}
    sealed = ["reasoning.encrypted_content"]
    return {"text": loop(model, harness.THINK, reasoning=asked, include=sealed)["text"]}


def usage(model: str) -> Json:
    with CLIENT.responses.stream(model=model, input=harness.HELLO) as events:
        last = events.get_final_response().usage
    return {"whole": counts(ask(model, harness.HELLO).usage), "streamed": counts(last)}


def counts(told: Any) -> list[int]:
    return [told.input_tokens, told.input_tokens_details.cached_tokens, told.output_tokens]


def errors(model: str) -> Json:
    stranger = OpenAI(base_url=f"{harness.URL}/v1", api_key="sk-nobody", max_retries=0)
    return {
        "key": harness.failure(lambda: stranger.responses.create(model=model, input="x")),
        "model": harness.failure(lambda: ask("ghost", "x")),
        "request": harness.failure(lambda: ask(model, "@fail 400")),
        "limit": harness.failure(lambda: ask(model, "@fail 429")),
    }


def cancel(model: str) -> Json:
    with CLIENT.responses.create(model=model, input=f"@slow {harness.tag(model)}", stream=True) as events:
        next(iter(events))
    return {"left": harness.tag(model)}


def references(model: str) -> Json:
    first = ask(model, harness.NAME)
    second = ask(model, harness.RECALL, previous_response_id=first.id)
    named = {"type": "item_reference", "id": first.output[0].id}
    third = ask(model, [user(harness.NAME), named, user(harness.RECALL)])
    return {"previous": second.output_text, "items": third.output_text}


def custom(model: str) -> Json:
    grouped = ask(model, harness.CLOCK, tools=CUSTOM).output[-1]
    called = loop(model, harness.PATCH, tools=CUSTOM)
    assert streamed(model, harness.PATCH, tools=CUSTOM) == called["calls"]
    assert (grouped.type, getattr(grouped, "namespace", "")) == ("function_call", "clock")
    return called


if __name__ == "__main__":
    features = (chat, stream, tools, forced, no_arguments, structured, images, reasoning, usage, cancel)
    harness.run({feature.__name__: feature for feature in (*features, references, custom, errors)})
