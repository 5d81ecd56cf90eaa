"""What is sealed opens only whole, only here, and only where it belongs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tulou.chassis.vault import SECRET_MOST, Vault, key_of
from tulou.kernel.errors import InvalidError, TulouError, UnavailableError
from tulou.testing.keys import master_key


@settings(max_examples=50)
@given(st.binary(max_size=300), st.text(max_size=40))
async def test_whatever_is_sealed_opens_again(secret: bytes, bound_to: str) -> None:
    vault = Vault(master_key())
    assert await vault.open(await vault.seal(secret, bound_to=bound_to), bound_to=bound_to) == secret


async def test_the_same_secret_is_never_sealed_alike_and_never_shows() -> None:
    vault = Vault(master_key())
    one, other = await vault.seal(b"sk-shown", bound_to="a"), await vault.seal(b"sk-shown", bound_to="a")
    assert one.split(".")[0] == "tulou1"
    assert one.split(".")[2:] != other.split(".")[2:]
    assert "sk-shown" not in one


async def test_a_sealed_text_that_was_moved_to_another_row_does_not_open() -> None:
    vault = Vault(master_key())
    sealed = await vault.seal(b"sk", bound_to="row-1")
    with pytest.raises(InvalidError, match="what was sealed for 'row-2' does not open: it was changed or moved"):
        await vault.open(sealed, bound_to="row-2")


async def test_no_part_of_a_sealed_text_can_be_changed() -> None:
    vault = Vault(master_key())
    sealed = await vault.seal(b"sk", bound_to="row")
    for place in range(0, len(sealed), 3):
        other = "A" if sealed[place] != "A" else "B"
        with pytest.raises(TulouError):
            await vault.open(sealed[:place] + other + sealed[place + 1 :], bound_to="row")


@pytest.mark.parametrize("text", ["", "tulou1", "sk-plain", "tulou2.k.aaaa.bbbb", "tulou1.k.a.b", "tulou1.k.aaaa.a"])
async def test_what_is_no_sealed_text_is_refused_without_being_said(text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await Vault(master_key()).open(text, bound_to="row")
    assert not text or text not in str(refused.value)


async def test_another_house_does_not_open_it() -> None:
    sealed = await Vault(master_key()).seal(b"sk", bound_to="row")
    other = master_key()
    with pytest.raises(InvalidError):
        await Vault(other).open(sealed, bound_to="row")
    with pytest.raises(UnavailableError, match="no master key"):
        await Vault(other).open(sealed.replace(key_of(sealed), "gone"), bound_to="row")


async def test_what_is_too_large_for_a_secret_is_refused() -> None:
    with pytest.raises(InvalidError, match="at most"):
        await Vault(master_key()).seal(bytes(SECRET_MOST + 1), bound_to="row")
