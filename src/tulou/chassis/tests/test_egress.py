"""Which hosts are asked through a proxy."""

import pytest

from tulou.kernel.egress import Egress
from tulou.kernel.errors import InvalidError

PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("host", "through"),
    [
        ("idp.example", True),
        ("10.1.2.3", False),
        ("11.1.2.3", True),
        ("fd00::5", False),
        ("2001:db8::1", True),
        ("inside.example", False),
        ("vault.Inside.Example.", False),
        ("notinside.example", True),
        ("localhost", False),
        ("house.localhost", False),
        ("127.0.0.9", False),
        ("::1", False),
    ],
)
def test_a_host_is_asked_through_the_proxy_unless_it_is_excepted_or_this_machine(host: str, *, through: bool) -> None:
    egress = Egress(PROXY, (".inside.example", "10.0.0.0/8", "fd00::/8"))
    assert egress.proxy_for(host) == (PROXY if through else "")


def test_without_a_proxy_nobody_is_asked_through_one() -> None:
    assert Egress().proxy_for("idp.example") == ""


@pytest.mark.parametrize("proxy", ["proxy.example:3128", "socks5://proxy.example", "http://", "http://a b", "nonsense"])
def test_what_is_no_address_of_a_proxy_is_refused(proxy: str) -> None:
    with pytest.raises(InvalidError, match="proxy"):
        Egress(proxy)


def test_a_password_in_the_settings_is_refused_without_being_said() -> None:
    with pytest.raises(InvalidError, match=r"write env://NAME or file://PATH") as refused:
        Egress("http://me:secret@proxy.example")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("entry", ["", ".", "10.0.0.0/99", "a/b"])
def test_what_is_neither_a_name_nor_a_network_is_refused(entry: str) -> None:
    with pytest.raises(InvalidError, match="neither a name nor a network"):
        Egress(PROXY, (entry,))
