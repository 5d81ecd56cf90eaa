"""LlamaIndex's OpenAILike, run by an interpreter of its own: it holds the official client below its newest version."""

import importlib
from typing import Any

from pydantic import BaseModel

from tests.clients.drivers import harness
from tests.clients.drivers.harness import Json

llms: Any = importlib.import_module("llama_index.llms.openai_like")
core: Any = importlib.import_module("llama_index.core.llms")
parts: Any = importlib.import_module("llama_index.core.base.llms.types")
tooling: Any = importlib.import_module("llama_index.core.tools")
Calls = list[tuple[str, Any]]


class Place(BaseModel):
    """What a structured answer is."""

    city: str
    degrees: int


def get_weather(city: str) -> str:
    """The weather of a city."""
    return harness.ANSWERS[city]


def now() -> str:
    """The time."""
    return "noon"


TOOLS = [tooling.FunctionTool.from_defaults(get_weather), tooling.FunctionTool.from_defaults(now)]


def llm(model: str, *, key: str = harness.KEY, **more: Any) -> Any:
    known = {"is_chat_model": True, "is_function_calling_model": True, "context_window": 32_000}
    address = {"api_base": f"{harness.URL}/v1", "api_key": key}
    return llms.OpenAILike(model=model, max_retries=0, **address, **known, **more)


def user(text: str) -> Any:
    return core.ChatMessage(role="user", content=text)


def calls_of(asked: Any, answer: Any) -> Calls:
    found = asked.get_tool_calls_from_response(answer, error_on_no_tool_call=False)
    return [(call.tool_name, call.tool_kwargs) for call in found]


def loop(model: str, text: str) -> Json:
    """Return what was called, and what was said when the results were there."""
    asked = llm(model)
    first = asked.chat_with_tools(TOOLS, chat_history=[user(text)], allow_parallel_tool_calls=True)
    called = asked.get_tool_calls_from_response(first)
    results = [
        core.ChatMessage(
            role="tool",
            content=harness.result(call.tool_name, call.tool_kwargs),
            additional_kwargs={"tool_call_id": call.tool_id},
        )
        for call in called
    ]
    last = asked.chat_with_tools(TOOLS, chat_history=[user(text), first.message, *results])
    return {"calls": calls_of(asked, first), "text": last.message.content}


def streamed_calls(model: str, text: str) -> Calls:
    asked = llm(model)
    chunks = list(asked.stream_chat_with_tools(TOOLS, chat_history=[user(text)], allow_parallel_tool_calls=True))
    return calls_of(asked, chunks[-1])


def chat(model: str) -> Json:
    return {"text": llm(model).chat([user(harness.HELLO)]).message.content}


def stream(model: str) -> Json:
    pieces = [chunk.delta for chunk in llm(model).stream_chat([user(harness.HELLO)]) if chunk.delta]
    return {"text": "".join(pieces), "pieces": len(pieces) > 2}


def tools(model: str) -> Json:
    return loop(model, harness.TWO_CITIES) | {"streamed": streamed_calls(model, harness.TWO_CITIES)}


def forced(model: str) -> Json:
    asked = llm(model)
    answer = asked.chat_with_tools(TOOLS, chat_history=[user(harness.HELLO)], tool_choice="get_weather")
    return {"calls": calls_of(asked, answer)}


def no_arguments(model: str) -> Json:
    return loop(model, harness.CLOCK) | {"streamed": streamed_calls(model, harness.CLOCK)}


def structured(model: str) -> Json:
    asked = llm(model, should_use_structured_outputs=True)
    return {"value": asked.as_structured_llm(Place).chat([user(harness.HELLO)]).raw.model_dump()}


def images(model: str) -> Json:
    blocks = [parts.TextBlock(text="What is this?"), parts.ImageBlock(url=harness.PICTURE)]
    return {"text": llm(model).chat([core.ChatMessage(role="user", blocks=blocks)]).message.content}


def usage(model: str) -> Json:
    whole = llm(model).chat([user(harness.HELLO)]).raw.usage
    options = {"stream_options": {"include_usage": True}}
    chunks = list(llm(model, additional_kwargs=options).stream_chat([user(harness.HELLO)]))
    return {"whole": counts(whole), "streamed": counts(chunks[-1].raw.usage)}


def counts(told: Any) -> list[int]:
    return [told.prompt_tokens, told.prompt_tokens_details.cached_tokens, told.completion_tokens]


def cancel(model: str) -> Json:
    chunks = llm(model).stream_chat([user(f"@slow {harness.tag(model)}")])
    next(chunks)
    chunks.close()
    return {"left": harness.tag(model)}


def errors(model: str) -> Json:
    def asking(name: str, text: str, **more: Any) -> str:
        return harness.failure(lambda: llm(name, **more).chat([user(text)]))

    return {
        "key": asking(model, "x", key="sk-nobody"),
        "model": asking("ghost", "x"),
        "request": asking(model, "@fail 400"),
        "limit": asking(model, "@fail 429"),
    }


if __name__ == "__main__":
    features = (chat, stream, tools, forced, no_arguments, structured, images, usage, cancel, errors)
    harness.run({feature.__name__: feature for feature in features})
