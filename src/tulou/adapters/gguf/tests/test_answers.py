"""What llama.cpp answers from a converted file is what transformers answers from the folder."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyTorch and transformers are typed in part only.

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tulou.adapters.gguf import GgufConverter
from tulou.adapters.gguf.tests import tiny
from tulou.adapters.gguf.tests.conftest import quiet

torch = tiny.torch
xllamacpp: Any = import_module("xllamacpp")
AGREEMENT = {"Q8_0": 1.0, "Q6_K": 0.9, "Q4_0": 0.5, "Q4_K_M": 0.5}
"""How often the likeliest token must be among the original's five likeliest; random weights suffer most."""


def served(path: Path) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx, params.n_parallel, params.warmup = 256, 1, False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    return xllamacpp.Server(params)


def likely(server: Any, prompt: object) -> dict[int, float]:
    """Return the five likeliest next tokens; nothing where the first is part of a character, which is held back."""
    asked = {"prompt": prompt, "max_tokens": 1, "temperature": 0, "logprobs": 5, "ignore_eos": True}
    found = server.handle_completions(asked)["choices"][0]["logprobs"] or {"content": []}
    return {each["id"]: each["logprob"] for token in found["content"] for each in token["top_logprobs"]}


def expected(model: Any, prompt: list[int]) -> dict[int, float]:
    with torch.inference_mode():
        best = torch.log_softmax(model(torch.tensor([prompt])).logits[0, -1], -1).topk(5)
    return dict(zip(best.indices.tolist(), best.values.tolist(), strict=True))


def prompts() -> list[list[int]]:
    torch.manual_seed(11)
    return [torch.randint(3, 300, (length,)).tolist() for length in range(2, 90, 4)]


@pytest.mark.parametrize("kind", tiny.KINDS)
async def test_the_same_tokens_come_with_the_same_certainty(
    kind: str, tmp_path: Path, converter: GgufConverter
) -> None:
    model = tiny.save(tmp_path / "model", kind)
    await converter.convert(str(tmp_path / "model"), str(tmp_path / "model.gguf"), quiet)
    server = served(tmp_path / "model.gguf")
    told = [(likely(server, prompt), expected(model, prompt)) for prompt in prompts()]
    compared = [(theirs, ours) for theirs, ours in told if theirs]
    assert len(compared) > 5
    for theirs, ours in compared:
        shared = theirs.keys() & ours.keys()
        assert len(shared) >= 4, "the fifth may change places with the sixth, no more"
        # A mistake in the weights' order or the rope is off by several units; 16 bits by a tenth.
        assert {token: theirs[token] for token in shared} == pytest.approx(
            {token: ours[token] for token in shared}, abs=0.15
        )


async def test_llama_cpp_cuts_text_into_the_same_tokens(llama: Path, tmp_path: Path, converter: GgufConverter) -> None:
    await converter.convert(str(llama), str(tmp_path / "m.gguf"), quiet)
    server = served(tmp_path / "m.gguf")
    tokenizer = tiny.PreTrainedTokenizerFast.from_pretrained(llama)
    for text in (*tiny.TEXTS, "  12 gates\n\n\tand it's 土楼<|im_end|>\n<tool_call>!", "Ünïcode 🙂 e\u0301"):
        ids = tokenizer.encode(text, add_special_tokens=False)
        asked = {"prompt": text, "max_tokens": 1, "temperature": 0}
        assert server.handle_completions(asked)["usage"]["prompt_tokens"] == len(ids), text
        assert likely(server, text) == likely(server, ids), text


async def test_every_quantization_loads_and_answers_nearly_alike(tmp_path: Path, converter: GgufConverter) -> None:
    model = tiny.save(tmp_path / "model", "llama", hidden_size=256, intermediate_size=512, initializer_range=0.1)
    await converter.convert(str(tmp_path / "model"), str(tmp_path / "f16.gguf"), quiet)
    sizes: dict[str, int] = {}
    for quantization in converter.quantizations:
        target = tmp_path / f"{quantization}.gguf"
        facts = await converter.quantize(str(tmp_path / "f16.gguf"), str(target), quantization, quiet)
        assert facts.quantization == quantization
        sizes[quantization] = target.stat().st_size
        server = served(target)
        first = [
            (max(theirs, key=theirs.__getitem__), ours)
            for prompt in prompts()
            if (theirs := likely(server, prompt)) and (ours := expected(model, prompt))
        ]
        same = sum(token in ours for token, ours in first)
        assert same >= len(first) * AGREEMENT[quantization], f"{quantization}: {same} of {len(first)}"
    assert sizes["Q4_0"] <= sizes["Q4_K_M"] < sizes["Q6_K"] < sizes["Q8_0"] < (tmp_path / "f16.gguf").stat().st_size
