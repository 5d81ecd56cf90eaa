"""From a recipe to files, and back to them after a crash."""

from pathlib import Path

import pytest

from tulou.contracts.jobs.messages import Job
from tulou.kernel.errors import NotFoundError
from tulou.ports.trainer import TrainProgress
from tulou.services.training.builder import SOURCE, WEIGHTS, BuiltModel, ModelBuilder
from tulou.services.training.cookbook import read_dish, read_sheet
from tulou.services.training.domain.recipes import chosen_profile
from tulou.services.training.domain.scoring import known_answers
from tulou.services.training.tests.fakes import Attempt, CopyingConverter, WritingTrainer
from tulou.services.training.tests.test_runs import JOB

JOB_1: Job = JOB


async def cooked(trainer: WritingTrainer, folder: Path, attempt: Attempt) -> BuiltModel:
    told: list[TrainProgress] = []
    kitchen = ModelBuilder(trainer, CopyingConverter(), threads=1)
    return await kitchen.cook(read_dish("demo", "quick"), folder, attempt, told.append)


async def test_a_dish_holds_engine_weights_their_source_and_a_card_with_its_scores(tmp_path: Path) -> None:
    dish = read_dish("demo", "quick")
    trainer = WritingTrainer(answer=known_answers(dish.corpus)["hello"][0])
    made = await cooked(trainer, tmp_path, Attempt(JOB_1))
    assert next(name for name, _ in made.files) == WEIGHTS
    assert f"{SOURCE}/model.safetensors" in dict(made.files)
    assert made.facts.quantization == "Q8_0"
    chat = next(score for score in made.scores if score.group == "chat")
    assert 0 < chat.right < chat.asked
    assert f"| chat | {chat.right} of {chat.asked} |" in made.card
    assert "{{" not in made.card
    assert trainer.specs[0].threads == 1


async def test_an_answer_with_a_line_separator_is_one_answer(tmp_path: Path) -> None:
    made = await cooked(WritingTrainer(answer="yes\u2028and\x85no"), tmp_path, Attempt(JOB_1))
    assert {score.right for score in made.scores if score.group == "chat"} == {0}


async def test_what_a_killed_attempt_had_trained_is_not_trained_again(tmp_path: Path) -> None:
    trainer, attempt = WritingTrainer(), Attempt(JOB_1)
    first = await cooked(trainer, tmp_path, attempt)
    second = await cooked(trainer, tmp_path, Attempt(JOB_1, attempt.steps))
    assert len(trainer.specs) == 1
    assert second == first


async def test_a_folder_that_is_gone_is_trained_anew(tmp_path: Path) -> None:
    trainer, attempt = WritingTrainer(), Attempt(JOB_1)
    await cooked(trainer, tmp_path, attempt)
    (tmp_path / "b").mkdir()
    for path in (tmp_path / "model").iterdir():
        path.unlink()
    await cooked(trainer, tmp_path / "b", Attempt(JOB_1, attempt.steps))
    assert len(trainer.specs) == 2


def test_unknown_recipes_and_profiles_are_answered_with_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="there are demo"):
        read_sheet("cake")
    with pytest.raises(NotFoundError, match="there are quick, full"):
        chosen_profile(read_sheet("demo"), "huge")
