"""What files say of themselves, however they are laid out."""

import asyncio
import shutil
from pathlib import Path

import psutil
import pytest

from tulou.adapters.gguf import GgufConverter
from tulou.adapters.gguf.checking.trial import CHILD
from tulou.adapters.gguf.tests import tiny
from tulou.adapters.gguf.tests.conftest import quiet
from tulou.kernel.errors import InvalidError
from tulou.testing.eventually import eventually


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_folder_and_the_file_made_of_it_say_the_same(
    llama: Path, tmp_path: Path, converter: GgufConverter
) -> None:
    told = await converter.convert(str(llama), str(tmp_path / "m.gguf"), quiet)
    folder, file = await converter.inspect(str(llama)), await converter.inspect(str(tmp_path / "m.gguf"))
    assert file == told
    assert (folder.format, file.format) == ("safetensors", "gguf")
    for name in ("architecture", "parameters", "context_length", "chat_template", "embedding_length", "vocabulary"):
        assert getattr(folder, name) == getattr(file, name), name
    assert (folder.quantization, file.quantization, file.name) == ("F32", "F16", "llama")


async def test_many_files_of_bfloat16_make_the_same_model_as_one(tmp_path: Path, converter: GgufConverter) -> None:
    tiny.save(tmp_path / "model", dtype="bfloat16", shard="30KB")
    tiny.save(tmp_path / "one" / "model", dtype="bfloat16")
    assert len(list((tmp_path / "model").glob("*.safetensors"))) > 1
    for folder in ("", "one/"):
        await converter.convert(str(tmp_path / folder / "model"), str(tmp_path / folder / "m.gguf"), quiet)
    facts = await converter.inspect(str(tmp_path / "model"))
    assert facts.quantization == "BF16"
    assert await converter.inspect(str(tmp_path / "m.gguf")) == await converter.inspect(str(tmp_path / "one/m.gguf"))


async def test_rows_that_do_not_fit_a_type_keep_a_larger_one(
    llama: Path, tmp_path: Path, converter: GgufConverter
) -> None:
    await converter.convert(str(llama), str(tmp_path / "f16.gguf"), quiet)
    facts = await converter.quantize(str(tmp_path / "f16.gguf"), str(tmp_path / "k.gguf"), "Q4_K_M", quiet)
    assert facts.quantization == "Q8_0", "rows of 64 and 96 are no multiples of 256"


async def test_a_cancelled_conversion_leaves_nothing_behind(
    llama: Path, tmp_path: Path, converter: GgufConverter
) -> None:
    loop = asyncio.get_running_loop()

    async def cancel() -> None:
        task.cancel()
        await asyncio.sleep(0)

    def progress(_: float) -> None:
        for _ in range(2):
            asyncio.run_coroutine_threadsafe(cancel(), loop).result(10)

    task = asyncio.create_task(converter.convert(str(llama), str(tmp_path / "m.gguf"), progress))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert names_in(tmp_path) == []


ENDLESS = "{% for i in range(90000000) %}{% for j in range(90000000) %}{% endfor %}{% endfor %}"


def trials() -> list[psutil.Process]:
    """Return the processes that try a file at this moment."""
    return [each for each in psutil.Process().children() if CHILD in each.cmdline()]


async def test_a_conversion_cancelled_while_its_texts_are_tried_leaves_no_process_behind(
    llama: Path, tmp_path: Path, converter: GgufConverter
) -> None:
    folder = Path(shutil.copytree(llama, tmp_path / "model"))
    (folder / "chat_template.jinja").write_text(ENDLESS)
    task = asyncio.create_task(converter.convert(str(folder), str(tmp_path / "m.gguf"), quiet))
    (trial,) = await eventually(trials)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not trial.is_running()
    assert names_in(tmp_path) == ["model"]


async def test_what_llama_cpp_does_not_load_is_not_written_though_its_texts_are_sound(
    llama: Path, tmp_path: Path, converter: GgufConverter
) -> None:
    folder = Path(shutil.copytree(llama, tmp_path / "model"))
    tiny.change_json(folder / "config.json", partial_rotary_factor=0.5)
    with pytest.raises(InvalidError, match=r"model: llama\.cpp cannot load what it is converted to: .*n_rot"):
        await converter.convert(str(folder), str(tmp_path / "m.gguf"), quiet)
    assert names_in(tmp_path) == ["model"]
