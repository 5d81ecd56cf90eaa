"""A tokenizer.json of the byte-level BPE kind, as GGUF fields."""

from enum import IntEnum
from pathlib import Path
from typing import cast

import msgspec
from gguf import GGUFWriter

from tulou.adapters.gguf.hugging_face import read_json
from tulou.kernel.errors import InvalidError

# How llama.cpp names ways to cut text before BPE, by the expression that does it.
_LETTERS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
SPLITS = {_LETTERS + r"\p{N}" + _REST: "qwen2", _LETTERS + r"\p{N}{1,3}" + _REST: "llama-bpe"}
SPECIAL_KINDS = ("bos", "eos", "unk", "pad")


class Kind(IntEnum):
    """Kinds of tokens in GGUF."""

    NORMAL = 1
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5


class _Added(msgspec.Struct):
    id: int
    content: str
    special: bool = False


class _Model(msgspec.Struct):
    type: str
    vocab: dict[str, int]
    merges: list[str | tuple[str, str]]
    byte_fallback: bool = False


class _Tokenizer(msgspec.Struct):
    model: _Model
    added_tokens: list[_Added] = []
    pre_tokenizer: dict[str, object] | None = None
    post_processor: dict[str, object] | None = None


def write_tokenizer(folder: Path, size: int, template: str, writer: GGUFWriter) -> None:
    """Add the tokenizer of *folder* to *writer*, filled up to *size* tokens; raise `InvalidError` for unknown kinds."""
    found = _read(folder)
    configured = folder / "tokenizer_config.json"
    settings = read_json(configured) if configured.is_file() else {}
    tokens, kinds = _tokens(found, size)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(_pre_tokenizer(found.pre_tokenizer))
    writer.add_token_list(tokens)
    writer.add_token_types([int(kind) for kind in kinds])
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in found.model.merges])
    ids = {token: number for number, token in enumerate(tokens)}
    for kind in SPECIAL_KINDS:
        content = _content(settings.get(f"{kind}_token"))
        if content in ids:
            getattr(writer, f"add_{kind}_token_id")(ids[content])
    writer.add_add_bos_token(_begins(found, settings))
    if template:
        writer.add_chat_template(template)


def _read(folder: Path) -> _Tokenizer:
    data = read_json(folder / "tokenizer.json")
    kind = data.get("model")
    named = cast("dict[str, object]", kind).get("type") if isinstance(kind, dict) else None
    if named != "BPE":
        raise InvalidError(f"tokenizer.json is of the kind {named}; BPE can be converted", param="path")
    try:
        found = msgspec.convert(data, _Tokenizer)
        _steps(found.pre_tokenizer)
    except msgspec.ValidationError as error:
        raise InvalidError(f"tokenizer.json: {error}; it is corrupt or of a newer kind", param="path") from error
    if found.model.byte_fallback:
        raise InvalidError(
            "tokenizer.json comes from SentencePiece; only byte-level BPE is converted: import a GGUF of this model",
            param="path",
        )
    return found


def _tokens(found: _Tokenizer, size: int) -> tuple[list[str], list[Kind]]:
    by_id = {number: (token, Kind.NORMAL) for token, number in found.model.vocab.items()}
    for added in found.added_tokens:
        by_id[added.id] = (added.content, Kind.CONTROL if added.special else Kind.USER_DEFINED)
    if by_id and max(by_id) >= size:
        raise InvalidError(
            f"tokenizer.json has {max(by_id) + 1} tokens, the weights {size}; they do not belong together"
        )
    filled = [by_id.get(number, (f"[PAD{number}]", Kind.UNUSED)) for number in range(size)]
    return [token for token, _ in filled], [kind for _, kind in filled]


def _pre_tokenizer(given: dict[str, object] | None) -> str:
    steps = _steps(given)
    kinds = [step.get("type") for step in steps]
    for step in steps:
        pattern = step.get("pattern")
        expression = cast("dict[str, object]", pattern).get("Regex") if isinstance(pattern, dict) else None
        if isinstance(expression, str) and expression in SPLITS:
            return SPLITS[expression]
    if kinds == ["ByteLevel"]:
        return "gpt-2"
    if kinds == ["Digits", "ByteLevel"]:
        return "smollm"
    known = ", ".join([*SPLITS.values(), "gpt-2", "smollm"])
    raise InvalidError(f"tokenizer.json cuts text in a way that is not known; known are those of {known}", param="path")


def _steps(given: dict[str, object] | None) -> list[dict[str, object]]:
    if given is None:
        return []
    inner = given.get("pretokenizers")
    return msgspec.convert(inner, list[dict[str, object]]) if given.get("type") == "Sequence" else [given]


def _begins(found: _Tokenizer, settings: dict[str, object]) -> bool:
    asked = settings.get("add_bos_token")
    if isinstance(asked, bool):
        return asked
    # Newer folders say it by a post-processor that puts the token in front.
    return "SpecialToken" in str((found.post_processor or {}).get("single", ""))


def _content(token: object) -> str:
    if isinstance(token, dict):
        token = cast("dict[str, object]", token).get("content")
    return token if isinstance(token, str) else ""
