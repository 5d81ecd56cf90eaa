from collections.abc import Sequence

import pytest

from tulou.engines.openvino.writing import Detokenizer, StopWatch


def decode(tokens: Sequence[int]) -> str:
    return bytes(tokens).decode("utf-8", "ignore")


def test_a_character_comes_whole_with_its_last_byte() -> None:
    writer = Detokenizer(decode)
    assert [writer.add([byte]) for byte in "土é".encode()] == ["", "", "土", "", "é"]


def test_a_long_text_comes_out_as_it_is() -> None:
    writer, text = Detokenizer(decode), "圆楼 a round house, " * 40
    assert "".join(writer.add([byte]) for byte in text.encode()) == text


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        (["one STOP two"], "one "),
        (["one S", "TO", "P two"], "one "),
        (["one ST", "ONE"], "one STONE"),
        (["SSTOP"], "S"),
        (["nothing"], "nothing"),
    ],
)
def test_nothing_of_a_stop_string_is_said_and_nothing_else_is_lost(pieces: list[str], said: str) -> None:
    watch, heard = StopWatch(("STOP", "END")), ""
    for piece in pieces:
        heard += watch.add(piece)
        if watch.stopped:
            break
    assert heard + watch.rest() == said


def test_without_stop_strings_nothing_is_held_back() -> None:
    assert StopWatch(()).add("abc") == "abc"
