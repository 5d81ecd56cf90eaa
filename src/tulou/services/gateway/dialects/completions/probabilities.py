"""Log probabilities in the shape of old completions: lists beside each other, where chats have a list of tokens."""

from collections.abc import Sequence

import msgspec

Json = dict[str, object]


class _Top(msgspec.Struct):
    token: str
    logprob: float


class _Token(msgspec.Struct):
    token: str
    logprob: float
    top_logprobs: list[_Top] = []


class _Logprobs(msgspec.Struct):
    content: list[_Token] | None = None


_LOGPROBS = msgspec.json.Decoder(_Logprobs)
_ANSWER = msgspec.json.Decoder(dict[str, msgspec.Raw])
_CHOICES = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])


def old_logprobs(raws: Sequence[msgspec.Raw], offset: int = 0) -> Json | None:
    """Return probabilities as lists beside each other, with the place in the text where each token begins."""
    tokens = [token for raw in raws for token in _LOGPROBS.decode(raw).content or ()]
    if not tokens:
        return None
    offsets: list[int] = []
    for token in tokens:
        offsets.append(offset)
        offset += len(token.token)
    return {
        "tokens": [token.token for token in tokens],
        "token_logprobs": [token.logprob for token in tokens],
        "top_logprobs": [{top.token: top.logprob for top in token.top_logprobs} for token in tokens],
        "text_offset": offsets,
    }


def with_old_logprobs(body: bytes) -> bytes:
    """Return a whole completion whose probabilities came as chats have them; raise `ValueError` if it is none."""
    answer = _ANSWER.decode(body)
    choices: list[Json] = [dict(choice) for choice in _CHOICES.decode(answer["choices"])] if "choices" in answer else []
    for choice in choices:
        if isinstance(raw := choice.get("logprobs"), msgspec.Raw) and raw != b"null":
            choice["logprobs"] = old_logprobs([raw])
    return msgspec.json.encode(answer | {"choices": choices})
