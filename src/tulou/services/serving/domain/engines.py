"""Which engine runs a model on this machine."""

from collections.abc import Collection

from tulou.contracts.registry.messages import Facts
from tulou.kernel.errors import InvalidError

FORMATS: dict[str, frozenset[str]] = {
    "llamacpp": frozenset({"gguf"}),
    "openvino": frozenset({"gguf", "openvino"}),
    "onnx": frozenset({"onnx"}),
}
"""What each engine loads; one that is not named here is a plug-in, and says itself what it cannot load."""

MANY = 8
"""From so many concurrent requests on, OpenVINO's batches win (on two cores 355 tokens/s, llama.cpp 149)."""
_OPENVINO_ARCHITECTURES = frozenset({"llama", "qwen2", "qwen3"})
_OPENVINO_WEIGHTS = frozenset({"Q8_0", "Q4_0"})


def choose_engine(
    asked: str, facts: Facts, *, concurrency: int, engines: Collection[str], features: Collection[str]
) -> str:
    """Return the engine for a model; raise `InvalidError` for one that is unknown, missing here, or cannot load it."""
    if asked != "auto":
        _check(asked, facts, engines)
        return asked
    if facts.format == "gguf" and _suits_openvino(facts, concurrency, engines, features):
        return "openvino"
    chosen = next((engine for engine, formats in FORMATS.items() if facts.format in formats), None)
    if chosen is None:
        raise InvalidError(f"no engine loads {facts.format!r}; import it as GGUF or ONNX", param="engine")
    chosen = "openvino" if facts.format == "openvino" else chosen
    _check(chosen, facts, engines)
    return chosen


def _suits_openvino(facts: Facts, concurrency: int, engines: Collection[str], features: Collection[str]) -> bool:
    return (
        facts.task == "chat"
        and concurrency >= MANY
        and "openvino" in engines
        and "avx512f" in features
        and facts.architecture in _OPENVINO_ARCHITECTURES
        and facts.quantization in _OPENVINO_WEIGHTS
    )


def _check(engine: str, facts: Facts, engines: Collection[str]) -> None:
    if engine not in FORMATS and engine not in engines:
        known = ", ".join(sorted({"auto", "remote", *FORMATS, *engines}))
        raise InvalidError(f"no engine {engine!r}; there are {known}", param="engine")
    if engine not in engines:
        raise InvalidError(
            f"engine {engine!r} is not installed here; `pip install tulou[{engine}]`, or use another", param="engine"
        )
    if facts.format not in FORMATS.get(engine, {facts.format}):
        raise InvalidError(f"engine {engine!r} does not load {facts.format!r}; leave it at auto", param="engine")
