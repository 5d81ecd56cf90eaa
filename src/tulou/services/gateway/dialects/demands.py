"""What every upstream is held against, whatever its dialect: the capabilities that are known of it."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from tulou.services.gateway.dialects.prompt import AudioPart, DocumentPart, ImagePart, Part, Prompt, ToolResult
from tulou.services.gateway.dialects.report import Report

_ASKED: Mapping[str, Callable[[Prompt], bool]] = MappingProxyType(
    {
        "n": lambda prompt: prompt.n > 1,
        "logprobs": lambda prompt: prompt.logprobs is not None,
        "seed": lambda prompt: prompt.seed is not None,
        "top_k": lambda prompt: prompt.top_k is not None,
        "top_p": lambda prompt: prompt.top_p is not None,
        "stop": lambda prompt: bool(prompt.stop),
        "presence_penalty": lambda prompt: bool(prompt.presence_penalty),
        "frequency_penalty": lambda prompt: bool(prompt.frequency_penalty),
        "parallel_tool_calls": lambda prompt: prompt.parallel_tools is False and bool(prompt.tools),
        "response_format.json_object": lambda prompt: prompt.shape is not None and prompt.shape.kind == "json_object",
        "response_format.json_schema": lambda prompt: prompt.shape is not None and prompt.shape.kind == "json_schema",
        "verbosity": lambda prompt: bool(prompt.verbosity),
        "metadata": lambda prompt: bool(prompt.metadata),
        "user": lambda prompt: bool(prompt.user),
        "messages.image_url.detail": lambda prompt: any(
            isinstance(part, ImagePart) and part.detail not in {"", "auto"} for part in parts_of(prompt)
        ),
        "messages.name": lambda prompt: any(turn.name for turn in prompt.turns),
        "messages.audio": lambda prompt: any(isinstance(part, AudioPart) for part in parts_of(prompt)),
        "messages.citations": lambda prompt: any(
            isinstance(part, DocumentPart) and part.citations for part in parts_of(prompt)
        ),
        "messages.document": lambda prompt: any(isinstance(part, DocumentPart) for part in parts_of(prompt)),
    }
)


def parts_of(prompt: Prompt) -> Iterator[Part]:
    """Yield every part of every turn, those inside tools' results too."""
    for turn in prompt.turns:
        for part in turn.parts:
            yield part
            if isinstance(part, ToolResult):
                yield from part.parts


def settle(report: Report, *, refused: Mapping[str, str], dropped: Mapping[str, str]) -> None:
    """Hold a request against what a dialect has no place for: each name comes with the reason."""
    for field, why in refused.items():
        if _ASKED[field](report.prompt):
            raise report.refuse(field, why)
    for field, why in dropped.items():
        if _ASKED[field](report.prompt):
            report.drop(field, why)


def check(report: Report) -> None:
    """Hold a request against the capabilities of the upstream; raise `InvalidError` where the answer would be wrong."""
    prompt = report.prompt
    if not report.ability.capabilities:
        return
    if prompt.stream:
        report.need("stream", "stream", "streams")
    if prompt.tools or prompt.hosted:  # those of another vendor are left out by now
        report.need("tools", "tools", "tools")
    if prompt.n > 1:
        report.need("n", "n", "more than one choice")
    if prompt.logprobs is not None:
        report.need("logprobs", "logprobs", "wish for log probabilities")
    if prompt.shape is not None:
        report.need(prompt.shape.kind, "response_format", f"response format {prompt.shape.kind}")
    if report.lacks("images") and any(isinstance(part, ImagePart) for part in parts_of(prompt)):
        report.need("images", "messages", "images")


def known(report: Report, capability: str, field: str) -> bool:
    """Say whether a wish that changes no more than the odds may be sent; one that may not is reported."""
    if report.lacks(capability):
        report.drop(field, "the upstream does not know it")
        return False
    return True
