"""Imports: refused at once or done whole, and nothing is left lying about."""

import errno
import json
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from tulou.contracts.jobs.messages import EnqueueJob
from tulou.contracts.registry.messages import ImportModel, NameVersion, Version
from tulou.kernel.errors import ConflictError, InvalidError, UnavailableError
from tulou.services.registry.handlers import RegistryHandlers
from tulou.services.registry.service import RegistryService
from tulou.services.registry.settings import RegistrySettings
from tulou.services.registry.tests.conftest import Listed, job, registry_of
from tulou.services.registry.tests.fakes import CopyingConverter, read
from tulou.testing.house import SmallHouse


class Run:
    """One attempt at an import; steps live on in the next."""

    def __init__(self, request: ImportModel) -> None:
        self.job = job(EnqueueJob(kind="registry.import", payload=msgspec.json.encode(request).decode()))
        self.steps: dict[str, str] = {}
        self.notes: list[str] = []

    def progress(self, share: float, note: str = "") -> None:
        assert 0 <= share <= 1
        self.notes.append(note)

    def step(self, name: str) -> str | None:
        return self.steps.get(name)

    async def record(self, name: str, value: str = "null") -> None:
        self.steps[name] = value


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    path = tmp_path / "small.gguf"
    path.write_bytes(b"GGUF Q8_0 weights")
    return path


@pytest.fixture
def llama(tmp_path: Path) -> Path:
    return hugging_face(tmp_path / "llama", "llama")


NAMED = {"llama": "LlamaForCausalLM", "bert": "BertModel", "gpt2": "GPT2LMHeadModel"}


def hugging_face(folder: Path, model_type: str, *architectures: str) -> Path:
    folder.mkdir()
    config = {"model_type": model_type, "hidden_size": 8, "max_position_embeddings": 16}
    config |= {"architectures": architectures or (NAMED[model_type],)}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"tensors")
    return folder


async def imported(registry: RegistryService, path: Path, quantization: str = "") -> Version:
    run = Run(ImportModel(path=str(path), model="demo", quantization=quantization))
    result = json.loads(await RegistryHandlers(registry).import_model(run))
    assert result["model"] == "demo"
    return await registry.resolve(NameVersion(model="demo", reference=str(result["version"])))


async def test_a_gguf_file_is_stored_as_it_is(registry: RegistryService, house: SmallHouse, gguf: Path) -> None:
    version = await imported(registry, gguf)
    (file,) = version.files
    assert (file.name, file.digest) == ("model.gguf", f"sha256:{sha256(read(gguf)).hexdigest()}")
    assert file.blob == f"models/sha256/{file.digest.removeprefix('sha256:')}"
    assert b"".join([chunk async for chunk in house.blobs.get(file.blob)]) == read(gguf)
    assert (version.facts.quantization, version.facts.context_length) == ("Q8_0", 4096)
    assert version.aliases == ()
    assert "| Quantization | Q8_0 |" in version.card
    assert version.lineage["imported_from"] == "small.gguf"
    assert (await registry.verify(NameVersion(model="demo", reference="latest"))).valid


async def test_an_import_moves_the_aliases_it_is_told_to_and_no_other(
    registry: RegistryService, gguf: Path, tmp_path: Path
) -> None:
    request = ImportModel(path=str(gguf), model="demo", aliases=("stable",))
    await registry.bring_in(Run(request))
    other = tmp_path / "other.gguf"
    other.write_bytes(b"GGUF Q8_0 other weights")
    second = await imported(registry, other)
    assert (await registry.resolve(NameVersion(model="demo"))).number == 1
    await registry.bring_in(Run(replace(request, path=str(other))))
    assert (await registry.resolve(NameVersion(model="demo"))).number == second.number == 2
    for alias in ("latest", "1", "Stable"):
        with pytest.raises(InvalidError):
            await registry.import_model(replace(request, aliases=(alias,)))


async def test_importing_the_same_again_is_the_same_version(registry: RegistryService, gguf: Path) -> None:
    first = await imported(registry, gguf)
    assert (await imported(registry, gguf)).number == first.number


async def test_a_hugging_face_folder_is_converted_and_quantized(house: SmallHouse, llama: Path) -> None:
    converter = CopyingConverter()
    (llama / "README.md").write_text("# My llama\n")
    registry = await registry_of(house, jobs=Listed().client(), converter=converter)
    version = await imported(registry, llama)
    assert converter.calls == ["convert", "quantize Q8_0"]
    assert (version.facts.quantization, version.card) == ("Q8_0", "# My llama\n")
    assert not (house.directory / "imports" / "job_1").exists()


async def test_the_quantization_asked_for_is_the_one_made(house: SmallHouse, llama: Path, gguf: Path) -> None:
    converter = CopyingConverter()
    registry = await registry_of(house, jobs=Listed().client(), converter=converter)
    assert (await imported(registry, llama, "F16")).facts.quantization == "F16"
    assert (await imported(registry, gguf, "Q4_0")).facts.quantization == "Q4_0"
    assert converter.calls == ["convert", "quantize Q4_0"]


async def test_an_encoder_is_exported_and_an_exported_one_taken_as_it_is(
    registry: RegistryService, tmp_path: Path
) -> None:
    encoder = hugging_face(tmp_path / "encoder", "bert")
    exported = await imported(registry, encoder)
    assert [file.name for file in exported.files] == ["config.json", "model.onnx", "tokenizer.json"]
    facts = exported.facts
    assert (facts.task, facts.format, facts.embedding_length, facts.context_length) == ("embedding", "onnx", 8, 16)
    (encoder / "model.safetensors").rename(encoder / "model.onnx")
    assert (await imported(registry, encoder)).digest == exported.digest


async def test_an_attempt_goes_on_where_the_killed_one_was(house: SmallHouse, llama: Path) -> None:
    converter = CopyingConverter()
    registry = await registry_of(house, jobs=Listed().client(), converter=converter)
    left = house.directory / "imports" / "job_1"
    left.mkdir(parents=True)
    (left / "F16.gguf").write_bytes(b"GGUF F16 tensors")
    assert (await imported(registry, llama)).facts.quantization == "Q8_0"
    assert converter.calls == ["quantize Q8_0"]


async def test_a_file_stored_by_an_earlier_attempt_is_stored_again_only_if_it_is_gone(
    registry: RegistryService, house: SmallHouse, gguf: Path
) -> None:
    run = Run(ImportModel(path=str(gguf), model="demo"))
    await registry.bring_in(run)
    (recorded,) = run.steps.values()
    blob = json.loads(recorded)["blob"]
    await house.blobs.delete(blob)
    await registry.bring_in(run)
    assert await house.blobs.find(blob)


async def test_corrupt_weights_are_refused_by_name_and_nothing_is_left(
    registry: RegistryService, house: SmallHouse, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"not a model")
    with pytest.raises(InvalidError, match=r"broken\.gguf is no GGUF file"):
        await imported(registry, broken)
    assert not (house.directory / "imports" / "job_1").exists()


async def test_a_full_disk_is_said_before_the_work_and_during_it(
    registry: RegistryService, house: SmallHouse, llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    little = shutil.disk_usage(house.directory)._replace(free=1024)

    def nearly_full(_: object) -> object:
        return little

    monkeypatch.setattr(shutil, "disk_usage", nearly_full)
    with pytest.raises(UnavailableError, match="make room"):
        await imported(registry, llama)
    monkeypatch.undo()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "F16.gguf")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UnavailableError, match=r"disk that holds F16\.gguf is full"):
        await imported(registry, llama)
    assert not (house.directory / "imports" / "job_1").exists()


async def test_parts_of_one_model_stay_together(registry: RegistryService, tmp_path: Path) -> None:
    for part in (1, 2):
        (tmp_path / f"big-0000{part}-of-00002.gguf").write_bytes(f"GGUF Q8_0 part{part}".encode())
    version = await imported(registry, tmp_path)
    assert [file.name for file in version.files] == ["big-00001-of-00002.gguf", "big-00002-of-00002.gguf"]
    (tmp_path / "big-00002-of-00002.gguf").unlink()
    with pytest.raises(InvalidError, match=r"big-00002-of-00002\.gguf is missing"):
        await imported(registry, tmp_path)


async def test_what_is_no_model_is_refused_before_a_job_is_made(house: SmallHouse, gguf: Path, tmp_path: Path) -> None:
    jobs = Listed()
    registry = await registry_of(house, jobs=jobs.client())
    empty = tmp_path / "empty"
    empty.mkdir()
    gpt = hugging_face(tmp_path / "gpt", "gpt2")
    bare = hugging_face(tmp_path / "bare", "llama")
    (bare / "tokenizer.json").unlink()
    (tmp_path / "two").mkdir()
    for name in ("a.gguf", "b.gguf"):
        (tmp_path / "two" / name).write_bytes(b"GGUF Q8_0 x")
    (tmp_path / "text.txt").write_text("x")
    for path, why in (
        ("relative/path", "no absolute path"),
        ("/no/such/place", "nothing is at /no/such/place"),
        ("/x\0y", "no absolute path"),
        (str(empty), "holds no .gguf, no .onnx and no config.json"),
        (str(gpt), "GPT2LMHeadModel; LlamaForCausalLM, Qwen2ForCausalLM, BertModel can be converted: import a GGUF"),
        (str(bare), "has no tokenizer.json"),
        (str(tmp_path / "two"), "name the one you want"),
        (str(tmp_path / "text.txt"), "neither a .gguf nor an .onnx file"),
    ):
        with pytest.raises(InvalidError, match=why) as refused:
            await registry.import_model(ImportModel(path=path, model="demo"))
        assert refused.value.param == "path"
    with pytest.raises(InvalidError, match="there are Q8_0, Q4_0, F16"):
        await registry.import_model(ImportModel(path=str(gguf), model="demo", quantization="Q9"))
    assert jobs.requests == []


async def test_only_allowed_folders_are_imported_from_not_even_by_a_link(
    house: SmallHouse, gguf: Path, tmp_path: Path
) -> None:
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    (allowed / "link.gguf").symlink_to(gguf)
    settings = RegistrySettings(import_roots=(str(allowed),))
    registry = await registry_of(house, jobs=Listed().client(), settings=settings)
    for path in (gguf, allowed / "link.gguf", allowed, allowed / ".." / "small.gguf"):
        with pytest.raises(InvalidError, match="lies outside of"):
            await registry.import_model(ImportModel(path=str(path), model="demo"))


async def test_one_import_of_a_model_at_a_time(house: SmallHouse, gguf: Path) -> None:
    registry = await registry_of(house, jobs=Listed().client())
    request = ImportModel(path=str(gguf), model="demo")
    first = await registry.import_model(request)
    assert await registry.import_model(request) == first
    with pytest.raises(ConflictError, match="another import of demo is under way: job job_1"):
        await registry.import_model(replace(request, description="other"))


async def test_a_card_that_is_too_long_is_cut(registry: RegistryService, gguf: Path) -> None:
    gguf.with_name("README.md").write_text("é" * 40_000)
    version = await imported(registry, gguf)
    assert len(version.card.encode()) <= 48 * 1024
    assert version.card.endswith("(cut here; the rest is in the model's own folder)\n")


@pytest.mark.parametrize(
    ("model_type", "named", "why"),
    [
        ("llama", "LlamaForSequenceClassification", "classifies texts"),
        ("bert", "BertForSequenceClassification", "classifies texts"),
        ("bert", "BertForTokenClassification", "classifies words"),
        ("roberta", "RobertaForQuestionAnswering", "marks answers"),
        ("qwen2", "Qwen2ForRewardModel", "scores answers"),
        ("gemma3", "Gemma3ForConditionalGeneration", "takes pictures"),
    ],
)
async def test_a_model_that_cannot_be_served_as_what_it_is_is_refused(
    registry: RegistryService, tmp_path: Path, model_type: str, named: str, why: str
) -> None:
    folder = hugging_face(tmp_path / "model", model_type, named)
    with pytest.raises(InvalidError, match=f"{named} {why}.*which nothing here serves"):
        await imported(registry, folder)
    if why.startswith("classifies"):
        (folder / "model.onnx").write_bytes(b"graph")
        with pytest.raises(InvalidError, match=f"{named} {why}"):
            await imported(registry, folder)


async def test_an_encoder_of_older_tools_is_known_by_its_type(registry: RegistryService, tmp_path: Path) -> None:
    folder = hugging_face(tmp_path / "model", "bert")
    config = json.loads((folder / "config.json").read_text())
    del config["architectures"]
    (folder / "config.json").write_text(json.dumps(config))
    assert (await imported(registry, folder)).facts.task == "embedding"


@pytest.mark.parametrize("named", ["LlamaForCausalLM", ["x", 7], {"a": 1}])
async def test_an_architecture_of_another_shape_is_refused(
    registry: RegistryService, llama: Path, named: object
) -> None:
    (llama / "config.json").write_text(json.dumps({"architectures": named}))
    with pytest.raises(InvalidError, match=r"config\.json"):
        await imported(registry, llama)


async def test_a_graph_that_is_damaged_is_refused_before_it_is_stored(
    registry: RegistryService, tmp_path: Path
) -> None:
    folder = hugging_face(tmp_path / "encoder", "bert")
    (folder / "model.onnx").write_bytes(b"damaged")
    with pytest.raises(InvalidError, match=r"model\.onnx is no sound ONNX file"):
        await imported(registry, folder)


DEEP = '{"x":' * 20_000 + "1" + "}" * 20_000


@pytest.mark.parametrize("beside", ["model.safetensors", "model.onnx"])
@pytest.mark.parametrize(
    "config",
    [
        DEEP,
        "[]",
        "null",
        json.dumps({"model_type": ["bert"]}),
        json.dumps({"model_type": 7, "architectures": ["BertModel"]}),
        json.dumps({"architectures": "BertModel"}),
        json.dumps({"architectures": [None]}),
        json.dumps({"architectures": {"BertModel": 1}}),
        json.dumps({"architectures": ["BertModel"], "hidden_size": -1}),
        json.dumps({"architectures": ["BertModel"], "max_position_embeddings": 2**40}),
        " " * (5 << 20),
    ],
    ids=range(11),
)
async def test_a_configuration_that_is_none_is_refused_at_once_by_name(
    registry: RegistryService, tmp_path: Path, config: str, beside: str
) -> None:
    folder = hugging_face(tmp_path / "model", "bert")
    (folder / "model.safetensors").rename(folder / beside)
    (folder / "config.json").write_text(config)
    with pytest.raises(InvalidError, match=r"config\.json") as refused:
        await registry.import_model(ImportModel(path=str(folder), model="demo"))
    assert len(str(refused.value)) < 1_000


async def test_a_configuration_that_leaves_its_kind_open_is_refused_with_what_can_be_converted(
    registry: RegistryService, tmp_path: Path
) -> None:
    folder = hugging_face(tmp_path / "model", "bert")
    (folder / "config.json").write_text(json.dumps({"model_type": None, "architectures": None}))
    with pytest.raises(InvalidError, match=r"architectures is none.*LlamaForCausalLM"):
        await registry.import_model(ImportModel(path=str(folder), model="demo"))
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "architectures": None}))
    assert (await imported(registry, folder)).facts.task == "embedding"


@pytest.mark.parametrize("name", ["model.onnx.data", "model.onnx_data", "weights.bin", "weights"])
async def test_the_files_that_a_graph_keeps_its_weights_in_are_stored_with_it(
    registry: RegistryService, tmp_path: Path, name: str
) -> None:
    folder = hugging_face(tmp_path / "model", "bert")
    (folder / "model.safetensors").rename(folder / name)
    (folder / "other.bin").write_bytes(b"of another")
    (folder / "model.onnx").write_text(f"weights in {name}")
    files = {file.name for file in (await imported(registry, folder)).files}
    assert files == {"config.json", "tokenizer.json", "model.onnx", name}


async def test_a_file_that_may_not_be_read_is_not_stored_for_a_graph_that_names_it(
    registry: RegistryService, tmp_path: Path
) -> None:
    folder = hugging_face(tmp_path / "model", "bert")
    (folder / ".hidden").write_text("secret")
    (folder / "model.onnx").write_text("weights in .hidden")
    with pytest.raises(InvalidError, match=r"keeps weights in '\.hidden', which cannot be taken"):
        await imported(registry, folder)
