"""The process that tries a file: what a template or a vocabulary breaks in llama.cpp, it breaks here."""

import os
import sys
import unicodedata
from pathlib import Path
from typing import Any

import msgspec
from tokenizers import Tokenizer

from tulou.adapters.gguf.bounds import shown
from tulou.adapters.gguf.checking.messages import CONVERSATIONS, TOOL, USER, TrialRequest, TrialResult
from tulou.adapters.gguf.checking.reasons import DELIBERATE, located, syntax_error
from tulou.adapters.gguf.checking.server import LoadError, ProbeServer, RenderRefusedError

_SHOWN = 60
_FIRST = 8


def main() -> None:
    """Read what is asked from stdin, and write what came of it to stdout."""
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=TrialRequest)
    sys.stdout.buffer.write(msgspec.json.encode(_said(asked)))
    sys.stdout.flush()
    os._exit(0)  # the server's threads are of no more use


def _said(asked: TrialRequest) -> TrialResult:
    try:
        server = ProbeServer(asked.probe)
    except LoadError as error:
        return syntax_error(str(error), asked.template)
    wrong = _rendered(server, asked.template) if asked.template else None
    if wrong is None and asked.tokenizer:
        wrong = _tokenized(server, asked)
    return wrong or TrialResult()


def _rendered(server: ProbeServer, template: str) -> TrialResult | None:
    """Return what is wrong; a template may refuse any conversation but the plainest, if it does so by a word."""
    try:
        if USER not in server.render(CONVERSATIONS[0]):
            return TrialResult("what the user says is not in the text that it makes of a conversation")
    except RenderRefusedError as error:
        return located(str(error), template)
    for messages, tools in ((CONVERSATIONS[0], (TOOL,)), *((each, ()) for each in CONVERSATIONS[1:])):
        try:
            server.render(messages, tools)
        except RenderRefusedError as error:
            if DELIBERATE not in str(error):
                return located(str(error), template)
    return None


def _tokenized(server: ProbeServer, asked: TrialRequest) -> TrialResult | None:
    try:
        theirs: Any = Tokenizer.from_file(asked.tokenizer)
    except Exception as error:  # noqa: BLE001 # the library raises bare exceptions
        return TrialResult(f"it cannot be read ({shown(str(error))})", about="vocabulary")
    normalizes = '"NFC"' in Path(asked.tokenizer).read_text("utf-8")
    for text in asked.texts:
        given = unicodedata.normalize("NFC", text) if normalizes else text
        wanted = theirs.encode(given, add_special_tokens=False).ids
        got = server.tokenize(given, adds_special=False)
        if got != wanted:
            apart = next((place for place, pair in enumerate(zip(got, wanted, strict=False)) if pair[0] != pair[1]), 0)
            few = slice(max(0, apart - 1), apart + _FIRST)
            return TrialResult(
                f"it makes {wanted[few]} of a part of {given[:_SHOWN]!r}, llama.cpp {got[few]}", about="vocabulary"
            )
    return None


if __name__ == "__main__":
    main()
