"""A corpus told as conversations, in the shape of chat messages."""

from collections.abc import Callable, Iterator, Mapping
from random import Random

from tulou.services.training.domain.calls import CallExamples
from tulou.services.training.domain.corpus import Corpus, CorpusEntry, Language
from tulou.services.training.domain.exchange import SampledConversation, assistant, system, user
from tulou.services.training.domain.intents import IntentRequests
from tulou.services.training.domain.passages import PassageQuestions
from tulou.services.training.domain.phrases import Phrases

SHARE_OF_CHINESE = 0.45
MAX_TRIES = 50
DOUBLED = (("吗吗", "吗"), ("吗呢", "吗"), ("?？", "？"))  # noqa: RUF001  # Chinese has its own marks
SHARE_OF_LONGER_TALK = 0.2
TURNS = (2, 2, 2, 2, 2, 3, 3, 3, 4, 6, 10)  # now and then long: positions never trained on are not understood


class ConversationSampler:
    """Endless conversations out of a corpus, mixed by weight; questions in *held_out* (see `plain`) are never told."""

    def __init__(
        self,
        corpus: Corpus,
        mix: Mapping[str, float],
        *,
        seed: int,
        held_out: frozenset[str],
        single_turns: bool = False,
    ) -> None:
        self._random = Random(seed)  # noqa: S311  # chance for data, not for secrets
        self._corpus = corpus
        self._held_out = held_out
        self._turns = (1,) if single_turns else TURNS
        self._phrases = Phrases(corpus.slots, self._random)
        self._intents = IntentRequests(corpus.intents, self._phrases)
        self._calls = CallExamples(corpus.tools, self._phrases)
        self._passages = PassageQuestions(corpus.passages, self._phrases)
        self._asked_for = [entry for entry in corpus.entries for _ in range(entry.weight)]
        self._knowledge = [entry for entry in corpus.entries if entry.frame in ("what", "how")]
        self._kinds = list(mix)
        self._weights = list(mix.values())
        self._by_kind: dict[str, Callable[[Language], SampledConversation]] = {
            "entry": self._chat,
            "refusal": self._refusal,
            "intent": self._intents.told,
            "tool": self._tool,
            "passage": self._passage,
        }

    def conversations(self, count: int) -> Iterator[SampledConversation]:
        """Yield *count* conversations."""
        for _ in range(count):
            yield self._one()

    def _one(self) -> SampledConversation:
        for _ in range(MAX_TRIES):
            kind = self._random.choices(self._kinds, self._weights)[0]
            told = self._by_kind[kind]("zh" if self._phrases.chance(SHARE_OF_CHINESE) else "en")
            if not any(plain(text) in self._held_out for text in told.questions()):
                return told
        raise ValueError(f"{MAX_TRIES} conversations in a row were held out; the corpus has too few phrasings")

    def _chat(self, language: Language) -> SampledConversation:
        opening = (
            [system(self._phrases.choice(self._corpus.frames["system"][language]))]
            if self._phrases.chance(0.25)
            else []
        )
        turns = self._phrases.choice(self._turns) if self._phrases.chance(SHARE_OF_LONGER_TALK) else 1
        messages = [message for _ in range(turns) for message in self._turn(language)]
        return SampledConversation(messages=(*opening, *messages))

    def _turn(self, language: Language) -> tuple[dict[str, object], dict[str, object]]:
        if self._phrases.chance(0.12):
            question, answer = self._refused(language)
        else:
            question, answer = self._asked(language)
        return user(question), assistant(answer)

    def _refusal(self, language: Language) -> SampledConversation:
        opening = (
            [system(self._phrases.choice(self._corpus.frames["system"][language]))]
            if self._phrases.chance(0.25)
            else []
        )
        question, answer = self._refused(language)
        return SampledConversation(messages=(*opening, user(question), assistant(answer)))

    def _tool(self, language: Language) -> SampledConversation:
        if self._phrases.chance(0.3):
            question, answer = self._asked(language) if self._phrases.chance(0.7) else self._refused(language)
            return self._calls.ignored(question, answer)
        return self._calls.told(language)

    def _passage(self, language: Language) -> SampledConversation:
        if self._phrases.chance(0.4):
            entries = self._random.sample(self._knowledge, self._random.randint(1, 4))
            texts = [_answer(entry, language) for entry in entries]
            return self._passages.about(texts, self._question(entries[0], language), language)
        return self._passages.told(language)

    def _refused(self, language: Language) -> tuple[str, str]:
        refusals = self._corpus.refusals
        refusal = self._phrases.choice(refusals) if self._phrases.chance(0.4) else refusals[0]
        template = self._phrases.choice(refusal.en if language == "en" else refusal.zh)
        question = self._phrases.fill(template, {})
        answer = refusal.answer_en if language == "en" else refusal.answer_zh
        return self._phrases.mannered(question, language, self._corpus.frames["manner"]), answer

    def _asked(self, language: Language) -> tuple[str, str]:
        entry = self._phrases.choice(self._asked_for)
        return self._question(entry, language), _answer(entry, language)

    def _question(self, entry: CorpusEntry, language: Language) -> str:
        subjects, own = (entry.en, entry.more_en) if language == "en" else (entry.zh, entry.more_zh)
        if own and self._phrases.chance(0.25):
            question = self._phrases.choice(own)
        else:
            frame = self._phrases.choice(self._corpus.frames[entry.frame][language])
            question = frame.replace("{x}", self._phrases.choice(subjects))
        for doubled, mended in DOUBLED:
            question = question.replace(doubled, mended)
        question = question[0].upper() + question[1:]
        return self._phrases.mannered(question, language, self._corpus.frames["manner"])


def plain(question: str) -> str:
    """Return *question* without case, spaces and punctuation, to compare phrasings."""
    return "".join(character for character in question.lower() if character.isalnum())


def _answer(entry: CorpusEntry, language: Language) -> str:
    return entry.answer_en if language == "en" else entry.answer_zh
