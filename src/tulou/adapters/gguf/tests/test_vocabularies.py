"""A vocabulary of any known family cuts every text in llama.cpp as it does in transformers."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# transformers is typed in part only.

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFWriter

from tulou.adapters.gguf.checking.probe import write_probe
from tulou.adapters.gguf.checking.server import ProbeServer
from tulou.adapters.gguf.header import Header, read_header
from tulou.adapters.gguf.tests import families
from tulou.adapters.gguf.vocabulary import model_name, write_vocabulary

HOSTILE = (
    "",
    " ",
    "   ",
    "\n",
    "\r\n\r\n \t x",
    " a",
    "a ",
    "a  b   c    d",
    "The gate is open, isn't it? WE'LL see: I'D say 'tis.",
    "1 12 123 1234 12345.678 3\u00d74=12 \u0663\u0664",
    "土楼有一个大门和许多房间。いくつの部屋ですか? 방이 몇 개인가요?",
    "Größe, naïve façade, Привет, κόσμε, עברית, العربية, हिन्दी, ไทย",
    "\U0001f642\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1e8\U0001f1f3 \u00a0\u2003\u200b\ufeff\u3000x",
    "\x01\x02\x1b[31m \x7f",
    "e\u0301 A\u030a \u1100\u1161",
    "def f(x):\n    return {'a': [1, 2, 3]}  # <end>\n\n\n",
    "ALLCAPS CamelCase snake_case kebab-case a/b//c\\d $%&*()_+=~`|",
    "<|im_end|",
    "<0x41> <0x0A>",
    "\N{LOWER ONE EIGHTH BLOCK}x \N{LOWER ONE EIGHTH BLOCK}",
    "room" * 200,
)
ASKED = (
    [{"role": "user", "content": "  How many rooms?  "}],
    [{"role": "user", "content": "One"}, {"role": "assistant", "content": "Two"}, {"role": "user", "content": "三\n3"}],
)
NAMES = list(families.FAMILIES)
CHATTING = [name for name in NAMES if families.FAMILIES[name].template]
UNSPACED = [name for name in NAMES if families.FAMILIES[name].exact == "without a special token"]
GLUED = "a{0}b {0} c{0}{0}\n{0}"
"""Where special tokens may stand in a text."""


def converted(folder: Path, name: str, size: int) -> tuple[Path, Header]:
    """Write the vocabulary of a folder to a GGUF file."""
    target = folder / "vocabulary.gguf"
    writer = GGUFWriter(target, "llama")
    writer.add_name(model_name(folder))
    write_vocabulary(folder, size, families.FAMILIES[name].template, writer)
    writer.add_tensor("none", np.zeros(1, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target, read_header(target)


class Both:
    """A family's tokenizer in transformers and in llama.cpp."""

    def __init__(self, folder: Path, name: str) -> None:
        self.family = families.FAMILIES[name]
        self.theirs = families.save(folder, name)
        path, self.header = converted(folder, name, len(self.theirs) + 3)
        write_probe(path, self.header, folder / "probe.gguf")
        self.ours = ProbeServer(str(folder / "probe.gguf"))
        self.normalizes = name.startswith("qwen")

    def tokens(self) -> list[str]:
        """Return the texts of all tokens that are found before anything else is."""
        return [*self.family.special, *(str(token) for token in self.family.added)]

    def given(self, text: str) -> str:
        """Return the text as it must come to llama.cpp, which normalizes none."""
        return unicodedata.normalize("NFC", text) if self.normalizes else text


@pytest.fixture(scope="module", params=NAMES)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    return Both(tmp_path_factory.mktemp("family"), request.param)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_text_of_any_kind_becomes_the_same_tokens(both: Both, text: str) -> None:
    given = both.given(text)
    if both.family.exact == "behind a special token":  # llama.cpp knows no difference between these two places
        given = f"</s>{given}"
    if both.family.exact == "without a special token":
        given = given.lstrip(" \N{LOWER ONE EIGHTH BLOCK}")
    assert both.ours.tokenize(given, adds_special=True) == both.theirs.encode(given)
    assert both.ours.tokenize(given, adds_special=False) == both.theirs.encode(given, add_special_tokens=False)


@pytest.mark.parametrize("both", [name for name in NAMES if name not in UNSPACED], indirect=True, scope="module")
def test_special_and_added_tokens_are_found_in_a_text(both: Both) -> None:
    tokens = both.tokens()
    first = both.family.special[-1] if both.family.exact == "behind a special token" else ""
    for text in (first + GLUED.format(token) for token in tokens):
        assert both.ours.tokenize(text, adds_special=False) == both.theirs.encode(text, add_special_tokens=False), text


@pytest.mark.parametrize("both", UNSPACED, indirect=True, scope="module")
def test_special_tokens_are_found_as_often_where_the_spaces_around_them_are_read_otherwise(both: Both) -> None:
    for token in both.tokens():
        number, text = both.theirs.convert_tokens_to_ids(token), GLUED.format(token)
        found = both.ours.tokenize(text, adds_special=False)
        assert found.count(number) == both.theirs.encode(text, add_special_tokens=False).count(number) == 5, token


def test_what_begins_and_ends_a_text_is_added_where_transformers_adds_it(both: Both) -> None:
    assert both.header.fields["tokenizer.ggml.add_bos_token"] is both.family.begins
    assert both.header.fields["tokenizer.ggml.add_eos_token"] is both.family.ends
    for kind in both.family.names:
        number = both.header.fields[f"tokenizer.ggml.{kind.replace('unk', 'unknown').replace('pad', 'padding')}_id"]
        assert number == both.theirs.convert_tokens_to_ids(both.family.names[kind]), kind


@pytest.mark.parametrize("both", CHATTING, indirect=True, scope="module")
def test_a_conversation_is_rendered_alike(both: Both) -> None:
    for asked in ASKED:
        whole = both.theirs.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
        prompt = both.ours.render(asked)
        # llama.cpp leaves to its tokenizer what that puts before every text
        assert whole == (both.theirs.bos_token if both.family.begins else "") + prompt
        assert both.ours.tokenize(prompt, adds_special=True) == both.theirs.encode(whole, add_special_tokens=False)
