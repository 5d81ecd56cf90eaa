"""The card of a model: its own README, or what its facts say."""

from pathlib import Path

from tulou.contracts.registry.messages import Facts
from tulou.services.registry.domain import CARD_CAP

_CUT = "\n\n(cut here; the rest is in the model's own folder)\n"


def read_card(path: Path) -> str:
    """Return a card's text, cut to what a version may carry."""
    with path.open("rb") as file:
        content = file.read(CARD_CAP + 1)
    text = content[: CARD_CAP - len(_CUT)].decode("utf-8", "ignore") if len(content) > CARD_CAP else _text(content)
    return text.replace("\0", "") + (_CUT if len(content) > CARD_CAP else "")


def write_card(name: str, facts: Facts, origin: str) -> str:
    """Return a card for a model that came without one."""
    rows = {
        "Task": facts.task,
        "Format": facts.format,
        "Architecture": facts.architecture,
        "Parameters": f"{facts.parameters:,}" if facts.parameters else "",
        "Quantization": facts.quantization,
        "Context length": str(facts.context_length or ""),
        "Embedding length": str(facts.embedding_length or ""),
        "Chat template": "yes" if facts.chat_template else "",
        "Imported from": f"`{origin}`",
    }
    lines = [f"| {name} | {value} |" for name, value in rows.items() if value]
    return "\n".join(
        [f"# {name}", "", "| | |", "|---|---|", *lines, "", "The model came without a card of its own.", ""]
    )


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace").encode()[:CARD_CAP].decode("utf-8", "ignore")
