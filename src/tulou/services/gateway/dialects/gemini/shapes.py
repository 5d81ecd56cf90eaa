"""Answers as this dialect writes them."""

import msgspec

from tulou.services.gateway.dialects.counts import ChoiceIndex, Count
from tulou.services.gateway.dialects.errors import VendorFault
from tulou.services.gateway.dialects.reading import NOTHING


class Answer(msgspec.Struct, rename="camel"):
    """A whole answer, or a piece of a streamed one."""

    candidates: "list[Candidate] | None" = None
    usage_metadata: msgspec.Raw = NOTHING
    model_version: str = ""
    response_id: str = ""
    prompt_feedback: "Feedback | None" = None
    error: VendorFault | None = None


class FunctionCall(msgspec.Struct):
    """A call; most models give it no id."""

    name: str
    args: msgspec.Raw = NOTHING
    id: str | None = None


class Part(msgspec.Struct, rename="camel"):
    """A part of what the model says."""

    text: str | None = None
    thought: bool = False
    thought_signature: str | None = None
    function_call: FunctionCall | None = None
    inline_data: msgspec.Raw = NOTHING
    file_data: msgspec.Raw = NOTHING


class Content(msgspec.Struct):
    """What the model says."""

    parts: list[Part] | None = None


class Token(msgspec.Struct, rename="camel"):
    """A token and how likely it was."""

    token: str = ""
    log_probability: float = 0.0


class TopTokens(msgspec.Struct):
    """The likeliest tokens of a place."""

    candidates: list[Token] = []


class Logprobs(msgspec.Struct, rename="camel"):
    """How likely the tokens were."""

    chosen_candidates: list[Token] = []
    top_candidates: list[TopTokens] = []


class Source(msgspec.Struct, rename="camel"):
    """Whose words are said from one byte of the text to another."""

    start_index: int = 0
    end_index: int = 0
    uri: str = ""
    title: str = ""
    license: str = ""


class Recital(msgspec.Struct, rename="camel"):
    """What is said in the words of others: the Gemini API has `citationSources`, Vertex AI `citations`."""

    citation_sources: list[Source] = []
    citations: list[Source] = []


class Candidate(msgspec.Struct, rename="camel"):
    """One of the answers."""

    content: Content | None = None
    finish_reason: str | None = None
    index: ChoiceIndex = 0
    logprobs_result: Logprobs | None = None
    citation_metadata: Recital | None = None


class Modality(msgspec.Struct, rename="camel"):
    """Tokens of one kind of input or output."""

    modality: str = ""
    token_count: Count | None = None


class Usage(msgspec.Struct, rename="camel"):
    """Tokens; those of thoughts are not among those of candidates."""

    prompt_token_count: Count | None = None
    candidates_token_count: Count | None = None
    cached_content_token_count: Count | None = None
    thoughts_token_count: Count | None = None
    tool_use_prompt_token_count: Count | None = None
    total_token_count: Count | None = None
    prompt_tokens_details: list[Modality] | None = None
    candidates_tokens_details: list[Modality] | None = None


class Feedback(msgspec.Struct, rename="camel"):
    """Why a prompt was not answered."""

    block_reason: str | None = None
