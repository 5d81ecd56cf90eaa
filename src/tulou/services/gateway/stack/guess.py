"""Estimates for answers that nobody has counted: what the ledger then holds is marked as such."""

import msgspec

from tulou.kernel.errors import TulouError
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.usage import Usage, estimated_input, tokens_in


class _Message(msgspec.Struct):
    content: str | None = None
    reasoning_content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message | None = None
    text: str = ""

    @property
    def words(self) -> str:
        if self.message is None:
            return self.text
        return (self.message.content or "") + (self.message.reasoning_content or "")


class _Answer(msgspec.Struct):
    choices: list[_Choice] = []


_ANSWER = msgspec.json.Decoder(_Answer)


def guessed(call: Call, size: int) -> None:
    """Note an estimate for an answer of so many bytes of text."""
    output = 0 if call.endpoint == "embeddings" else tokens_in(size)
    call.usage = Usage(guessed_input(call), output)
    call.counted = "estimate"


def text_size(body: bytes) -> int:
    """Return how many bytes of text a whole answer in OpenAI's shape brings."""
    try:
        choices = _ANSWER.decode(body).choices
    except msgspec.MsgspecError:
        return len(body)
    return sum(len(choice.words.encode()) for choice in choices)


def guessed_input(call: Call) -> int:
    """Return how many tokens the prompt has: by its words where it can be read, else by its bytes."""
    try:
        return estimated_input(call.prompt)
    except TulouError:
        return tokens_in(len(call.body))
