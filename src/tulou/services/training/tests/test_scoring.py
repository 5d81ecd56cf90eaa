"""When an answer is right."""

import pytest

from tulou.contracts.training.messages import Score
from tulou.services.training.cookbook import read_dish
from tulou.services.training.domain.scoring import Question, is_right, known_answers, score

KNOWN = {"start": ("Run `tulou up`.", "运行 `tulou up`。")}
CALL = Question(group="tool", ask="?", offers=("weather",), call={"name": "w", "arguments": {"city": "Oslo"}})
SUM = Question(group="intent", ask="?", json={"intent": "scale", "replicas": 3})
PASSAGE = Question(group="passage", ask="?", says=("noon", "[2]"))
FAQ = Question(group="faq", ask="?", answer_of="start")


@pytest.mark.parametrize(
    ("question", "answer", "right"),
    [
        (FAQ, " 运行 `tulou up`。", True),
        (FAQ, "Run `tulou down`.", False),
        (SUM, '{"replicas":3,"intent":"scale"}', True),
        (SUM, '{"replicas":"3","intent":"scale"}', False),
        (SUM, "three replicas", False),
        (CALL, 'ok <tool_call>\n{"name": "w", "arguments": {"city": "Oslo"}}\n</tool_call>', True),
        (CALL, '{"name": "w", "arguments": {"city": "Oslo"}}', False),
        (CALL, '<tool_call>{"name": "w", "arguments": {"city": }}</tool_call>', False),
        (PASSAGE, "Letters are collected at noon. [2]", True),
        (PASSAGE, "Letters are collected at noon. [1]", False),
    ],
)
def test_an_answer_is_right_when_it_is_what_was_expected(question: Question, answer: str, right: bool) -> None:  # noqa: FBT001
    assert is_right(question, answer, KNOWN) is right


def test_perfect_answers_score_all_groups() -> None:
    dish = read_dish("demo", "full")
    known = known_answers(dish.corpus)
    faq = [question for question in dish.evaluation.question if question.answer_of]
    only_faq = type(dish.evaluation)(tools={}, question=tuple(faq))
    scores = score(only_faq, dish.corpus, [known[question.answer_of][0] for question in faq])
    assert all(each.right == each.asked for each in scores)
    assert Score(group="chat", right=12, asked=12) in scores
