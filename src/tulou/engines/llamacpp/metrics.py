"""What llama.cpp's metrics say of its load."""

from tulou.ports.engine import EngineLoad


def read_load(text: str) -> EngineLoad:
    """Return the load that the Prometheus text of a llama.cpp server tells."""
    figures = dict(_figures(text))

    def count(name: str) -> int:
        return int(figures.get(f"llamacpp:{name}", 0))

    return EngineLoad(
        running=count("requests_processing"),
        waiting=count("requests_deferred"),
        cache_usage=figures.get("llamacpp:kv_cache_usage_ratio", 0.0),
        prompt_tokens=count("prompt_tokens_total"),
        generated_tokens=count("tokens_predicted_total"),
    )


def _figures(text: str) -> list[tuple[str, float]]:
    lines = (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
    return [(name, float(value)) for name, value in lines]
