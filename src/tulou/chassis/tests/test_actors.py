"""Who acts is known, in process and between processes, or nothing is decided."""

import msgspec
import pytest

from tulou.chassis.actors import actor_from
from tulou.chassis.context_header import STRANGER, read, written
from tulou.chassis.reach import Reach, reach
from tulou.kernel.context import (
    CONTEXT,
    NOBODY,
    Actor,
    AnonymousActor,
    Context,
    HouseActor,
    KeyActor,
    SessionActor,
    acting,
    as_house,
)
from tulou.kernel.errors import ForbiddenError
from tulou.testing.missing import missing

ANA = KeyActor(tenant="north", principal="ana", id="key_1")
BO = SessionActor(tenant="south", principal="bo", id="session_1")
FORMER: dict[str, object] = {
    "request_id": "req_1",
    "tenant": "",
    "principal": "",
    "key": "",
    "deadline": None,
    "traceparent": "",
    "session": "",
    "project": "",
    "roles": [],
    "house": False,
    "tenant_wide": False,
    "projects": [],
    "reason": "",
}
"""What the version before actors wrote."""


def test_a_context_that_says_nothing_is_nobodys_and_reaches_nothing() -> None:
    nobody = Reach(Context())
    assert Context().actor == AnonymousActor()
    assert not any((nobody.itself, nobody.house, nobody.sees(""), nobody.sees("north"), nobody.covers("north", "web")))
    assert (nobody.within, nobody.whole_tenant) == ((), "")
    with pytest.raises(ForbiddenError):
        nobody.check_house()


def test_what_nobody_asks_is_not_decided_about_but_refused_and_counted() -> None:
    before = missing("decision")
    with acting(NOBODY), pytest.raises(ForbiddenError, match="nobody is known to ask"):
        reach()
    assert missing("decision") == before + 1


@pytest.mark.parametrize("who", [ANA, BO])
def test_the_house_acts_for_a_reason_and_remembers_who_had_it_act(who: KeyActor | SessionActor) -> None:
    with acting(Context(actor=who, request_id="req_1", project="web", house=True)):
        with as_house("a plan is made"), as_house("a part of it"):
            house = CONTEXT.get()
        assert CONTEXT.get().actor == who
    assert house.actor == HouseActor(reason="a part of it", asked_by=who)
    assert (house.tenant, house.principal, house.key, house.session, house.project) == ("", "", "", "", "")
    assert (house.author, house.person, house.request_id) == (who.principal, who, "req_1")
    assert Reach(house).house


@pytest.mark.parametrize(
    "actor", [ANA, BO, HouseActor(reason="a look"), HouseActor(reason="a job", asked_by=BO), AnonymousActor()]
)
def test_a_context_comes_to_another_process_as_it_was(actor: Actor) -> None:
    sent = Context(actor=actor, request_id="req_1", roles=("viewer",), projects=("web",), reason="因为")
    header = written(sent)
    assert header.isascii()
    assert read(header) == sent


@pytest.mark.parametrize(
    ("actor", "tenant", "principal"),
    [
        (ANA, "north", "ana"),
        (BO, "south", "bo"),
        (HouseActor(reason="a job", asked_by=ANA), "", ""),
        (AnonymousActor(), "", STRANGER),
    ],
)
def test_a_process_of_the_version_before_takes_the_house_alone_for_the_house(
    actor: Actor, tenant: str, principal: str
) -> None:
    told = msgspec.json.decode(written(Context(actor=actor)), type=dict[str, object])
    assert (told["tenant"], told["principal"]) == (tenant, principal)
    assert set(FORMER) <= set(told)


@pytest.mark.parametrize(
    ("said", "actor"),
    [
        ({"tenant": "north", "principal": "ana", "key": "key_1"}, ANA),
        ({"tenant": "south", "principal": "bo", "session": "session_1"}, BO),
        ({"principal": "ana"}, KeyActor(tenant="", principal="ana")),
        ({}, HouseActor(reason="asked by a process of an older version")),
    ],
)
def test_what_a_process_of_the_version_before_asks_it_asks_as_who_it_names(said: dict[str, str], actor: Actor) -> None:
    assert read(msgspec.json.encode(FORMER | said).decode()).actor == actor


@pytest.mark.parametrize("header", [None, "", "{}", '{"request_id":"req_1"}', '{"house":true}'])
def test_a_call_that_says_nothing_of_who_asks_is_nobodys(header: str | None) -> None:
    assert read(header).actor == AnonymousActor()


@pytest.mark.parametrize("header", ["[]", "nothing", '{"actor":{"type":"king"}}', '{"actor":null}', '{"actor":{}}'])
def test_a_context_that_cannot_be_is_refused(header: str) -> None:
    with pytest.raises(msgspec.MsgspecError):
        read(header)


@pytest.mark.parametrize(
    "stored", ["", "{}", "null", "nothing", "[", '{"type":"plugin","name":"north"}', '{"type":"key"}']
)
def test_an_actor_of_a_store_that_cannot_be_read_is_nobody_and_no_failure(stored: str) -> None:
    assert actor_from(stored) is None
