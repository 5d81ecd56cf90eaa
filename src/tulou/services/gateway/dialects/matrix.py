"""What becomes of each feature, for every dialect of clients and of upstreams. Tests hold every cell against the code.

A row has one letter for each upstream, in the order of `UPSTREAMS`: `y` it is done, `d` it is dropped and reported in
`x-tulou-dropped`, `r` the request is refused with words that say why, `-` the client's dialect cannot ask for it.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from tulou.services.gateway.dialects import options

CLIENTS = ("chat", "responses", "messages", "completions")
UPSTREAMS = ("openai", "responses", "anthropic", "gemini", "bedrock")

Outcome = Literal["yes", "dropped", "refused", "cannot be asked"]
_OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {"y": "yes", "d": "dropped", "r": "refused", "-": "cannot be asked"}
)


class Feature(NamedTuple):
    """A feature, how the page calls it, and its rows in the order of `CLIENTS`."""

    name: str
    title: str
    rows: tuple[str, str, str, str]


class FeatureCell(NamedTuple):
    """What becomes of a feature between two dialects."""

    feature: str
    client: str
    upstream: str
    outcome: Outcome


NEVER = "-----"
ALL = "yyyyy"

FEATURES = (
    Feature("text", "Text", (ALL, ALL, ALL, ALL)),
    Feature("stream", "Streams", (ALL, ALL, ALL, ALL)),
    Feature("system", "Instructions", (ALL, ALL, ALL, NEVER)),
    Feature("images", "Images", (ALL, ALL, ALL, NEVER)),
    Feature("documents", "Documents", (ALL, ALL, ALL, NEVER)),
    Feature("audio", "Audio in", ("yrryy", "yrryy", NEVER, NEVER)),
    Feature("tools", "Tools", (ALL, ALL, ALL, NEVER)),
    Feature("parallel_tools", "Several calls at once", (ALL, ALL, ALL, NEVER)),
    Feature("one_tool", "One call at a time", ("yyydd", "yyydd", "yyydd", NEVER)),
    Feature("forced_tool", "A tool that must be called", (ALL, ALL, ALL, NEVER)),
    Feature("tool_result", "Results of tools", (ALL, ALL, ALL, NEVER)),
    Feature("structured", "JSON after a schema", (ALL, ALL, ALL, NEVER)),
    Feature("json_mode", "Free JSON", ("yyryr", "yyryr", NEVER, NEVER)),
    Feature("reasoning", "How much to reason", (ALL, ALL, ALL, NEVER)),
    Feature("reasoning_out", "Reasoning shown", (ALL, ALL, ALL, NEVER)),
    Feature("reasoning_back", "Reasoning taken back in", (ALL, ALL, ALL, NEVER)),
    Feature("cache_marks", "Marks of what to cache", ("ydydy", NEVER, "ddydy", NEVER)),
    Feature("stop", "Stop sequences", ("yryyy", NEVER, "yryyy", "yryyy")),
    Feature("seed", "Seed", ("yddyd", NEVER, NEVER, "yddyd")),
    Feature("n", "Several answers", ("yrryr", NEVER, NEVER, "yrryr")),
    Feature("logprobs", "Log probabilities", ("yyryr", "yyryr", NEVER, "yyryr")),
    Feature("penalties", "Penalties", ("yddyd", NEVER, NEVER, "yddyd")),
    Feature("top_k", "top_k", ("ydyyy", NEVER, "ydyyy", "ydyyy")),
    Feature("user", "Who asks", ("yyydd", "yyydd", "yyydd", "yyydd")),
    Feature("metadata", "Metadata", ("yyddy", "yyddy", NEVER, NEVER)),
    Feature("usage", "Usage", (ALL, ALL, ALL, ALL)),
    Feature("cached_usage", "Usage of the cache", (ALL, ALL, ALL, ALL)),
    Feature("error", "Errors", (ALL, ALL, ALL, ALL)),
    Feature("stream_error", "Errors within a stream", (ALL, ALL, ALL, ALL)),
)

NOTES = """\
* Upstreams whose capabilities are known refuse what they lack (tools, images, `n`, log probabilities, a response
  format) and drop what only changes the odds (`seed`, `top_k`, reasoning); of others all is tried.
* Anthropic, Gemini and Bedrock: instructions within a conversation are moved before it, told as `messages.role`.
* Bedrock: images and documents come in base64 or lie in S3; URLs are refused. Audio, `top_k` and a budget for
  reasoning depend on the model.
* Gemini: calls without an id get one; signatures of thoughts travel in the client's own fields for them.
  What it says it recited (`citationMetadata`) comes as pages that are cited, with the licence beside.
* Reasoning is taken back in by who made it: what another vendor signed is dropped, told as `messages.thinking`.
  Clients of chat completions find signatures in `reasoning_details` and send them back there.
* Documents are cited by Anthropic and Bedrock, for any client that asks with `"citations": {"enabled": true}` beside
  the document. Clients of OpenAI's dialects find them as annotations, `url_citation` or `file_citation`, with the words
  cited and their place (`cited_text`, `start_page_number` ...) beside OpenAI's own fields; Anthropic's find pages that
  others cite as `web_search_result_location`. Citations within earlier turns are dropped and told.
* An answer that a vendor says it broke off (`insufficient_system_resource`, `MALFORMED_FUNCTION_CALL` ...) is an error,
  and so are pictures and sounds in an answer, which no client can be told yet.
* Custom tools, which take a text as it is, are functions of one string for upstreams that have none, and come back as
  custom calls; the tools of a `namespace` are offered under joined names (`agents__close`), and come back in it.
* Tools that a vendor runs itself (`web_search` ...), and what they left in a conversation, are dropped elsewhere and
  told by name; a request in which one must be used is refused.
* Files by the id of one vendor, and fields of its own that change what is answered, are refused elsewhere by name;
  other unknown fields are dropped and told.
* Requests from chat completions to an upstream of the same dialect are passed on untouched.
"""


def cells() -> Iterator[FeatureCell]:
    """Yield every cell."""
    for feature in FEATURES:
        for client, row in zip(CLIENTS, feature.rows, strict=True):
            for upstream, letter in zip(UPSTREAMS, row, strict=True):
                yield FeatureCell(feature.name, client, upstream, _OUTCOMES[letter])


def page() -> str:
    """Return the reference page."""
    told = [
        "# Dialects",
        "",
        "This page is made from the code, and every cell of it is tried by the tests: `make docs`.",
        "",
        "Clients speak OpenAI's chat completions, responses and completions, and Anthropic's messages. Upstreams speak",
        "OpenAI's chat completions or responses, Anthropic's messages, Gemini's generateContent or Bedrock's Converse.",
        "Any client reaches any upstream. Nothing is left out in silence: **dropped** is told in the header",
        "`x-tulou-dropped` and in the log, **refused** is an error that names the field; **-** cannot be asked.",
    ]
    for index, client in enumerate(CLIENTS):
        told += ["", f"## From {client}", ""]
        told.append("| | " + " | ".join(UPSTREAMS) + " |")
        told.append("|---|" + "---|" * len(UPSTREAMS))
        told += [_row(feature, index) for feature in FEATURES if feature.rows[index] != NEVER]
    told += ["", options.page(), "## Notes", "", NOTES]
    return "\n".join(told)


def _row(feature: Feature, client: int) -> str:
    words = [_OUTCOMES[letter] for letter in feature.rows[client]]
    return f"| {feature.title} | " + " | ".join("-" if word == "cannot be asked" else word for word in words) + " |"
