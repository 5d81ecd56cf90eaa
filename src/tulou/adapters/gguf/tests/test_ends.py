"""Which tokens are put around a text is read from wherever a folder says it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tulou.adapters.gguf.vocabulary.ends import ends_of
from tulou.adapters.gguf.vocabulary.shapes import MergesModel, Tokenizer
from tulou.kernel.errors import InvalidError

IDS = {"<s>": 0, "</s>": 1, "<|turn|>": 2}
NAMES: dict[str, object] = {"bos_token": "<s>", "eos_token": {"content": "</s>"}}
BYTES: dict[str, Any] = {"type": "ByteLevel", "trim_offsets": True}


def template(*pieces: str) -> dict[str, Any]:
    """Return a post-processor; `$` is the text."""
    single = [{"Sequence": {"id": "A"}} if piece == "$" else {"SpecialToken": {"id": piece}} for piece in pieces]
    return {"type": "TemplateProcessing", "single": single, "pair": []}


def sequence(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sequence", "processors": list(steps)}


def tokenizer(post_processor: dict[str, Any] | None) -> Tokenizer:
    return Tokenizer(model=MergesModel(type="BPE", vocab=IDS, merges=[]), post_processor=post_processor)


@pytest.mark.parametrize(
    ("post_processor", "begins", "ends"),
    [
        (None, False, False),
        (BYTES, False, False),
        (template("$"), False, False),
        (template("<s>", "$"), True, False),
        (template("$", "</s>"), False, True),
        (template("<s>", "$", "</s>"), True, True),
        (sequence(BYTES, template("<s>", "$")), True, False),
        (sequence(template("$", "</s>"), BYTES), False, True),
        (sequence(sequence(template("<s>", "$")), BYTES), True, False),
        ({"type": "BertProcessing", "cls": ["<s>", 0], "sep": ["</s>", 1]}, True, True),
        ({"type": "RobertaProcessing", "cls": ["<s>", 0], "sep": ["</s>", 1], "trim_offsets": True}, True, True),
    ],
)
@pytest.mark.parametrize("flag", [None, True, False])
def test_a_post_processor_of_any_kind_says_what_is_added(
    tmp_path: Path, post_processor: dict[str, Any] | None, *, begins: bool, ends: bool, flag: bool | None
) -> None:
    settings = {**NAMES, "add_bos_token": flag} if post_processor else NAMES
    found = ends_of(tmp_path, tokenizer(post_processor), settings, IDS)
    assert (found.begins, found.ends) == (begins, ends)
    assert found.ids == {"bos": 0, "eos": 1}


@pytest.mark.parametrize(("bos", "eos"), [(True, False), (False, True), (True, True), (None, None)])
def test_a_folder_without_a_post_processor_says_it_in_its_configuration(
    tmp_path: Path, *, bos: bool | None, eos: bool | None
) -> None:
    settings = {**NAMES, "add_bos_token": bos, "add_eos_token": eos}
    found = ends_of(tmp_path, tokenizer(None), settings, IDS)
    assert (found.begins, found.ends) == (bool(bos), bool(eos))


def test_a_token_that_nobody_names_begins_texts_all_the_same(tmp_path: Path) -> None:
    found = ends_of(tmp_path, tokenizer(template("<s>", "$")), {"eos_token": "</s>"}, IDS)
    assert (found.ids["bos"], found.begins) == (0, True)


@pytest.mark.parametrize(
    ("pieces", "says"),
    [
        (("<s>", "<|turn|>", "$"), "<s>, <|turn|> before each text"),
        (("$", "</s>", "</s>"), "behind each text"),
        (("<none>", "$"), "<none> before each text"),
        (("$", "<|turn|>"), "which is not its eos_token"),
    ],
)
def test_tokens_around_a_text_that_cannot_be_written_down_are_refused(
    tmp_path: Path, pieces: tuple[str, ...], says: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        ends_of(tmp_path, tokenizer(template(*pieces)), NAMES, IDS)
    assert says in str(refused.value)


@pytest.mark.parametrize("name", ["config.json", "generation_config.json"])
def test_the_token_that_ends_a_turn_is_found_where_generation_is_configured(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(json.dumps({"eos_token_id": [1, 2]}))
    assert ends_of(tmp_path, tokenizer(None), NAMES, IDS).ids == {"bos": 0, "eos": 1, "eot": 2}
    (tmp_path / name).write_text(json.dumps({"eos_token_id": 2}))
    assert ends_of(tmp_path, tokenizer(None), {}, IDS).ids == {"eos": 2}
    (tmp_path / name).write_text(json.dumps({"eos_token_id": [77, "x", None, -1, True]}))
    assert ends_of(tmp_path, tokenizer(None), NAMES, IDS).ids["eos"] == 1
