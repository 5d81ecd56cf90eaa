"""Lines of an input file, as people write them."""

from tulou.contracts.batches.messages import BatchFault
from tulou.services.batches.domain import read_line

CHAT = "/v1/chat/completions"


def test_a_line_that_is_nested_too_deeply_is_a_fault_of_the_line() -> None:
    nested = b"[" * 5000 + b"]" * 5000
    line = b'{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m","x":%b}}' % nested

    fault = read_line(3, line, CHAT)

    assert isinstance(fault, BatchFault)
    assert (fault.line, fault.code) == (3, "invalid_line")
