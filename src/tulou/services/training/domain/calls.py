"""Conversations with tools: the right one is called, or none."""

from collections.abc import Iterable

from tulou.services.training.domain.corpus import Argument, CorpusTool, Language
from tulou.services.training.domain.exchange import Message, SampledConversation, assistant, call, result, user
from tulou.services.training.domain.phrases import Phrases

MAX_OFFERED = 3


class CallExamples:
    """Conversations in which tools are offered, called and answered from."""

    def __init__(self, tools: tuple[CorpusTool, ...], phrases: Phrases) -> None:
        self._tools = tools
        self._phrases = phrases

    def told(self, language: Language) -> SampledConversation:
        """Return a request, the call it needs, and sometimes what the tool said and the answer."""
        tool = self._phrases.choice(self._tools)
        picks: dict[str, str] = {}
        request = self._phrases.fill(self._phrases.choice(tool.en if language == "en" else tool.zh), picks)
        offer, names = self._offer(tool)
        arguments = {
            name: self._argument(argument, language, picks)
            for name, argument in zip(names, tool.arguments, strict=True)
        }
        messages: list[Message] = [user(request), call(str(offer["name"]), arguments)]
        if self._phrases.chance(0.35):
            messages.append(result(self._phrases.fill(tool.result, picks)))
            answer = tool.answer_en if language == "en" else tool.answer_zh
            messages.append(assistant(self._phrases.fill(answer, picks)))
        return SampledConversation(messages=tuple(messages), tools=self._among_others(tool, offer))

    def ignored(self, question: str, answer: str) -> SampledConversation:
        """Return a question that needs none of the tools offered; they are such as could not help."""
        helpless = [tool for tool in self._tools if tool.beside_refusals]
        offers = tuple(
            self._offer(self._phrases.choice(helpless))[0] for _ in range(self._phrases.choice((1, 1, 2, 3)))
        )
        return SampledConversation(messages=(user(question), assistant(answer)), tools=_functions(offers))

    def _argument(self, argument: Argument, language: Language, picks: dict[str, str]) -> str | int:
        template = (argument.value_zh or argument.value) if language == "zh" else argument.value
        text = self._phrases.fill(template, picks)
        return int(text) if argument.type == "integer" else text

    def _offer(self, tool: CorpusTool) -> tuple[dict[str, object], list[str]]:
        names = [self._phrases.choice(argument.names) for argument in tool.arguments]
        properties = {name: {"type": argument.type} for name, argument in zip(names, tool.arguments, strict=True)}
        offer: dict[str, object] = {
            "name": self._phrases.choice(tool.names),
            "description": self._phrases.choice(tool.descriptions),
            "parameters": {"type": "object", "properties": properties, "required": names},
        }
        return offer, names

    def _among_others(self, tool: CorpusTool, offer: dict[str, object]) -> tuple[dict[str, object], ...]:
        offers = [offer]
        while len(offers) < MAX_OFFERED and self._phrases.chance(0.5):
            other = self._phrases.choice(self._tools)
            if other is not tool:
                offers.insert(int(self._phrases.chance(0.5)) * len(offers), self._offer(other)[0])
        return _functions(offers)


def _functions(offers: Iterable[dict[str, object]]) -> tuple[dict[str, object], ...]:
    by_name = {str(offer["name"]): offer for offer in offers}
    return tuple({"type": "function", "function": offer} for offer in by_name.values())
