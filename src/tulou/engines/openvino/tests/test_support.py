from pathlib import Path

import pytest

from tulou.engines.openvino.support import host_is_fast, supports


@pytest.mark.parametrize(
    ("kind", "loads"),
    [
        (("llama", "gguf", "Q8_0"), True),
        (("qwen3", "gguf", "Q4_0"), True),
        (("llama", "gguf", ""), True),
        (("llama", "gguf", "Q4_K_M"), False),
        (("gemma3", "gguf", "Q8_0"), False),
        (("llama", "safetensors", "F16"), False),
    ],
)
def test_it_says_what_it_can_load(kind: tuple[str, str, str], loads: bool) -> None:  # noqa: FBT001 # a table's column
    assert supports(*kind) is loads


def test_a_host_is_fast_if_its_cores_have_avx_512(tmp_path: Path) -> None:
    facts = tmp_path / "cpuinfo"
    facts.write_text("flags : fpu avx2 avx512f avx512bw\n")
    assert host_is_fast(facts)
    assert not host_is_fast(tmp_path / "no-such-file")
