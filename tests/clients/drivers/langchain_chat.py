"""LangChain's ChatOpenAI: chat completions, and responses where a conversation is to go on with its reasoning."""

from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from tests.clients.drivers import harness
from tests.clients.drivers.harness import Json

Calls = list[tuple[str, Any]]


class Place(BaseModel):
    """What a structured answer is."""

    city: str
    degrees: int


@tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return harness.ANSWERS[city]


@tool
def now() -> str:
    """The time."""
    return "noon"


TOOLS: Any = [get_weather, now]


def llm(model: str, *, key: str = harness.KEY, **more: Any) -> Any:
    given: Any = {"base_url": f"{harness.URL}/v1", "api_key": key, "model": model, "max_retries": 0, **more}
    return ChatOpenAI(**given)


def calls_of(message: Any) -> Calls:
    return [(call["name"], call["args"]) for call in message.tool_calls]


def loop(asked: Any, text: str) -> Json:
    """Return what was called, and what was said when the results were there."""
    question = HumanMessage(text)
    first: AIMessage = asked.invoke([question])
    by_name = {one.name: one for one in TOOLS}
    results: list[ToolMessage] = [by_name[call["name"]].invoke(call) for call in first.tool_calls]
    return {"calls": calls_of(first), "text": asked.invoke([question, first, *results]).text}


def streamed_calls(asked: Any, text: str) -> Calls:
    chunks = list(asked.stream(text))
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    return calls_of(whole)


def bound(model: str, **more: Any) -> Any:
    return llm(model, **more).bind_tools(TOOLS)


def chat(model: str) -> Json:
    return {"text": llm(model).invoke(harness.HELLO).text}


def stream(model: str) -> Json:
    pieces = [chunk.text for chunk in llm(model).stream(harness.HELLO) if chunk.text]
    return {"text": "".join(pieces), "pieces": len(pieces) > 2}


def tools(model: str) -> Json:
    return loop(bound(model), harness.TWO_CITIES) | {"streamed": streamed_calls(bound(model), harness.TWO_CITIES)}


def forced(model: str) -> Json:
    asked: Any = llm(model).bind_tools(TOOLS, tool_choice="get_weather")
    return {"calls": calls_of(asked.invoke(harness.HELLO))}


def no_arguments(model: str) -> Json:
    return loop(bound(model), harness.CLOCK) | {"streamed": streamed_calls(bound(model), harness.CLOCK)}


def structured(model: str) -> Json:
    asked: Any = llm(model).with_structured_output(Place, method="json_schema")
    return {"value": asked.invoke(harness.HELLO).model_dump()}


def images(model: str) -> Json:
    picture = {"type": "image_url", "image_url": {"url": harness.PICTURE}}
    content: Any = [{"type": "text", "text": "What is this?"}, picture]
    return {"text": llm(model).invoke([HumanMessage(content)]).text}


def reasoning(model: str) -> Json:
    """By responses, as LangChain keeps no reasoning of chat completions."""
    asked = bound(
        model,
        use_responses_api=True,
        output_version="responses/v1",
        reasoning={"effort": "low", "summary": "auto"},
        include=["reasoning.encrypted_content"],
        store=False,
    )
    return {"text": loop(asked, harness.THINK)["text"]}


def usage(model: str) -> Json:
    whole = llm(model).invoke(harness.HELLO).usage_metadata
    chunks = list(llm(model, stream_usage=True).stream(harness.HELLO))
    last = next(chunk.usage_metadata for chunk in reversed(chunks) if chunk.usage_metadata)
    return {"whole": counts(whole), "streamed": counts(last)}


def counts(told: Any) -> list[int]:
    return [told["input_tokens"], told["input_token_details"]["cache_read"], told["output_tokens"]]


def cancel(model: str) -> Json:
    chunks = llm(model).stream(f"@slow {harness.tag(model)}")
    next(chunks)
    chunks.close()
    return {"left": harness.tag(model)}


def references(model: str) -> Json:
    asked = llm(model, use_responses_api=True, use_previous_response_id=True)
    first = asked.invoke(harness.NAME)
    return {"previous": asked.invoke([HumanMessage(harness.NAME), first, HumanMessage(harness.RECALL)]).text}


def errors(model: str) -> Json:
    return {
        "key": harness.failure(lambda: llm(model, key="sk-nobody").invoke("x")),
        "model": harness.failure(lambda: llm("ghost").invoke("x")),
        "request": harness.failure(lambda: llm(model).invoke("@fail 400")),
        "limit": harness.failure(lambda: llm(model).invoke("@fail 429")),
    }


if __name__ == "__main__":
    features = (chat, stream, tools, forced, no_arguments, structured, images, reasoning, usage, cancel, references)
    harness.run({feature.__name__: feature for feature in (*features, errors)})
