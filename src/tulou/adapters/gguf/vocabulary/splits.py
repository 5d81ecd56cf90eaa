"""How a byte-level tokenizer cuts text before it merges, under llama.cpp's name for it.

llama.cpp has the expressions built in and knows them by name (`llm_tokenizer_bpe` in its `src/llama-vocab.cpp`).
"""

from tulou.adapters.gguf.bounds import shown
from tulou.adapters.gguf.vocabulary.shapes import Step, Tokenizer, pattern_of, steps_of
from tulou.kernel.errors import InvalidError

_SHORT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_LETTERS = _SHORT + r"|[^\r\n\p{L}\p{N}]?\p{L}+|"
_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_BEFORE = r"[^\r\n\p{L}\p{N}]?"
_REST_AND_SLASHES = r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def _cased(ending: str) -> str:
    return f"{_BEFORE}{_UPPER}*{_LOWER}+{ending}|{_BEFORE}{_UPPER}+{_LOWER}*{ending}|"


SPLITS = {
    _LETTERS + r"\p{N}" + _REST: "qwen2",
    _LETTERS + r"\p{N}{1,3}" + _REST: "llama-bpe",
    _cased("") + r"\p{N}" + _REST_AND_SLASHES: "tekken",
    _cased(_SHORT + "?") + r"\p{N}{1,3}" + _REST_AND_SLASHES: "gpt-4o",
}
"""By the one expression that does it."""

_STEPS: dict[tuple[str, ...], str] = {
    ("ByteLevel",): "gpt-2",
    ("Digits", "ByteLevel"): "smollm",
    ("Punctuation", "ByteLevel", "Digits", "Split"): "falcon",
}
"""By the kinds of steps, where the expression is that of GPT-2."""

SPLIT_NAMES = (*SPLITS.values(), *_STEPS.values())

_MERGES_ALL = {"llama-bpe": "smaug-bpe"}
"""The same cut for a vocabulary whose whole words are merged too: under its own name llama.cpp looks them up first."""


def split_name(found: Tokenizer) -> str:
    """Return llama.cpp's name for how text is cut; raise `InvalidError` for a way that it does not have."""
    steps = steps_of(found.pre_tokenizer)
    for step in steps:
        kind, expression = pattern_of(step)
        if kind == "Regex" and expression in SPLITS:
            name = SPLITS[expression]
            return name if found.model.ignore_merges else _MERGES_ALL.get(name, name)
    kinds = tuple(str(step.get("type")) for step in steps)
    if kinds in _STEPS and not any(_differs(step, _STEPS[kinds]) for step in steps):
        return _STEPS[kinds]
    known = ", ".join(SPLIT_NAMES)
    raise InvalidError(
        f"tokenizer.json cuts text in a way that is not known; known are those of {known}: import a GGUF of this model",
        param="path",
    )


def _differs(step: Step, name: str) -> bool:
    """Return whether a step is set otherwise than llama.cpp has it under a name."""
    match step.get("type"):
        case "Digits":
            return bool(step.get("individual_digits")) != (name == "smollm")
        case "ByteLevel":
            return step.get("add_prefix_space") is True or step.get("use_regex") is False
        case "Split":
            return pattern_of(step) != ("Regex", "[0-9][0-9][0-9]")
        case _:
            return False


def check_normalizer(found: Tokenizer) -> None:
    """Raise `InvalidError` for a byte-level tokenizer that changes text before it cuts it, as llama.cpp does not.

    NFC is let through: most text is in it already, and all that serve these models leave it out.
    """
    for step in steps_of(found.normalizer):
        if step.get("type") != "NFC":
            raise InvalidError(
                f"tokenizer.json changes text by {shown(step.get('type'))} first, which llama.cpp cannot; "
                "import a GGUF of this model",
                param="path",
            )
