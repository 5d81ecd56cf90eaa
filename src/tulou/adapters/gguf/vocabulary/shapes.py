"""What `tokenizer.json` and the files beside it say, checked for its shape.

The format is that of https://github.com/huggingface/tokenizers; fields that change no token are left out.
"""

from pathlib import Path
from typing import Annotated, cast

import msgspec

from tulou.adapters.gguf.bounds import VOCABULARY_CAP, shown
from tulou.adapters.gguf.hugging_face import read_json
from tulou.kernel.errors import InvalidError

Step = dict[str, object]
"""A normalizer, pre-tokenizer or post-processor, of the kind that its `type` names."""


Number = Annotated[int, msgspec.Meta(ge=0, lt=VOCABULARY_CAP)]
DEEPEST = 8
"""Sequences within one another; published ones have one or two."""


class Added(msgspec.Struct):
    """A token that is found in a text before anything else is."""

    id: Number
    content: str
    special: bool = False
    normalized: bool = False
    lstrip: bool = False
    rstrip: bool = False
    single_word: bool = False


class MergesModel(msgspec.Struct):
    """The pairs that are merged, best first, and the number of each token."""

    type: str
    vocab: dict[str, Number]
    merges: list[str | tuple[str, str]]
    unk_token: str | None = None
    byte_fallback: bool = False
    ignore_merges: bool = False


class Tokenizer(msgspec.Struct):
    """A `tokenizer.json` of the BPE kind."""

    model: MergesModel
    added_tokens: list[Added] = []
    normalizer: Step | None = None
    pre_tokenizer: Step | None = None
    post_processor: Step | None = None


def read_tokenizer(folder: Path) -> Tokenizer:
    """Return the tokenizer in *folder*; raise `InvalidError` for another kind than BPE, or a corrupt file."""
    data = read_json(folder / "tokenizer.json")
    model = data.get("model")
    kind = cast("Step", model).get("type") if isinstance(model, dict) else None
    if kind != "BPE":
        raise InvalidError(
            f"tokenizer.json is of the kind {shown(kind)}; BPE can be converted: import a GGUF of this model",
            param="path",
        )
    try:
        found = msgspec.convert(data, Tokenizer)
        for step in (found.normalizer, found.pre_tokenizer, found.post_processor):
            steps_of(step)
    except msgspec.ValidationError as error:
        raise InvalidError(f"tokenizer.json: {error}; it is corrupt or of a newer kind", param="path") from error
    return found


def read_settings(folder: Path) -> Step:
    """Return `tokenizer_config.json`, completed by `special_tokens_map.json`; nothing where neither is."""
    settings: Step = {}
    for name in ("special_tokens_map.json", "tokenizer_config.json"):
        path = folder / name
        found = read_json(path) if path.is_file() else {}
        settings |= {key: value for key, value in found.items() if value is not None}
    return settings


def steps_of(given: Step | None, *, within: int = 0) -> list[Step]:
    """Return the steps of a sequence, flat, or the one step that it is; raise what msgspec raises."""
    if within > DEEPEST:
        raise msgspec.ValidationError(f"more than {DEEPEST} sequences lie within one another")
    if given is None:
        return []
    if given.get("type") != "Sequence":
        return [given]
    inner: object = next((given[key] for key in ("normalizers", "pretokenizers", "processors") if key in given), None)
    return [step for each in msgspec.convert(inner or (), list[Step]) for step in steps_of(each, within=within + 1)]


def pattern_of(step: Step) -> tuple[str, str]:
    """Return which kind of pattern a step looks for (`Regex` or `String`), and the pattern; empty texts without one."""
    pattern = step.get("pattern")
    if isinstance(pattern, dict):
        for kind, value in cast("Step", pattern).items():
            if isinstance(value, str):
                return kind, value
    return "", ""


def content_of(token: object) -> str:
    """Return the text of a special token, which is written as a text or as an object; "" for neither."""
    if isinstance(token, dict):
        token = cast("Step", token).get("content")
    return token if isinstance(token, str) else ""
