"""Reads a request to complete a text: it becomes a conversation of one turn."""

import msgspec

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.prompt import Prompt, TextPart, Turn
from tulou.services.gateway.dialects.reading import (
    NUMBER,
    TEXT,
    TEXT_OR_TEXTS,
    TRUTH,
    WHOLE,
    Fields,
    Object,
    counted,
    read_object,
    wrong_type,
)

FAMILY = "completions"
ESSENTIAL = frozenset({"suffix", "best_of", "echo"})
"""Extra fields without which the answer would be wrong: no conversation can honour them."""

_PROMPT = msgspec.json.Decoder[str | list[str | int | list[int]] | None](str | list[str | int | list[int]] | None)


def read_request(body: bytes) -> Prompt:
    """Return what is asked; raise `InvalidError` for several texts or tokens, which no conversation can stand for."""
    fields = read_object(body)
    model = fields.need("model", TEXT)
    words = _words(fields)
    options = fields.inner("stream_options")
    stop = fields.take("stop", TEXT_OR_TEXTS)
    prompt = Prompt(
        model=model,
        turns=(Turn(role="user", parts=(TextPart(text=words),)),),
        max_tokens=fields.take("max_tokens", WHOLE),
        temperature=fields.take("temperature", NUMBER),
        top_p=fields.take("top_p", NUMBER),
        top_k=fields.take("top_k", WHOLE),
        stop=(stop,) if isinstance(stop, str) else tuple(stop or ()),
        seed=fields.take("seed", WHOLE),
        presence_penalty=fields.take("presence_penalty", NUMBER),
        frequency_penalty=fields.take("frequency_penalty", NUMBER),
        n=counted(fields, "n"),
        logprobs=fields.take("logprobs", WHOLE),
        stream=fields.take("stream", TRUTH) is True,
        usage_in_stream=options is not None and options.take("include_usage", TRUTH) is True,
        user=fields.text("user"),
        family=FAMILY,
    )
    extra = _asked(fields.rest())
    if options is not None and (more := options.rest()):
        extra["stream_options"] = msgspec.Raw(msgspec.json.encode(more))
    if not extra:
        return prompt
    return msgspec.structs.replace(prompt, extra=extra, essential=ESSENTIAL & extra.keys())


def _words(fields: Fields) -> str:
    match fields.take("prompt", _PROMPT):
        case str(words) | [str(words)]:
            return words
        case None:
            raise wrong_type("prompt", "It is missing")
        case _:
            raise InvalidError(
                "prompt: this model is asked in conversations, so it takes one text; "
                "send several requests instead of several texts, and words instead of tokens",
                param="prompt",
            )


def _asked(extra: Object) -> Object:
    """Leave out wishes for nothing."""
    nothing = {"echo": msgspec.Raw(b"false"), "best_of": msgspec.Raw(b"1"), "suffix": msgspec.Raw(b'""')}
    return {name: raw for name, raw in extra.items() if nothing.get(name) != raw}
