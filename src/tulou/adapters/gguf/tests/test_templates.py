"""A chat template that cannot be used is refused when a model comes in, by line and with the reason."""

import json
import shutil
from pathlib import Path

import pytest

from tulou.adapters.gguf import GgufConverter
from tulou.adapters.gguf.tests import tiny
from tulou.adapters.gguf.tests.conftest import quiet
from tulou.kernel.errors import InvalidError

LOOP = "{% for m in messages %}\n{{ m.role }}: {{ m.content }}\n{% endfor %}"
BROKEN = {
    "a brace is missing": ("ok\n{% for m in messages %}\n{{ m.content }\n{% endfor %}", "line 3: unexpected '}'"),
    "a loop is not closed": ("{% for m in messages %}\n\n{{ m.content }}", "line 3: Unexpected end of template"),
    "a condition is closed twice": (
        "{{ messages[0].content }}\n{% endif %}",
        "line 2: Encountered unknown tag 'endif'",
    ),
    "a text is not closed": ("a\n\n{{ 'x }}", "line 3: unexpected char"),
    "a statement is unknown": ("a\n{% frobnicate %}" + LOOP, "line 2: Encountered unknown tag 'frobnicate'"),
    "another file is included": (LOOP + "\n{% include 'x' %}", "line 4: Unknown statement: include"),
    "a filter is unknown": (LOOP + "\n{{ messages[0].content | frobnicate }}", "line 4: Unknown (built-in) filter"),
    "a function is unknown": (LOOP + "{{ frobnicate(messages) }}", "line 3: Callee is not a function"),
    "a filter is unknown where there is a system message": (
        LOOP + "\n{% if messages[0].role == 'system' %}\n{{ messages[0].content | frobnicate }}{% endif %}",
        "line 5: Unknown (built-in) filter",
    ),
    "a filter is unknown where tools are offered": (
        LOOP + "{% if tools %}{{ tools | frobnicate }}{% endif %}",
        "line 3: Unknown (built-in) filter",
    ),
    "every conversation is refused": ("{{ raise_exception('never') }}", "line 1: Jinja Exception: never"),
    "what was said is left out": ("{% for m in messages %}{{ m.role }}{% endfor %}", "what the user says is not in"),
    "nothing comes out": ("{% if false %}x{% endif %}", "what the user says is not in"),
    "only space comes out": ("  \n ", "what the user says is not in"),
    "a macro calls itself": ("{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}", "breaks the program that renders"),
}
ENDLESS = "{% for i in range(90000000) %}{% for j in range(90000000) %}{% endfor %}{% endfor %}"
SOUND = {
    "a plain one": LOOP,
    "one that wants no system message": (
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
        "{{ m.content }}{% endfor %}"
    ),
    "one that wants no tools": "{% if tools %}{{ raise_exception('no tools') }}{% endif %}" + LOOP,
    "one that wants no third message": (
        "{% if messages | length > 1 %}{{ raise_exception('one message') }}{% endif %}{{ messages[0].content }}"
    ),
    "one with the day's date": "{{ strftime_now('%d %b %Y') }}" + LOOP,
}


@pytest.fixture
def folder(llama: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(llama, tmp_path / "model"))


async def refusal(converter: GgufConverter, folder: Path, template: str) -> str:
    (folder / "chat_template.jinja").write_text(template)
    with pytest.raises(InvalidError) as refused:
        await converter.convert(str(folder), str(folder.parent / "m.gguf"), quiet)
    assert not list(folder.parent.glob("m.gguf*"))
    return str(refused.value)


@pytest.mark.parametrize("what", BROKEN)
async def test_a_folder_whose_template_cannot_be_used_is_refused_by_line(
    folder: Path, converter: GgufConverter, what: str
) -> None:
    template, reason = BROKEN[what]
    said = await refusal(converter, folder, template)
    assert said.startswith("chat_template.jinja: the chat template cannot be used")
    assert reason in said


async def test_a_template_that_does_not_come_to_an_end_is_refused(folder: Path, converter: GgufConverter) -> None:
    assert "does not come to an end within 10 s of a processor" in await refusal(converter, folder, ENDLESS)


@pytest.mark.parametrize("what", SOUND)
async def test_a_template_that_can_be_used_is_taken(folder: Path, converter: GgufConverter, what: str) -> None:
    (folder / "chat_template.jinja").write_text(SOUND[what])
    assert (await converter.convert(str(folder), str(folder.parent / "m.gguf"), quiet)).chat_template


async def test_a_file_whose_template_cannot_be_used_is_refused_by_line(
    folder: Path, converter: GgufConverter, tmp_path: Path
) -> None:
    good = LOOP + "{# 12345 #}"
    (folder / "chat_template.jinja").write_text(good)
    path = tmp_path / "m.gguf"
    await converter.convert(str(folder), str(path), quiet)
    bad = good.replace("12345 #}", "#}{{ x(").encode()
    path.write_bytes(path.read_bytes().replace(good.encode(), bad.ljust(len(good))))
    with pytest.raises(
        InvalidError, match=r"m\.gguf: its chat template cannot be used in line 3: .*tokenizer\.chat_tem"
    ):
        await converter.inspect(str(path))


async def test_a_model_without_a_template_is_taken(folder: Path, converter: GgufConverter) -> None:
    tiny.change_json(folder / "tokenizer_config.json", chat_template=None)
    (folder / "chat_template.jinja").unlink(missing_ok=True)
    assert not (await converter.convert(str(folder), str(folder.parent / "m.gguf"), quiet)).chat_template


async def test_a_vocabulary_that_llama_cpp_cuts_otherwise_is_refused(folder: Path, converter: GgufConverter) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    model = tokenizer["model"]
    last = model["vocab"].pop("".join(model["merges"].pop()))
    model["vocab"]["\u0120Yes"] = last  # a word that no merge makes, and that is found only where words are looked up
    model["ignore_merges"] = True
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(InvalidError, match=r"tokenizer\.json cannot be converted: it makes .* llama\.cpp"):
        await converter.convert(str(folder), str(folder.parent / "m.gguf"), quiet)
