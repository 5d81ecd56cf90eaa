"""Service accounts: what they may be, and the tokens that are asked for with them."""

import asyncio

import pytest
from joserfc.jwk import ECKey

from tulou.kernel.errors import InvalidError, UnavailableError
from tulou.ports.token_endpoint import TokenReply
from tulou.services.upstreams.access_tokens import AccessTokens
from tulou.services.upstreams.domain.checks import clean_secret
from tulou.services.upstreams.domain.service_account import ServiceAccount, parse, signing_key
from tulou.services.upstreams.tests.google import KEY, FakeTokens, account
from tulou.testing.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def endpoint(clock: ManualClock) -> FakeTokens:
    return FakeTokens(clock)


@pytest.fixture
def tokens(endpoint: FakeTokens, clock: ManualClock) -> AccessTokens:
    return AccessTokens(endpoint, clock=clock)


def given(**changes: str) -> ServiceAccount:
    return parse(clean_secret(account(**changes)))


async def test_an_account_signs_who_it_is_and_its_token_is_kept_for_half_of_its_life(
    tokens: AccessTokens, endpoint: FakeTokens, clock: ManualClock
) -> None:
    assert await tokens.token("c", given()) == "ya29.1"
    clock.advance(1799)
    assert await tokens.token("c", given()) == "ya29.1"
    clock.advance(2)
    assert await tokens.token("c", given()) == "ya29.2"
    assert len(endpoint.asked) == 2


async def test_all_who_want_a_token_at_once_wait_for_one_answer_and_one_that_leaves_ends_it_for_nobody(
    tokens: AccessTokens, endpoint: FakeTokens
) -> None:
    leaves = asyncio.create_task(tokens.token("c", given()))
    others = [asyncio.create_task(tokens.token("c", given())) for _ in range(20)]
    await asyncio.sleep(0)
    leaves.cancel()
    assert set(await asyncio.gather(*others)) == {"ya29.1"}
    assert len(endpoint.asked) == 1
    with pytest.raises(asyncio.CancelledError):
        await leaves


async def test_while_the_giver_is_away_the_token_is_used_to_its_end_and_it_is_not_asked_all_the_time(
    tokens: AccessTokens, endpoint: FakeTokens, clock: ManualClock
) -> None:
    await tokens.token("c", given())
    endpoint.away = True
    clock.advance(2000)
    for _ in range(10):
        assert await tokens.token("c", given()) == "ya29.1"
    assert len(endpoint.asked) == 2
    clock.advance(1601)
    with pytest.raises(UnavailableError, match="no token"):
        await tokens.token("c", given())
    endpoint.away = False
    clock.advance(121)
    assert await tokens.token("c", given()) == "ya29.4"


async def test_another_key_under_the_same_credential_asks_for_a_token_of_its_own(
    tokens: AccessTokens, endpoint: FakeTokens
) -> None:
    await tokens.token("c", given())
    assert await tokens.token("c", given(project_id="other")) == "ya29.1"
    assert await tokens.token("c", given(token_uri="https://oauth2.example/token", client_id="1")) == "ya29.1"
    endpoint.reply = TokenReply(400, b'{"error":"invalid_grant","error_description":"Invalid JWT Signature."}')
    with pytest.raises(InvalidError, match="refused \\(invalid_grant\\)"):
        await tokens.token("c", given(private_key_id="key-2"))


async def test_a_token_that_is_refused_is_renewed_unless_it_is_too_young_to_have_ended(
    tokens: AccessTokens, clock: ManualClock
) -> None:
    assert not tokens.forget("c")
    await tokens.token("c", given())
    assert not tokens.forget("c")
    clock.advance(61)
    assert tokens.forget("c")
    assert await tokens.token("c", given()) == "ya29.2"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (TokenReply(400, b'{"error":"invalid_grant"}'), InvalidError),
        (TokenReply(401, b"<html>"), InvalidError),
        (TokenReply(403, b'{"error":["odd"]}'), InvalidError),
        (TokenReply(500, b""), UnavailableError),
        (TokenReply(302, b""), UnavailableError),
        (TokenReply(200, b""), UnavailableError),
        (TokenReply(200, b"\xff"), UnavailableError),
        (TokenReply(200, b"[]"), UnavailableError),
        (TokenReply(200, b'{"access_token":""}'), UnavailableError),
        (TokenReply(200, b'{"access_token":7}'), UnavailableError),
        (TokenReply(200, b'{"access_token":"a b"}'), UnavailableError),
        (TokenReply(200, b'{"access_token":"a\\r\\nx: y"}'), UnavailableError),
        (TokenReply(200, b'{"access_token":"' + b"a" * 9_000 + b'"}'), UnavailableError),
        (TokenReply(200, b'{"access_token":"a","token_type":"mac"}'), UnavailableError),
    ],
)
async def test_what_is_no_token_is_none_and_a_refusal_names_the_account_and_never_its_key(
    tokens: AccessTokens, endpoint: FakeTokens, reply: TokenReply, kind: type[Exception]
) -> None:
    endpoint.reply = reply
    with pytest.raises(kind) as caught:
        await tokens.token("c", given())
    assert "PRIVATE" not in str(caught.value)
    assert "house@project" in str(caught.value)


@pytest.mark.parametrize("lasts", [None, "3600", -5, 0, True, 1e30, [1]])
async def test_a_life_that_cannot_be_is_taken_for_a_short_one(
    tokens: AccessTokens, endpoint: FakeTokens, clock: ManualClock, lasts: object
) -> None:
    endpoint.lasts_s = lasts
    await tokens.token("c", given())
    clock.advance(200)
    assert await tokens.token("c", given()) == "ya29.2"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"type": "authorized_user"}, "not service_account"),
        ({"type": "external_account"}, "not service_account"),
        ({"client_email": ""}, "no client_email"),
        ({"private_key": ""}, "no private_key"),
        ({"token_uri": ""}, "no token_uri"),
        ({"token_uri": "http://oauth2.example/token"}, "no https address"),
        ({"token_uri": "https://user:word@oauth2.example/token"}, "no https address"),
        ({"token_uri": "file:///etc/passwd"}, "no https address"),
        ({"client_email": "x" * 600}, "longer than"),
    ],
)
def test_what_is_no_service_account_is_refused_by_the_field_and_its_key_is_not_repeated(
    changes: dict[str, str], words: str
) -> None:
    with pytest.raises(InvalidError, match=words) as caught:
        given(**changes)
    assert "PRIVATE KEY" not in str(caught.value)


@pytest.mark.parametrize(
    "pem",
    [
        "not a key",
        KEY.as_pem(private=False).decode(),
        ECKey.generate_key("P-256").as_pem(private=True).decode(),
    ],
    ids=["text", "public", "elliptic"],
)
def test_a_key_that_cannot_sign_is_refused(pem: str) -> None:
    with pytest.raises(InvalidError, match="private_key"):
        signing_key(given(private_key=pem))


def test_an_account_never_shows_its_key() -> None:
    assert "PRIVATE" not in repr(given())
