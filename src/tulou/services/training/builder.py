"""From a recipe to files ready to be published: told, trained, scored, converted, quantized."""

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from tulou.chassis.jobs import JobRun
from tulou.contracts.training.messages import Score
from tulou.kernel.message import message
from tulou.ports.converter import Converter, ModelFacts
from tulou.ports.trainer import TrainedModel, Trainer, TrainProgress
from tulou.services.training.domain.cards import write_card
from tulou.services.training.domain.conversations import ConversationSampler
from tulou.services.training.domain.recipes import SizedRecipe
from tulou.services.training.domain.scoring import score

TRAINED = "trained"
WEIGHTS = "model.gguf"
SOURCE = "source"
"""Where in the artifact the Hugging Face folder lies, so that others can go on from it."""

Tell = Callable[[TrainProgress], None]


@message
class BuiltModel:
    """Files under their names in the artifact, and what is known of them."""

    files: tuple[tuple[str, Path], ...]
    facts: ModelFacts
    trained: TrainedModel
    scores: tuple[Score, ...]
    card: str


class ModelBuilder:
    """Makes models in a folder; what an earlier attempt at the same job trained there is not trained again."""

    def __init__(self, trainer: Trainer, converter: Converter, *, threads: int) -> None:
        self._trainer = trainer
        self._converter = converter
        self._threads = threads

    async def cook(self, dish: SizedRecipe, folder: Path, run: JobRun, tell: Tell) -> BuiltModel:
        """Return what is to be published; raise `InvalidError` for a recipe that cannot be trained."""
        trained = await self._trained(dish, folder, run, tell)
        scores = await asyncio.to_thread(_scores, dish, trained)
        tell(TrainProgress(stage="converting"))
        whole, target = folder / "model.f16.gguf", folder / WEIGHTS
        await self._converter.convert(trained.folder, str(whole), lambda _: None)
        facts = await self._converter.quantize(str(whole), str(target), dish.sheet.quantization, lambda _: None)
        return BuiltModel(
            files=((WEIGHTS, target), *await asyncio.to_thread(_source_files, Path(trained.folder))),
            facts=facts,
            trained=trained,
            scores=tuple(scores),
            card=write_card(dish, trained, scores),
        )

    async def _trained(self, dish: SizedRecipe, folder: Path, run: JobRun, tell: Tell) -> TrainedModel:
        if recorded := run.step(TRAINED):
            trained = msgspec.json.decode(recorded, type=TrainedModel)
            if await asyncio.to_thread(_is_whole, trained):
                return trained
        tell(TrainProgress(stage="preparing"))
        conversations, questions = folder / "conversations.jsonl", folder / "questions.jsonl"
        await asyncio.to_thread(write_conversations, dish, conversations)
        await asyncio.to_thread(_write_questions, dish, questions)
        spec = dish.spec(str(conversations), str(questions), threads=self._threads)
        trained = await self._trainer.train(spec, str(folder), tell)
        await run.record(TRAINED, msgspec.json.encode(trained).decode())
        return trained


def write_conversations(dish: SizedRecipe, path: Path) -> None:
    """Write what the model is trained on; the same recipe and seed write the same bytes."""
    profile = dish.profile
    telling = ConversationSampler(
        dish.corpus,
        profile.mix,
        seed=profile.seed,
        held_out=dish.evaluation.held_out(),
        single_turns=profile.single_turns,
    ).conversations(profile.conversations)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(_line(told.as_json()) for told in telling)


def _write_questions(dish: SizedRecipe, path: Path) -> None:
    asked = dish.evaluation
    with path.open("w", encoding="utf-8") as file:
        file.writelines(_line(asked.conversation(question)) for question in asked.question)


def _scores(dish: SizedRecipe, trained: TrainedModel) -> Sequence[Score]:
    lines = Path(trained.answers).read_bytes().splitlines()  # of bytes: a text has more ends of lines than JSON escapes
    return score(dish.evaluation, dish.corpus, [str(json.loads(line)["content"]) for line in lines])


def _is_whole(trained: TrainedModel) -> bool:
    return (Path(trained.folder) / "tokenizer_config.json").is_file() and Path(trained.answers).is_file()


def _source_files(folder: Path) -> list[tuple[str, Path]]:
    return [(f"{SOURCE}/{path.name}", path) for path in sorted(folder.iterdir())]


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"
