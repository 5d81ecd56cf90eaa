"""Which tokens begin and end a text, and whether they are put there without being asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tulou.adapters.gguf.bounds import shown
from tulou.adapters.gguf.hugging_face import read_json
from tulou.adapters.gguf.vocabulary.shapes import Step, Tokenizer, content_of, steps_of
from tulou.kernel.errors import InvalidError

MOST_NAMED = 8
SPECIAL_KINDS = ("bos", "eos", "unk", "pad")


@dataclass(frozen=True, slots=True)
class Ends:
    """The numbers of special tokens by kind, and which of them are added to each text."""

    ids: Mapping[str, int]
    begins: bool
    ends: bool


def ends_of(folder: Path, found: Tokenizer, settings: Step, ids: Mapping[str, int]) -> Ends:
    """Return them as transformers has them; raise `InvalidError` for tokens around a text that GGUF cannot name."""
    special = {kind: ids[text] for kind in SPECIAL_KINDS if (text := content_of(settings.get(f"{kind}_token"))) in ids}
    stops = _stops(folder, len(ids))
    if stops:
        special.setdefault("eos", stops[0])
    others = [number for number in stops if number != special.get("eos")]
    if others:
        special["eot"] = others[0]
    if found.post_processor is None:  # where there is one, transformers gives no heed to these words
        begins, ends = (settings.get(f"add_{kind}_token") is True and kind in special for kind in ("bos", "eos"))
        return Ends(special, begins=begins, ends=ends)
    before, after = _around(found.post_processor)
    if before:
        special["bos"] = _only(before, "before", ids)
    if after and _only(after, "behind", ids) != special.setdefault("eos", _only(after, "behind", ids)):
        raise InvalidError(
            f"tokenizer.json puts {shown(after[0])!r} behind each text, which is not its eos_token", param="path"
        )
    return Ends(special, begins=bool(before), ends=bool(after))


def _stops(folder: Path, size: int) -> list[int]:
    """Return the tokens that end a generation, as `generation_config.json` or `config.json` number them."""
    for name in ("generation_config.json", "config.json"):
        path = folder / name
        given = read_json(path).get("eos_token_id") if path.is_file() else None
        numbers = cast("list[object]", given) if isinstance(given, list) else [given]
        if stops := [each for each in numbers if isinstance(each, int) and 0 <= each < size]:
            return stops
    return []


def _around(given: Step | None) -> tuple[list[str], list[str]]:
    """Return the tokens that a post-processor puts before a text and behind it."""
    before: list[str] = []
    after: list[str] = []
    for step in steps_of(given):
        first, last = _added(step)
        before, after = [*first, *before], [*after, *last]
    return before, after


def _added(step: Step) -> tuple[list[str], list[str]]:
    match step.get("type"):
        case "TemplateProcessing":
            return _template(step.get("single"))
        case "BertProcessing" | "RobertaProcessing":
            return _first(step.get("cls")), _first(step.get("sep"))
        case _:
            return [], []


def _template(single: object) -> tuple[list[str], list[str]]:
    pieces = cast("list[object]", single) if isinstance(single, list) else []
    ids = [_special(piece) for piece in pieces]
    text = ids.index("") if "" in ids else len(ids)
    return ids[:text], [each for each in ids[text:] if each]


def _special(piece: object) -> str:
    """Return the token that a piece of a template is; "" for the text itself."""
    inner = cast("Step", piece).get("SpecialToken") if isinstance(piece, dict) else None
    name = cast("Step", inner).get("id") if isinstance(inner, dict) else None
    return name if isinstance(name, str) else ""


def _first(pair: object) -> list[str]:
    first = cast("list[object]", pair)[0] if isinstance(pair, list) and pair else None
    return [first] if isinstance(first, str) else []


def _only(names: Sequence[str], where: str, ids: Mapping[str, int]) -> int:
    if len(names) > 1 or names[0] not in ids:
        named = shown(", ".join(names[:MOST_NAMED]))
        raise InvalidError(
            f"tokenizer.json puts {named} {where} each text; GGUF has a place for one token that exists: "
            "import a GGUF of this model",
            param="path",
        )
    return ids[names[0]]
