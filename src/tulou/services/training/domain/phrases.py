"""Templates become sentences: `{slot}` is filled by chance, and people's manners are put around a question."""

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

from tulou.services.training.domain.corpus import Language, SlotSource

SHORT = 4  # a word left out of so few may be the one that matters
MARKS = "?.!？。！"  # noqa: RUF001  # Chinese has its own
T = TypeVar("T")
SLOT = re.compile(r"\{([a-z]+)(\d?)\}")
_ONSETS = (
    "b",
    "d",
    "f",
    "g",
    "h",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "w",
    "z",
    "br",
    "st",
    "tr",
    "ch",
    "sh",
    "gr",
    "pl",
    "",
)
_RIMES = ("a", "e", "i", "o", "u", "an", "er", "in", "or", "un", "al", "el", "is", "os", "ai", "ea")


class Phrases:
    """Makes sentences of templates; the same *random* makes the same sentences."""

    def __init__(self, slots: Mapping[str, SlotSource], random: Random) -> None:
        self._slots = slots
        self._random = random

    def fill(self, template: str, picks: dict[str, str]) -> str:
        """Return *template* with every slot filled; a slot already in *picks* keeps its value, a new one is added."""
        return SLOT.sub(lambda found: self._pick(found[1], found[0], picks), template)

    def choice(self, options: Sequence[T]) -> T:
        """Return one of *options*."""
        return options[self._random.randrange(len(options))]

    def chance(self, share: float) -> bool:
        """Return true in a *share* of all calls."""
        return self._random.random() < share

    def mannered(self, question: str, language: Language, manner: Mapping[str, Sequence[str]]) -> str:
        """Return *question* as a hurried or a polite person writes it."""
        if self.chance(0.35):
            question = self._blurred(question, language, manner[f"{language}_fillers"])
        if self.chance(0.15):
            question = self.choice(manner[f"{language}_before"]) + (
                question if language == "zh" else _lower_first(question)
            )
        if self.chance(0.2):
            question = question.rstrip(MARKS)
        elif self.chance(0.1):
            question += self.choice(manner[f"{language}_after"])
        return question.lower() if self.chance(0.15) else question

    def _blurred(self, question: str, language: Language, fillers: Sequence[str]) -> str:
        """Return *question* with a word or two put in, and sometimes one left out."""
        gap = " " if language == "en" else ""
        words = question.split(" ") if language == "en" else list(question)
        if len(words) > SHORT and self.chance(0.4):
            del words[self._random.randrange(len(words))]
        for _ in range(self._random.randint(1, 2)):
            words.insert(self._random.randint(0, len(words) - 1), self.choice(fillers))
        return gap.join(words)

    def _pick(self, slot: str, key: str, picks: dict[str, str]) -> str:
        if key not in picks:
            taken = set(picks.values())
            value = self._value(slot)
            for _ in range(20):
                if value not in taken:
                    break
                value = self._value(slot)
            picks[key] = value
        return picks[key]

    def _value(self, slot: str) -> str:
        source = self._slots[slot]
        if isinstance(source, dict):
            return self._made_up(source)
        # A value may itself be a template; it gets its own picks, so that its slots do not meet those outside.
        return self.fill(str(self.choice(source)), {})

    def _made_up(self, source: Mapping[str, int | tuple[int, int]]) -> str:
        match source:
            case {"from": int(low), "to": int(high)}:
                return str(self._random.randint(low, high))
            case {"syllables": (low, high), "digits": int(digits)}:
                number = self._random.randrange(10**digits)
                return f"{self._word(low, high).upper()}-{number:0{digits}}"
            case {"syllables": (low, high)}:
                return self._word(low, high).capitalize()
            case _:
                raise ValueError(f"unknown slot source {dict(source)}; use a list, from/to or syllables")

    def _word(self, low: int, high: int) -> str:
        count = self._random.randint(low, high)
        return "".join(self.choice(_ONSETS) + self.choice(_RIMES) for _ in range(count))


def _lower_first(text: str) -> str:
    # "I" and names of several capitals stay as they are.
    return text if len(text) == 1 or text[1].isupper() or text[1] in " '" else text[0].lower() + text[1:]
