"""Room that tenants share: none takes more than half, and what is given back can be taken again."""

import pytest

from tulou.kernel.errors import UnavailableError
from tulou.kernel.shares import FairShares


def test_one_tenant_takes_half_and_leaves_the_other_half() -> None:
    shares = FairShares(10, refusal=UnavailableError)
    shares.take("red", 5)

    with pytest.raises(UnavailableError, match="5 of the 5"):
        shares.take("red", 1)
    shares.take("blue", 5)
    with pytest.raises(UnavailableError, match="all 10"):
        shares.take("green", 1)


def test_what_is_given_back_can_be_taken_again_and_nothing_is_remembered_of_who_has_none() -> None:
    shares = FairShares(4, refusal=UnavailableError)
    for _ in range(100):
        with shares.holding("red", 2):
            assert shares.held == 2

    assert shares.held == 0
    assert vars(shares)["_of"] == {}


def test_where_there_is_one_place_one_tenant_may_have_it() -> None:
    shares = FairShares(1, refusal=UnavailableError)
    with shares.holding("red"), pytest.raises(UnavailableError), shares.holding("blue"):
        pass
