"""Held-out questions and whether an answer is right."""

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from tulou.contracts.training.messages import Score
from tulou.services.training.domain.conversations import plain
from tulou.services.training.domain.corpus import Corpus, CorpusPart
from tulou.services.training.domain.exchange import Message, system, user

TOOL_CALL = re.compile(r"<tool_call>\s*(\{.*?\})\s*</tool_call>", re.DOTALL)


class Question(CorpusPart, frozen=True, kw_only=True):
    """One held-out question and what its answer must be; exactly one expectation is set."""

    group: str
    ask: str
    system: str = ""
    offers: tuple[str, ...] = ()
    answer_of: str = ""
    json: dict[str, str | int] | None = None
    call: dict[str, object] | None = None
    says: tuple[str, ...] = ()

    def kind(self) -> str:
        """Return the kind of talk that teaches how to answer this."""
        if self.offers:
            return "tool"
        if self.json is not None:
            return "intent"
        return "passage" if self.says else "entry"


class Evaluation(CorpusPart, frozen=True, kw_only=True):
    """All held-out questions, and the tools they may offer."""

    tools: dict[str, dict[str, object]]
    question: tuple[Question, ...]

    def about(self, corpus: Corpus, kinds: Sequence[str]) -> "Evaluation":
        """Return only the questions whose answers *corpus* holds, and of the *kinds* of talk that were trained on."""
        known = known_answers(corpus).keys()
        kept = [each for each in self.question if each.kind() in kinds and (each.answer_of or "") in (*known, "")]
        return Evaluation(tools=self.tools, question=tuple(kept))

    def held_out(self) -> frozenset[str]:
        """Return the phrasings that must not be trained on, see `plain`."""
        return frozenset(plain(question.ask) for question in self.question)

    def conversation(self, question: Question) -> dict[str, object]:
        """Return *question* as a line of a conversations file."""
        first: list[Message] = [system(question.system)] if question.system else []
        told: dict[str, object] = {"messages": [*first, user(question.ask)]}
        if question.offers:
            told["tools"] = [{"type": "function", "function": self.tools[name]} for name in question.offers]
        return told


def score(evaluation: Evaluation, corpus: Corpus, answers: Iterable[str]) -> list[Score]:
    """Return one score a group, in the order in which the groups first appear."""
    known = known_answers(corpus)
    tally: dict[str, list[bool]] = {}
    for question, answer in zip(evaluation.question, answers, strict=True):
        tally.setdefault(question.group, []).append(is_right(question, answer, known))
    return [Score(group=group, right=sum(marks), asked=len(marks)) for group, marks in tally.items()]


def known_answers(corpus: Corpus) -> dict[str, tuple[str, str]]:
    """Return the English and the Chinese answer of each entry and refusal."""
    return {part.id: (part.answer_en, part.answer_zh) for part in (*corpus.entries, *corpus.refusals)}


def is_right(question: Question, answer: str, known: Mapping[str, tuple[str, str]]) -> bool:
    """Say whether *answer* is what *question* expects, in either language of a known answer."""
    if question.answer_of:
        return answer.strip() in known[question.answer_of]
    if question.json is not None:
        return _loads(answer) == question.json
    if question.call is not None:
        found = TOOL_CALL.search(answer)
        return found is not None and _loads(found[1]) == question.call
    return all(text in answer for text in question.says)


def _loads(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
