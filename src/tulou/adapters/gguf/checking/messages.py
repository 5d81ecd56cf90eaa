"""What is asked of the process that tries a vocabulary and a template, and what it says."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from tulou.ports.confinement import GIB, ProcessBounds

Message = Mapping[str, str]
Tool = Mapping[str, object]
BOUNDS = ProcessBounds()
"""Of the process that tries texts: a large vocabulary takes a second and 500 MiB."""
HEAD_BOUNDS = ProcessBounds(memory=2 * GIB)
"""Of the process that reads a head: so little memory that a large file is not mapped, and so not read, at all."""

USER = "How many rooms does Zhencheng Lou have?"
SYSTEM = "You know the earthen houses of Fujian."
TOOL: Tool = {
    "type": "function",
    "function": {
        "name": "count_rooms",
        "description": "Count the rooms of a house.",
        "parameters": {"type": "object", "properties": {"house": {"type": "string"}}, "required": ["house"]},
    },
}
ALONE: tuple[Message, ...] = ({"role": "user", "content": USER},)
CONVERSATIONS: tuple[tuple[Message, ...], ...] = (
    ALONE,
    ({"role": "system", "content": SYSTEM}, *ALONE),
    (*ALONE, {"role": "assistant", "content": "More than two hundred."}, {"role": "user", "content": "And floors?"}),
)
"""All that a chat model is asked in a house; the first must be rendered, the others may be refused by the template."""

TEXTS = (
    "The gate is open, isn't it? Yes: 12,345.67 rooms!",
    "  two spaces,\n\n\tthen a tab and   more",
    "def rooms(n: int) -> str:\n    return f'{n} rooms'  # counted\n",
    "土楼有一个大门和许多房间。いくつの部屋です。방이 몇 개인가요?",
    "Wie groß ist das Haus? ¿Cuántas habitaciones? Сколько комнат? كم عدد الغرف؟",
    "\U0001f642 \U0001f469\u200d\U0001f467 \u00bd \u2122 \u00a0x",
)
"""Texts of common kinds, whose tokens must be those of the vocabulary's makers."""


class TrialRequest(msgspec.Struct, frozen=True):
    """A file to load, its chat template to render, and the `tokenizer.json` that its tokens are to be those of."""

    probe: str
    template: str
    tokenizer: str = ""
    texts: tuple[str, ...] = TEXTS


class TrialResult(msgspec.Struct, frozen=True):
    """What came of it: the first thing that is wrong, and the line of the template; without a reason all is well."""

    reason: str = ""
    line: int = 0
    about: Literal["template", "vocabulary", "file"] = "template"
