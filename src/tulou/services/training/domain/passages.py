"""Questions that are answered from numbered passages, with a citation."""

from tulou.services.training.domain.corpus import CorpusFact, Language, Passages
from tulou.services.training.domain.exchange import SampledConversation, assistant, system, user
from tulou.services.training.domain.phrases import Phrases

MAX_PASSAGES = 4


class PassageQuestions:
    """Conversations in which the answer is a sentence of a passage and the passage's number."""

    def __init__(self, passages: Passages, phrases: Phrases) -> None:
        self._passages = passages
        self._phrases = phrases
        self._facts: dict[Language, list[CorpusFact]] = {
            "en": [fact for fact in passages.fact if fact.en for _ in range(fact.weight)],
            "zh": [fact for fact in passages.fact if fact.zh for _ in range(fact.weight)],
        }

    def told(self, language: Language) -> SampledConversation:
        """Return a question about invented things; now and then no passage answers it."""
        fact = self._any_fact(language)
        picks: dict[str, str] = {}
        sentence = self._phrases.fill(_text(fact, language), picks)
        question = self._phrases.fill(self._phrases.choice(fact.ask_en if language == "en" else fact.ask_zh), picks)
        sentences = [sentence]
        while len(sentences) < MAX_PASSAGES and self._phrases.chance(0.65):
            # The same kind of fact about other things makes the model compare names, not shapes.
            other = fact if self._phrases.chance(0.35) else self._any_fact(language)
            sentences.append(self._phrases.fill(_text(other, language), {}))
        return self.about(sentences, question, language)

    def about(self, sentences: list[str], question: str, language: Language) -> SampledConversation:
        """Return *question* laid out with *sentences*, of which the first holds the answer."""
        answer, *others = sentences
        if others and self._phrases.chance(0.12):
            return self._laid_out(others, question, self._unknown(language), language)
        place = self._phrases.choice(range(len(sentences)))
        shown = [*others[:place], answer, *others[place:]]
        return self._laid_out(shown, question, f"{answer} [{place + 1}]", language)

    def _laid_out(self, sentences: list[str], question: str, answer: str, language: Language) -> SampledConversation:
        numbered = [f"[{number}] {sentence}" for number, sentence in enumerate(sentences, 1)]
        layout = self._phrases.choice(self._passages.layouts_en if language == "en" else self._passages.layouts_zh)
        text = layout.replace("{passages}", "\n".join(numbered)).replace("{question}", question)
        opening = self._passages.system_en if language == "en" else self._passages.system_zh
        first = [system(self._phrases.choice(opening))] if self._phrases.chance(0.6) else []
        return SampledConversation(messages=(*first, user(text), assistant(answer)))

    def _any_fact(self, language: Language) -> CorpusFact:
        return self._phrases.choice(self._facts[language])

    def _unknown(self, language: Language) -> str:
        return self._passages.unknown_en if language == "en" else self._passages.unknown_zh


def _text(fact: CorpusFact, language: Language) -> str:
    return fact.en if language == "en" else fact.zh
