"""A GGUF file with a damaged head is refused when it comes in, or llama.cpp loads it: nothing in between."""

import random
import struct
import subprocess
import sys
from dataclasses import replace
from os import truncate
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFWriter

from tulou.adapters.gguf import GgufConverter
from tulou.adapters.gguf.checking.messages import HEAD_BOUNDS, TrialResult
from tulou.adapters.gguf.checking.trial import LOADER, UNMAPPED, load
from tulou.adapters.gguf.header import MAX_TEXT, Header, read_header
from tulou.kernel.errors import InvalidError
from tulou.testing.confinement import confinement
from tulou.testing.tiny_gguf import write_tiny_gguf

LOADING = """
import os, sys, xllamacpp
made = xllamacpp.CommonParams()
made.model.path, made.n_ctx, made.n_parallel, made.warmup = sys.argv[1], 64, 1, False
server = xllamacpp.Server(made)
os._exit(0)
"""
SEED = 20261201
TRIES = 100
NUMBERS = (0, 1, 2, 3, 7, 31, 33, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**62, 2**63, 2**64 - 1)


class Damage:
    """Changes one thing in the head of a file: a length, a count, a type, a shape or a place."""

    def __init__(self, path: Path) -> None:
        self.whole = path.read_bytes()
        header = read_header(path)
        self.chance = random.Random(SEED)  # noqa: S311 # damage, not secrets
        self.fields = [place for key in header.fields for place in (header.spans[key][0], header.places[key] - 4)]
        self.values = [place + more for place in header.places.values() for more in (0, 4)]
        self.tensors = list(self._tensors(header))

    def _tensors(self, header: Header) -> list[tuple[int, int, int, int]]:
        """Return where the name, the number of sides, the type and the offset of each tensor stand."""
        at, found = header.fields_end, list[tuple[int, int, int, int]]()
        for _ in header.tensors:
            sides_at = at + 8 + struct.unpack_from("<Q", self.whole, at)[0]
            kind_at = sides_at + 4 + 8 * struct.unpack_from("<I", self.whole, sides_at)[0]
            found.append((at, sides_at, kind_at, kind_at + 4))
            at = kind_at + 12
        return found

    def next(self) -> bytes:
        """Return the file with the next damage."""
        chance = self.chance
        if chance.random() < 0.1:
            return self.whole[: chance.randrange(len(self.whole))]
        name, sides, kind, offset = chance.choice(self.tensors)
        place, size = chance.choice(
            [
                *((chance.choice(self.fields), 8), (chance.choice(self.values), 4), (chance.choice(self.values), 8)),
                *((name, 8), (sides, 4), (sides + 4, 8), (kind, 4), (offset, 8), (chance.choice((4, 8, 16)), 4)),
            ]
        )
        value = struct.pack("<Q", chance.choice((*NUMBERS, chance.randrange(64))))[:size]
        return self.whole[:place] + value + self.whole[place + size :]


async def refusal(converter: GgufConverter, path: Path) -> str:
    """Return why a file is refused; nothing if it is taken."""
    try:
        await converter.inspect(str(path))
    except InvalidError as error:
        return str(error)
    return ""


def exit_code_of_loading(path: Path) -> int:
    """Load a file for good, in a process that it may end."""
    command = [sys.executable, "-c", LOADING, str(path)]
    return subprocess.run(command, check=False, capture_output=True, timeout=120).returncode


async def test_a_damaged_head_is_refused_by_name_or_loads(tmp_path: Path, converter: GgufConverter) -> None:
    damage = Damage(write_tiny_gguf(tmp_path / "whole.gguf"))
    path = tmp_path / "m.gguf"
    taken = 0
    for _ in range(TRIES):
        path.write_bytes(damage.next())
        said = await refusal(converter, path)
        if said:
            assert "m.gguf" in said
            assert str(tmp_path) not in said
        else:
            taken += 1
            assert exit_code_of_loading(path) == 0
    assert 0 < taken < TRIES // 5


HEADS = [
    (b"llama", b"lluma", "unknown model architecture: 'lluma'"),
    (b"qwen2", b"qwon2", "unknown pre-tokenizer type: 'qwon2'"),
    (b"blk.1.attn_q", b"blk.1.attn_x", r"tensor 'blk\.1\.attn_q\.weight' not found"),
    (b"llama.block_count", b"llama.block_caunt", "key not found in model: llama.block_count"),
    (b"blk.1.attn_k.w", b"blk.1.attn_q.w", r"blk\.1\.attn_q\.weight"),
]
LARGE = 3 << 30
"""More than the process that reads heads may map."""


@pytest.mark.parametrize("size", [0, LARGE])
@pytest.mark.parametrize(("old", "new", "why"), HEADS)
async def test_what_llama_cpp_would_not_load_is_refused_in_its_words(
    tmp_path: Path, converter: GgufConverter, old: bytes, new: bytes, why: str, size: int
) -> None:
    path = write_tiny_gguf(tmp_path / "m.gguf")
    whole = path.read_bytes()
    assert old in whole
    path.write_bytes(whole.replace(old, new, 1) if old == b"qwen2" else whole.replace(old, new))
    truncate(path, max(size, len(whole)))
    with pytest.raises(InvalidError, match=rf"m\.gguf: llama\.cpp cannot load it: .*{why}"):
        await converter.inspect(str(path))


async def test_a_sound_file_larger_than_may_be_mapped_is_taken(tmp_path: Path, converter: GgufConverter) -> None:
    path = write_tiny_gguf(tmp_path / "m.gguf")
    truncate(path, LARGE)
    assert HEAD_BOUNDS.memory < LARGE
    assert (await converter.inspect(str(path))).architecture == "llama"


async def test_it_is_the_memory_of_the_process_that_decides_what_is_mapped(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "m.gguf")
    truncate(path, 1 << 30)
    ended = [
        await confinement().run(LOADER, str(path), bounds=replace(HEAD_BOUNDS, memory=memory))
        for memory in (1 << 30, 2 << 30)
    ]
    assert [UNMAPPED in each.log for each in ended] == [True, False]
    for memory in (1 << 30, 2 << 30):
        assert await load(path, confinement(), bounds=replace(HEAD_BOUNDS, memory=memory)) == TrialResult()


@pytest.mark.parametrize(
    "said",
    [
        "GGML_ASSERT(!ml.no_alloc)",
        "\n/a.cpp:1: GGML_ASSERT(!ml.no_alloc) failed\n",
        UNMAPPED,
        f"\n0.00.000.001 E llama_model_load: error loading model: {UNMAPPED}\n",
    ],
)
@pytest.mark.parametrize("size", [0, LARGE])
async def test_a_file_that_says_itself_that_nothing_is_wrong_with_it_is_refused(
    tmp_path: Path, converter: GgufConverter, said: str, size: int
) -> None:
    path = tmp_path / "m.gguf"
    writer = GGUFWriter(path, said)
    writer.add_tensor("token_embd.weight", np.zeros((2, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    truncate(path, max(size, path.stat().st_size))
    with pytest.raises(InvalidError, match=r"m\.gguf.* unknown"):
        await converter.inspect(str(path))


@pytest.mark.parametrize("count", [MAX_TEXT + 1, 2**40])
def test_a_text_longer_than_any_is_refused_before_it_is_read(tmp_path: Path, count: int) -> None:
    path = tmp_path / "m.gguf"
    head = struct.pack("<4sIQQQ", b"GGUF", 3, 1, 1, 12) + b"general.name" + struct.pack("<IQ", 8, count)
    path.write_bytes(head)
    truncate(path, LARGE)
    with pytest.raises(InvalidError, match=r"m\.gguf (has a text of|is cut short)"):
        read_header(path)


@pytest.mark.parametrize(("kind", "count"), [(0, 2**31), (8, 2**28)])
def test_an_array_longer_than_any_is_refused_before_it_is_read(tmp_path: Path, kind: int, count: int) -> None:
    path = tmp_path / "m.gguf"
    head = struct.pack("<4sIQQQ", b"GGUF", 3, 1, 1, 1) + b"x" + struct.pack("<IIQ", 9, kind, count)
    path.write_bytes(head)
    truncate(path, LARGE)
    with pytest.raises(InvalidError, match=r"has a head of more than|claims an array of"):
        read_header(path)
