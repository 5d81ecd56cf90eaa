"""Which client can what through the house: `python -m tests.clients.table` prints the page about it.

Every cell that says yes is tried with the real client at each dialect of vendor (`test_clients.py`).
"""

import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.clients.house import MODELS, ROOT
from tests.clients.vendor.mind import CACHED, HELLO, INPUT, OUTPUT

FOLDER = Path(__file__).parent
PAGE = ROOT / "docs" / "reference" / "clients.md"
DRIVERS = "tests.clients.drivers"
NODE = str(FOLDER / "node_modules" / f"node-linux-{'arm64' if platform.machine() == 'aarch64' else 'x64'}" / "bin/node")
OWN_PYTHON = str(FOLDER / ".venv" / "bin" / "python")

FEATURES = MappingProxyType(
    {
        "chat": "Chat",
        "stream": "Stream",
        "tools": "Tools, several at once",
        "forced": "A forced tool",
        "no_arguments": "Calls without arguments",
        "structured": "Structured output",
        "images": "Images",
        "reasoning": "Reasoning kept over turns",
        "usage": "Usage",
        "errors": "Typed errors",
        "cancel": "Cancel stops the vendor",
        "references": "Items by reference",
        "custom": "Custom tools",
    }
)

CITIES: list[object] = [["get_weather", {"city": "Fuzhou"}], ["get_weather", {"city": "Xiamen"}]]
NO_ARGUMENTS: dict[str, object] = {}
NOW: list[object] = [["now", NO_ARGUMENTS]]
COUNTS = [INPUT, CACHED, OUTPUT]
REMEMBERED = "You said: My name is Ana."
EXPECTED: Mapping[str, object] = MappingProxyType(
    {
        "chat": {"text": HELLO},
        "stream": {"text": HELLO, "pieces": True},
        "tools": {"calls": CITIES, "text": "Results: 31 degrees | 29 degrees.", "streamed": CITIES},
        "forced": {"calls": CITIES[:1]},
        "no_arguments": {"calls": NOW, "text": "Results: noon.", "streamed": NOW},
        "structured": {"value": {"city": "Fuzhou", "degrees": 31}},
        "images": {"text": "I see image/png of 69 bytes."},
        "reasoning": {"text": "Results: noon. Thought kept."},
        "usage": {"whole": COUNTS, "streamed": COUNTS},
        "references": {"previous": REMEMBERED, "items": REMEMBERED},
        "custom": {"calls": [["apply_patch", "*** Begin Patch\n*** End Patch"]], "text": "Results: done."},
    }
)
OFFICIAL = {
    "key": "AuthenticationError",
    "model": "NotFoundError",
    "request": "BadRequestError",
    "limit": "RateLimitError",
}
STATUSES = {"key": 401, "model": 404, "request": 400, "limit": 429}


def prefixed(prefix: str) -> dict[str, str]:
    return {name: f"{prefix} {status}" for name, status in STATUSES.items()}


@dataclass(frozen=True, kw_only=True)
class Client:
    """A client: how its driver is run, what it answers where that differs, and what is no feature of it, with why.

    `only` names features that it has at some dialects of vendors alone.
    """

    name: str
    title: str
    speaks: str
    command: tuple[str, ...]
    answers: Mapping[str, object] = field(default_factory=dict[str, object])
    lacks: Mapping[str, str] = field(default_factory=dict[str, str])
    only: Mapping[str, tuple[tuple[str, ...], str]] = field(default_factory=dict[str, tuple[tuple[str, ...], str]])

    def expected(self, feature: str) -> object:
        """Return what its driver tells of a feature."""
        return self.answers.get(feature, EXPECTED.get(feature))


def python(module: str) -> tuple[str, ...]:
    return sys.executable, "-m", f"{DRIVERS}.{module}"


def node(file: str) -> tuple[str, ...]:
    return NODE, str(FOLDER / "drivers" / file)


NO_ITEMS = {"references": "its dialect has no items"}
NO_CUSTOM = {"custom": "it has functions alone"}
AI_ERRORS = {"errors": prefixed("AI_APICallError")}
AGENT: dict[str, object] = {
    "tools": {"ran": ["one\n"], "made": "ran\n", "results": [True, True]},
    "no_arguments": {"results": [True]},
    "reasoning": {"kept": True},
    "usage": {"whole": COUNTS},
    "custom": {"done": True},
    "errors": dict.fromkeys(STATUSES, True),
}
CLIENTS = (
    Client(
        name="openai-python-chat",
        title="openai (Python)",
        speaks="chat completions",
        command=python("openai_chat"),
        answers={"errors": OFFICIAL},
        lacks=NO_ITEMS,
    ),
    Client(
        name="openai-python-responses",
        title="openai (Python)",
        speaks="responses",
        command=python("openai_responses"),
        answers={"errors": OFFICIAL},
    ),
    Client(
        name="openai-node-chat",
        title="openai (Node)",
        speaks="chat completions",
        command=node("openai_chat.mjs"),
        answers={"errors": OFFICIAL},
        lacks=NO_ITEMS,
    ),
    Client(
        name="openai-node-responses",
        title="openai (Node)",
        speaks="responses",
        command=node("openai_responses.mjs"),
        answers={"errors": OFFICIAL},
    ),
    Client(
        name="anthropic-python",
        title="anthropic (Python)",
        speaks="messages",
        command=python("anthropic_messages"),
        answers={"errors": OFFICIAL},
        lacks=NO_ITEMS | NO_CUSTOM,
    ),
    Client(
        name="anthropic-node",
        title="@anthropic-ai/sdk (TypeScript)",
        speaks="messages",
        command=node("anthropic_messages.mjs"),
        answers={"errors": OFFICIAL},
        lacks=NO_ITEMS | NO_CUSTOM,
    ),
    Client(
        name="langchain",
        title="LangChain (`ChatOpenAI`)",
        speaks="chat completions, and responses for reasoning and references",
        command=python("langchain_chat"),
        answers={
            "errors": {
                "key": "OpenAIAuthenticationError",
                "model": "OpenAIModelNotFoundError",
                "request": "OpenAIInvalidRequestError",
                "limit": "OpenAIRateLimitError",
            },
            "references": {"previous": REMEMBERED},
        },
        lacks=NO_CUSTOM,
        only={"reasoning": (("responses", "anthropic"), "it drops reasoning that open models show in full")},
    ),
    Client(
        name="llamaindex",
        title="LlamaIndex (`OpenAILike`)",
        speaks="chat completions",
        command=(OWN_PYTHON, "-m", f"{DRIVERS}.llamaindex_chat"),
        answers={"errors": OFFICIAL},
        lacks=NO_ITEMS | NO_CUSTOM | {"reasoning": "it keeps none"},
    ),
    Client(
        name="ai-openai",
        title="AI SDK (`@ai-sdk/openai`)",
        speaks="responses",
        command=node("ai_openai.mjs"),
        answers=AI_ERRORS,
        lacks={"custom": "it has them for OpenAI alone"},
    ),
    Client(
        name="ai-compatible",
        title="AI SDK (`@ai-sdk/openai-compatible`)",
        speaks="chat completions",
        command=node("ai_compatible.mjs"),
        answers=AI_ERRORS,
        lacks=NO_ITEMS | NO_CUSTOM,
        only={"reasoning": (("chat",), "it keeps the words of reasoning, and not what seals it")},
    ),
    Client(
        name="ai-anthropic",
        title="AI SDK (`@ai-sdk/anthropic`)",
        speaks="messages",
        command=node("ai_anthropic.mjs"),
        answers=AI_ERRORS,
        lacks=NO_ITEMS | NO_CUSTOM,
    ),
    Client(
        name="codex",
        title="Codex CLI",
        speaks="responses",
        command=python("codex"),
        answers=AGENT,
        lacks={
            "stream": "`codex exec` prints no pieces, though it asks for a stream",
            "forced": "it forces no tool",
            "references": "it sends all items again",
        },
    ),
    Client(
        name="claude-code",
        title="Claude Code",
        speaks="messages",
        command=python("claude_code"),
        answers=AGENT | {"tools": {"ran": ["one"], "made": "ran\n", "results": [True]}, "errors": STATUSES},
        lacks=NO_ITEMS | NO_CUSTOM | {"forced": "it forces no tool"},
    ),
    Client(
        name="java",
        title="Java (`java.net.http.HttpClient`)",
        speaks="chat completions",
        command=("java", str(FOLDER / "drivers" / "Client.java")),
        answers={
            "tools": {"calls": CITIES},
            "no_arguments": {"calls": NOW},
            "errors": {
                "key": "401 authentication_error",
                "model": "404 not_found_error",
                "request": "400 invalid_request_error",
                "limit": "429 rate_limit_error",
            },
        },
        lacks=NO_ITEMS | NO_CUSTOM | {"reasoning": "it knows nothing of conversations"},
    ),
)


@dataclass(frozen=True)
class Cell:
    """A feature of a client at a model of the vendor's."""

    client: Client
    feature: str
    model: str


def cells() -> Iterator[Cell]:
    """Yield everything that is to be tried."""
    for client in CLIENTS:
        for feature in FEATURES:
            models, _ = client.only.get(feature, (MODELS, ""))
            if feature not in client.lacks:
                yield from (Cell(client, feature, model) for model in models)


HEAD = """<!-- made by `make clients`: change tests/clients/table.py, not this page -->
# Clients

Real clients of today's versions, unchanged but for an address and a key, each at vendors that speak OpenAI's chat
completions, OpenAI's responses and Anthropic's messages. The vendors of the tests take what the real ones take, and
refuse what they refuse. `make clients` tries every cell that says *yes*, and prints this page.
"""


def page() -> str:
    """Return the reference page."""
    notes: dict[str, int] = {}
    lines = [HEAD, "| client | speaks | " + " | ".join(FEATURES.values()) + " |", "|---" * (len(FEATURES) + 2) + "|"]
    for client in CLIENTS:
        said = " | ".join(_said(client, feature, notes) for feature in FEATURES)
        lines.append(f"| {client.title} | {client.speaks} | {said} |")
    lines += ["", "*-* is not a feature of that client; a *yes* with a number has the bound that it says:", ""]
    lines += [f"{number}. {why}" for why, number in notes.items()]
    return "\n".join(lines) + "\n"


def _said(client: Client, feature: str, notes: dict[str, int]) -> str:
    if (why := client.lacks.get(feature)) is not None:
        return f"- [{notes.setdefault(why, len(notes) + 1)}]"
    if feature in client.only:
        _, why = client.only[feature]
        return f"yes [{notes.setdefault(why, len(notes) + 1)}]"
    return "yes"


def main(arguments: list[str]) -> None:
    """Print the page, and write it where it belongs if that is asked."""
    if "--write" in arguments:
        PAGE.write_text(page(), "utf-8")
    sys.stdout.write(page())


Told = dict[tuple[str, str], dict[str, Any]]

if __name__ == "__main__":
    main(sys.argv[1:])
