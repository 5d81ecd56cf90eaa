"""The models that a vendor lists are listed here, as far as they fit the entry and can be names."""

import msgspec
import pytest

from tulou.contracts.upstreams.messages import Provider
from tulou.services.serving.domain.listing import MODELS_CAP, list_url, listed
from tulou.services.serving.service.listing import VendorModels
from tulou.services.serving.tests.fakes import StatusProber
from tulou.testing.clock import ManualClock

OPENAI = Provider(name="openai", title="O", base_url="https://vendor.example/v1")


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (b'{"object":"list","data":[{"id":"gpt-4o"},{"id":"gpt-4o"},{"id":"o3"}]}', ("gpt-4o", "o3")),
        (b'[{"id":"meta/llama"}]', ("meta/llama",)),
        (b'{"models":[{"name":"models/gemini-2.5-pro"},{"name":"command-r"}]}', ("gemini-2.5-pro", "command-r")),
        (
            (
                b'{"models":[{"name":"models/a","supportedGenerationMethods":["generateContent"]},'
                b'{"name":"models/b","supportedGenerationMethods":["predict"]}]}'
            ),
            ("a",),
        ),
        (b'{"data":[{"id":7},{"id":"a b"},{"id":"../etc"},"x",null,{"id":"ok"}]}', ("ok",)),
        (b'{"data":{"id":"x"}}', ()),
        (b'{"error":"no"}', ()),
        (b"<html>", ()),
        (b"[" * 5_000, ()),
        (b"\xff\xfe", ()),
    ],
)
def test_names_are_read_out_of_what_vendors_list_and_nothing_out_of_what_is_no_list(
    body: bytes, names: tuple[str, ...]
) -> None:
    assert listed(body, "*") == names


def test_a_list_is_cut_to_what_fits_the_entry_and_to_a_bound() -> None:
    body = msgspec.json.encode({"data": [{"id": f"gpt-{number}"} for number in range(3 * MODELS_CAP)]})
    assert len(listed(body, "gpt-*")) == MODELS_CAP
    assert listed(body, "claude-*") == ()


def test_a_vendor_with_pages_is_asked_for_all_at_once_and_one_that_answers_nothing_for_free_not_at_all() -> None:
    assert list_url(OPENAI) == "https://vendor.example/v1/models"
    claude = Provider(name="c", title="C", base_url="https://vendor.example", dialect="anthropic")
    assert list_url(claude) == "https://vendor.example/v1/models?limit=1000"
    gemini = Provider(name="g", title="G", base_url="https://vendor.example", dialect="gemini")
    assert list_url(gemini) == "https://vendor.example/v1beta/models?pageSize=1000"
    assert list_url(Provider(name="o", title="O", base_url="https://vendor.example", probe="/key")) != ""
    assert list_url(Provider(name="b", title="B", base_url="https://vendor.example", probe="connect")) == ""


async def test_a_list_is_asked_for_now_and_then_and_kept_while_it_cannot_be_had() -> None:
    clock, prober = ManualClock(), StatusProber()
    models = VendorModels(prober, clock=clock, every_s=600.0, timeout_s=1.0)
    prober.body = b'{"data":[{"id":"a"}]}'
    assert await models.of("r", "*", OPENAI, {"authorization": "Bearer x"}) == ("a",)
    assert prober.headers == {"authorization": "Bearer x"}
    prober.body = b'{"data":[{"id":"b"}]}'
    assert await models.of("r", "*", OPENAI, {}) == ("a",)
    clock.advance(601)
    assert await models.of("r", "*", OPENAI, {}) == ("b",)
    prober.status = 0
    clock.advance(601)
    assert await models.of("r", "*", OPENAI, {}) == ("b",)
    assert len(prober.asked) == 3
    prober.status = 200
    clock.advance(61)
    prober.body = b'{"data":[]}'
    assert await models.of("r", "*", OPENAI, {}) == ()
    models.keep_only(frozenset())
    assert await models.of("r", "*", OPENAI, {}) == ()
    assert len(prober.asked) == 5
