"""What requests and answers of this dialect have in common."""

from tulou.services.gateway.dialects.seals import MAKERS, given, shown

FAMILY = "responses"
MAKER = "openai"

ESSENTIAL = frozenset({"conversation", "prompt", "previous_response_id", "tool_choice", "text"})
"""Extra fields without which the answer would be wrong: another dialect refuses them."""

SETTLED = frozenset({"store", "background", "stream_options"})
"""What the gate does itself: it keeps answers, it makes them in the background, and it pads no events."""

LOGPROBS = "message.output_text.logprobs"
ENCRYPTED = "reasoning.encrypted_content"
HONOURED = frozenset({LOGPROBS, ENCRYPTED})
"""What may be included in an answer of any upstream."""

KIN = frozenset(
    {
        "service_tier",
        "store",
        "safety_identifier",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
    }
)
"""Fields that OpenAI's two dialects have in common."""

_REDACTED = "redacted:"
_WHOSE = "#"


def encrypted(signature: str, redacted: str) -> str:
    """Return what proves a thought, in the one field that this dialect has for it."""
    return _REDACTED + shown(redacted, MAKER) if redacted else shown(signature, MAKER)


def decrypted(content: str) -> tuple[str, str]:
    """Return the signature, or the redacted thought, of that field."""
    if content.startswith(_REDACTED):
        return "", given(content.removeprefix(_REDACTED), MAKER)
    return given(content, MAKER), ""


def bound(number: str, content: str) -> str:
    """Return encrypted content with the id of its item, without which the upstream does not take it back.

    Clients of other dialects keep no ids, and those of this one know the item by an id of the gate's.
    """
    foreign = content.partition(":")[0] in {*MAKERS, "redacted"}
    return content if foreign or not number or not content else f"{number}{_WHOSE}{content}"


def unbound(content: str) -> tuple[str, str]:
    """Return the id of the item, empty when it is not told, and the encrypted content."""
    number, _, bare = content.rpartition(_WHOSE)
    return number, bare
