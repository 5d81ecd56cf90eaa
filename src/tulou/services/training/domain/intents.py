"""Requests that become one JSON object."""

import msgspec

from tulou.services.training.domain.corpus import Intents, Language
from tulou.services.training.domain.exchange import SampledConversation, assistant, system, user
from tulou.services.training.domain.phrases import Phrases


class IntentRequests:
    """Conversations in which a request is turned into JSON."""

    def __init__(self, intents: Intents, phrases: Phrases) -> None:
        self._intents = intents
        self._phrases = phrases

    def told(self, language: Language) -> SampledConversation:
        """Return one request and its JSON."""
        intent = self._phrases.choice(self._intents.intent)
        picks: dict[str, str] = {}
        request = self._phrases.fill(self._phrases.choice(intent.en if language == "en" else intent.zh), picks)
        found: dict[str, str | int] = {"intent": intent.name}
        for field in intent.fields:
            found[intent.rename.get(field, field)] = _value(picks[f"{{{field}}}"])
        answer = assistant(json_text(found))
        if self._phrases.chance(0.3):
            before = self._intents.before_en if language == "en" else self._intents.before_zh
            return SampledConversation(messages=(user(self._phrases.choice(before) + request), answer))
        opening = self._intents.system_en if language == "en" else self._intents.system_zh
        return SampledConversation(
            messages=(system(self._phrases.choice(opening)), user(self._written(request)), answer)
        )

    def _written(self, request: str) -> str:
        if self._phrases.chance(0.4):
            request = request[0].upper() + request[1:]
        return request + self._phrases.choice(("", "", ".", "!"))


def json_text(value: object) -> str:
    """Return *value* as JSON with a space after each comma and colon, as most callers write it."""
    return msgspec.json.format(msgspec.json.encode(value), indent=0).decode()


def _value(text: str) -> str | int:
    return int(text) if text.isdigit() else text
