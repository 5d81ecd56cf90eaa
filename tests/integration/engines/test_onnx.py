"""The onnx engine with the embedding model of the platform, against an implementation that is not ours."""

import asyncio
import importlib
import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tests.integration.engines.conftest import spec_of
from tulou.adapters.onnx.exporter import OnnxExporter
from tulou.adapters.onnx.minilm import check_weights, minilm_folder
from tulou.engines.onnx.engine import OnnxEngine
from tulou.kernel.errors import InvalidError, UnavailableError
from tulou.ports.engine import EngineSpec
from tulou.testing.confinement import confinement
from tulou.testing.eventually import eventually

TEXTS = [
    "A man is eating food.",
    "Someone has a meal.",
    "The girl plays the violin.",
    "Hakka people built round earthen houses in Fujian; each has one gate, thick walls and many equal rooms.",
    "你好世界",
    "x",
]


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return OnnxExporter(confinement()).export(minilm_folder(), tmp_path_factory.mktemp("minilm") / "artifact")


def spec(artifact: Path, **changed: Any) -> EngineSpec:
    files = {path.name: str(path) for path in artifact.iterdir()}
    facts: dict[str, Any] = {"model": "minilm", "task": "embedding", "format": "onnx", "architecture": "bert"}
    return spec_of(artifact, **{**facts, "files": files, "context_length": 0, **changed})


@asynccontextmanager
async def opened(spec: EngineSpec) -> AsyncGenerator[OnnxEngine]:
    engine = OnnxEngine(spec)
    await engine.open()
    try:
        yield engine
    finally:
        await engine.close()


def array(values: Sequence[Sequence[float]]) -> NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


def reference(texts: Sequence[str]) -> NDArray[np.float32]:
    """The makers' own recipe: transformers, mean over tokens, length 1."""
    torch: Any = importlib.import_module("torch")  # takes seconds, and one test needs it
    transformers: Any = importlib.import_module("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(minilm_folder()))
    model = transformers.AutoModel.from_pretrained(str(minilm_folder())).eval()
    given = tokenizer(list(texts), padding=True, truncation=True, max_length=256, return_tensors="pt")
    with torch.no_grad():
        states = model(**given).last_hidden_state
    mask = given["attention_mask"][..., None]
    mean = (states * mask).sum(1) / mask.sum(1)
    return torch.nn.functional.normalize(mean).numpy()


async def test_the_vectors_are_those_of_an_independent_implementation(artifact: Path) -> None:
    long = "tulou " * 400
    async with opened(spec(artifact)) as engine:
        ours = array((await engine.embed([*TEXTS, long])).values)
    cosines = (ours * reference([*TEXTS, long])).sum(axis=1)
    assert cosines.min() >= 0.9999


async def test_tokens_have_the_vector_of_their_text(artifact: Path) -> None:
    async with opened(spec(artifact)) as engine:
        tokens = Tokenizer.from_file(str(artifact / "tokenizer.json")).encode("a round earthen house").ids
        assert engine.detokenize(tokens) == "a round earthen house"
        told, said = await engine.embed([engine.detokenize(tokens)]), await engine.embed(["a round earthen house"])
        assert np.allclose(array(told.values), array(said.values))
        with pytest.raises(InvalidError, match="99999 is no token"):
            engine.detokenize([*tokens, 99_999])


async def test_tokens_beyond_what_the_model_reads_are_cut_off_or_refused(artifact: Path) -> None:
    async with opened(spec(artifact)) as engine:
        tokenizer = Tokenizer.from_file(str(artifact / "tokenizer.json"))
        tokenizer.no_truncation()
        tokens = tokenizer.encode("house " * 300).ids
        assert engine.detokenize(tokens).count("house") == 255  # and the one that begins every text
    async with opened(spec(artifact, options={"truncate": False})) as engine:
        with pytest.raises(InvalidError, match="302 tokens, the model reads 256"):
            engine.detokenize(tokens)


async def test_texts_of_one_meaning_lie_together(artifact: Path) -> None:
    async with opened(spec(artifact)) as engine:
        vectors = array((await engine.embed(TEXTS)).values)
    likeness = vectors @ vectors.T
    assert vectors.shape == (6, 384)
    assert np.allclose(np.diag(likeness), 1, atol=1e-5)
    assert likeness[0, 1] > 0.6
    assert likeness[0, 2] < 0.2


async def test_a_text_has_one_vector_whatever_comes_with_it(artifact: Path) -> None:
    async with opened(spec(artifact)) as engine:
        alone = array((await engine.embed([TEXTS[0]])).values)
        together = await asyncio.gather(*(engine.embed([text]) for text in TEXTS * 5))
        assert np.allclose(alone[0], together[0].values[0], atol=1e-5)
        assert sum(one.tokens for one in together) == 5 * (await engine.embed(TEXTS)).tokens


async def test_a_long_text_is_cut_as_its_makers_do_or_refused_if_so_asked(artifact: Path) -> None:
    long = "tulou " * 400
    async with opened(spec(artifact)) as engine:
        assert (await engine.embed([long])).tokens == 256
    async with opened(spec(artifact, options={"truncate": False})) as engine:
        with pytest.raises(InvalidError, match="text 1 has 802 tokens, the model reads 256"):
            await engine.embed(["short", long])


async def test_who_waits_when_it_is_closed_is_told(artifact: Path) -> None:
    engine = OnnxEngine(spec(artifact))
    await engine.open()
    asking = asyncio.create_task(engine.embed(["tulou " * 200] * 200))
    await eventually(lambda: _busy(engine))
    await engine.close()
    with pytest.raises(UnavailableError, match="closed"):
        await asking


async def test_damaged_files_are_named(artifact: Path, tmp_path: Path) -> None:
    for name in ("model.onnx", "tokenizer.json", "pooling.json"):
        broken = with_broken(artifact, tmp_path / name.replace(".", "-"), name)
        with pytest.raises(InvalidError, match=name):
            await open_once(broken)


def test_the_same_folder_gives_the_same_file(artifact: Path, tmp_path: Path) -> None:
    again = OnnxExporter(confinement()).export(minilm_folder(), tmp_path / "again")
    assert (again / "model.onnx").read_bytes() == (artifact / "model.onnx").read_bytes()


def test_the_graph_is_sound(artifact: Path) -> None:
    checker: Any = importlib.import_module("onnx.checker")
    checker.check_model(str(artifact / "model.onnx"), full_check=True)


def test_other_weights_under_the_same_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other")
    with pytest.raises(InvalidError, match="not the published"):
        check_weights(tmp_path / "model.safetensors")


def test_what_is_no_encoder_is_refused_in_words(tmp_path: Path) -> None:
    folder = tmp_path / "llama"
    folder.mkdir()
    shutil.copyfile(minilm_folder() / "tokenizer.json", folder / "tokenizer.json")
    config = msgspec.json.decode((minilm_folder() / "config.json").read_bytes(), type=dict[str, Any])
    (folder / "config.json").write_bytes(msgspec.json.encode({**config, "model_type": "llama"}))
    with pytest.raises(InvalidError, match="is a llama with gelu; exported can be bert"):
        OnnxExporter(confinement()).export(folder, tmp_path / "out")


def with_broken(artifact: Path, copy: Path, name: str) -> Path:
    shutil.copytree(artifact, copy)
    (copy / name).write_bytes(b"{ broken")
    return copy


async def open_once(artifact: Path) -> None:
    async with opened(spec(artifact)):
        pass


async def _busy(engine: OnnxEngine) -> bool:
    return (await engine.load()).running > 0
