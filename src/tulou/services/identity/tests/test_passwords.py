"""Passwords: which are good enough, how they are hashed, and how many at a time."""

import asyncio

import pytest

from tulou.kernel.errors import InvalidError, UnavailableError
from tulou.services.identity.domain.passwords import check_password
from tulou.services.identity.service.passwords import Passwords
from tulou.services.identity.settings import IdentitySettings
from tulou.services.identity.tests.conftest import CHEAP


@pytest.mark.parametrize(
    "password",
    [
        "four words are fine",
        "8392 1847 2938",
        "xkq-92md-77ab",
        "ein Pferd frisst keinen Gurkensalat",
        "пароль подлиннее",
        "密码要长一些才安全可靠哦哦",
        "no Rules OF composition",
        " spaces count too ",
    ],
)
def test_length_alone_makes_a_password_good(password: str) -> None:
    check_password(password, least=12, about=("ana", "ana@example.org"))


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevenchars", "12 to 256"),
        ("x" * 257, "12 to 256"),
        ("passwordpassword", "guessed first"),
        ("Password12345", "guessed first"),
        ("QWERTYUIOP123", "guessed first"),
        ("aaaaaaaaaaaaaa", "guessed first"),
        ("abcabcabcabcabc", "guessed first"),
        ("hello!hello!hello!", "guessed first"),
        ("890123456789", "guessed first"),
        ("210987654321", "guessed first"),
        ("tab\there is a tab", "control characters"),
        ("anastasia-2024", "a name that is known"),
        ("Tulou-Tulou-Tulou-1", "a name that is known"),
        ("\N{COMBINING ACUTE ACCENT}" * 12, "guessed first"),
    ],
)
def test_what_is_guessed_first_is_refused(password: str, why: str) -> None:
    with pytest.raises(InvalidError, match=why) as refused:
        check_password(password, least=12, about=("anastasia", "example"))
    assert refused.value.param == "password"
    assert password not in str(refused.value)


async def test_however_a_keyboard_composes_its_letters_it_is_the_same_password() -> None:
    passwords = Passwords(CHEAP)
    kept = await passwords.hashed("Caf\N{LATIN SMALL LETTER E WITH ACUTE} au lait ohne Zucker")
    assert await passwords.matches(kept, "Cafe\N{COMBINING ACUTE ACCENT} au lait ohne Zucker")
    assert not await passwords.matches(kept, "Cafe au lait ohne Zucker")
    assert not await passwords.matches(kept, "\ud800" * 20)


async def test_the_default_is_argon2id_as_rfc_9106_recommends_it() -> None:
    kept = await Passwords(IdentitySettings()).hashed("four words are fine")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_nobodys_password_matches_nothing_and_a_damaged_hash_neither() -> None:
    passwords = Passwords(CHEAP)
    assert not await passwords.matches("", "nobody has this password")
    assert not await passwords.matches("$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA", "four words are fine")
    assert not await passwords.matches("no hash at all", "four words are fine")


async def test_a_hash_of_other_costs_is_renewed() -> None:
    cheap, dearer = Passwords(CHEAP), Passwords(IdentitySettings(argon2_passes=2, argon2_memory_kib=8, argon2_lanes=1))
    kept = await cheap.hashed("four words are fine")
    assert await cheap.renewed(kept, "four words are fine") is None
    renewed = await dearer.renewed(kept, "four words are fine")
    assert renewed is not None
    assert "t=2" in renewed
    assert await dearer.matches(renewed, "four words are fine")


async def test_too_many_at_once_are_told_to_come_back() -> None:
    passwords = Passwords(
        IdentitySettings(argon2_passes=1, argon2_memory_kib=8, argon2_lanes=1, hashes=1, hashes_waiting=1)
    )
    tries = [passwords.matches("", "four words are fine") for _ in range(5)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    refused = [result for result in results if isinstance(result, UnavailableError)]
    assert [result for result in results if result not in refused] == [False, False]
    assert all(error.retry_after_s for error in refused)
    assert not await passwords.matches("", "four words are fine")
