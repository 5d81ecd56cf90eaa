"""Whatever changes, and whatever of it is lost, told twice or forgotten, a gateway ends with what control has."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from itertools import starmap
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tulou.contracts.governance.messages import PolicySet
from tulou.contracts.limits.messages import Limit
from tulou.contracts.metering.messages import PriceList
from tulou.contracts.routing.messages import WHOLE, Grant, Snapshot, Update, WatchSnapshot
from tulou.rules.routing.pieces import MANY, PIECE, joined, pieces
from tulou.rules.routing.ring import digest_of, ring_of_grants, ring_of_limits, whole
from tulou.services.gateway.quota.rules import LimitRules
from tulou.services.gateway.snapshot.disk import SnapshotFile
from tulou.services.gateway.snapshot.mirror import EMPTY, SnapshotMirror
from tulou.services.routing.changes import Changes
from tulou.services.routing.history import NO_GRANTS, NO_LIMITS, SnapshotHistory

KEYS = 6
PARTS = {
    "breaker_epoch": 0,
    "routes": (),
    "targets": (),
    "prices": PriceList(items=(), version=0),
    "policies": PolicySet(),
}


def grant(number: int, variant: int) -> Grant:
    return Grant(
        key=f"key_{number}",
        digest=f"{number:064x}",
        tenant="default",
        principal="ana",
        scopes=("inference",),
        roles=("viewer",) * variant,
        blocked="unpaid" if variant else "",
    )


def limit(number: int, variant: int) -> Limit:
    return Limit(
        name=f"limit-{number}",
        scope="key",
        subject=f"key_{variant}",
        measure="requests",
        amount=number + 1,
        period="minute",
    )


def digest(*grants: Grant) -> str:
    return digest_of(ring_of_grants(grants), ring_of_limits())


class World:
    """A control that remembers few changes, a gateway, its disk, and a line between them that may lose and repeat."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys: dict[int, int] = {}
        self.limits: dict[int, int] = {}
        self.parts: dict[str, Any] = dict(PARTS)
        self.now = 0
        self.mirror = EMPTY
        self.said: list[Update] = []
        self.restart_control()
        self.restart_gateway()

    def restart_control(self, _: int = 0) -> None:
        self.chronicle = SnapshotHistory(house="h", most=3)
        self._note(Changes(starmap(grant, self.keys.items())), Changes(starmap(limit, self.limits.items())))
        self.hang_up()

    def restart_gateway(self, _: int = 0) -> None:
        self.mirror = SnapshotFile(self.folder, token="t").read() or EMPTY
        self.hang_up()

    def hang_up(self, _: int = 0) -> None:
        """Begin a new line: control goes by what the gateway says it has."""
        self.known = WatchSnapshot(gateway="g")
        if self.mirror is not EMPTY:
            self.known = replace(self.known, applied=self.mirror.standing.revision, digest=self.mirror.digest)

    def put(self, number: int) -> None:
        self.keys[number % KEYS] = number % 3
        self._note(Changes([grant(number % KEYS, number % 3)]))

    def end(self, number: int) -> None:
        self.keys.pop(number % KEYS, None)
        self._note(Changes(ended=[f"key_{number % KEYS}"]))

    def limit(self, number: int) -> None:
        self.limits[number % KEYS] = number % 3
        self._note(limits=Changes([limit(number % KEYS, number % 3)]))

    def end_limit(self, number: int) -> None:
        self.limits.pop(number % KEYS, None)
        self._note(limits=Changes(ended=[f"limit-{number % KEYS}"]))

    def price(self, number: int) -> None:
        self.parts["prices"] = PriceList(items=(), version=number)
        self._note()

    def tell(self, _: int = 0) -> None:
        self.hear(self._next())

    def lose(self, _: int = 0) -> None:
        self._next()

    def repeat(self, number: int) -> None:
        """Have an update of this line come again, at any later time."""
        if self.said:
            self.hear(self.said[number % len(self.said)])

    def hear(self, update: Update) -> None:
        """Do as a gateway does: put in force and keep what was said, and ask for all of it when something is amiss."""
        self.mirror, in_step = self.mirror.heard(update)
        self._keep(None if update.since == WHOLE else update)
        if not in_step:
            self.known = WatchSnapshot(gateway="g")
            self.mirror, _ = self.mirror.heard(self._next())
            self._keep(None)
            assert self.mirror.digest == self.chronicle.digest

    def _keep(self, update: Update | None) -> None:
        SnapshotFile(self.folder, token="t").keep(self.mirror, [update])

    def _next(self) -> Update:
        update = self.chronicle.since(self.known)
        self.known = replace(self.known, applied=update.revision)
        self.said.append(update)
        if update.since != WHOLE:
            self.said = [one for one in self.said if one.since != WHOLE]
        return update

    def _note(self, grants: Changes[Grant] = NO_GRANTS, limits: Changes[Limit] = NO_LIMITS) -> None:
        self.now += 7
        self.chronicle.note(self.now, at=float(self.now), parts=dict(self.parts), grants=grants, limits=limits)


def as_set(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot with grants and limits in the order of their names: that in which they came means nothing."""
    return replace(
        snapshot,
        grants=tuple(sorted(snapshot.grants, key=lambda one: one.key)),
        limits=tuple(sorted(snapshot.limits, key=lambda one: one.name)),
    )


DEEDS = (
    "put",
    "put",
    "end",
    "limit",
    "limit",
    "end_limit",
    "price",
    "tell",
    "tell",
    "lose",
    "repeat",
    "hang_up",
    "restart_control",
    "restart_gateway",
)


@given(st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 20)), max_size=40))
@settings(max_examples=400, deadline=None)
def test_a_gateway_ends_with_what_control_has(deeds: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        for deed, number in deeds:
            getattr(world, deed)(number)
        world.tell()
        assert as_set(world.mirror.snapshot) == as_set(world.chronicle.snapshot())
        kept = SnapshotFile(Path(folder), token="t").read()
        assert kept is not None
        assert as_set(kept.snapshot) == as_set(world.chronicle.snapshot())


@given(
    st.lists(st.tuples(st.sampled_from(("put", "end", "limit", "end_limit", "price")), st.integers(0, 20)), max_size=20)
)
@settings(deadline=None)
def test_as_long_as_nothing_is_lost_every_update_leads_to_what_control_has_and_says_no_more_than_changed(
    deeds: list[tuple[str, int]],
) -> None:
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.tell()
        for deed, number in deeds:
            before = as_set(world.chronicle.snapshot())
            getattr(world, deed)(number)
            after = as_set(world.chronicle.snapshot())
            update = world.chronicle.since(world.known)
            world.tell()
            assert as_set(world.mirror.snapshot) == after
            assert update.since != WHOLE
            assert sum(len(getattr(update, name)) for name in MANY) <= 1
            assert (update.prices is None) == (before.prices == after.prices)


def test_one_who_missed_more_than_is_remembered_is_told_everything() -> None:
    chronicle = SnapshotHistory(house="h", most=3)
    for number in range(1, 9):
        chronicle.note(number, at=0.0, parts=PARTS, grants=Changes([grant(number, 0)]))

    def since(revision: int) -> Update:
        return chronicle.since(WatchSnapshot(gateway="g", applied=revision))

    assert [one.key for one in since(6).grants] == ["key_7", "key_8"]
    assert since(5).since == 5
    assert since(4).since == WHOLE
    assert len(since(4).grants) == 8
    assert since(9).since == WHOLE


def test_a_gateway_that_has_the_keys_already_is_not_told_them_again_by_a_control_that_was_restarted() -> None:
    before, after = SnapshotHistory(house="h", most=3), SnapshotHistory(house="h", most=3)
    before.note(10, at=0.0, parts=PARTS, grants=Changes([grant(1, 0), grant(2, 0)]))
    after.note(20, at=0.0, parts=PARTS, grants=Changes([grant(2, 0), grant(1, 0)]))
    mirror, _ = EMPTY.heard(before.since(WatchSnapshot(gateway="g")))

    update = after.since(WatchSnapshot(gateway="g", applied=10, digest=mirror.digest))

    assert (update.since, update.grants, update.ended) == (10, (), ())
    told, in_step = mirror.heard(update)
    assert in_step
    assert as_set(told.snapshot) == as_set(after.snapshot())


def test_a_key_that_was_ended_is_gone_although_something_before_was_lost() -> None:
    mirror = SnapshotMirror.of(snapshot_of(grant(1, 0), grant(2, 0), revision=5))
    update = Update(revision=9, house="h", issued_at=0.0, digest=digest(), ended=("key_1",), since=7)

    told, in_step = mirror.heard(update)

    assert not in_step
    assert [one.key for one in told.ring] == ["key_2"]


def test_a_gateway_whose_keys_differ_notices_with_the_next_update() -> None:
    drifted = SnapshotMirror.of(snapshot_of(grant(1, 0), grant(2, 0), revision=5))
    update = Update(revision=9, house="h", issued_at=0.0, digest=digest(grant(1, 0)), since=5)

    assert not drifted.heard(update)[1]


def test_an_update_that_comes_again_later_brings_no_key_back() -> None:
    made = Update(revision=6, house="h", issued_at=0.0, digest=digest(grant(1, 0)), grants=(grant(1, 0),), since=5)
    ended = Update(revision=7, house="h", issued_at=0.0, digest=digest(), ended=("key_1",), since=6)
    mirror = SnapshotMirror.of(snapshot_of(revision=5))
    for update in (made, ended, made):
        mirror, _ = mirror.heard(update)
    assert len(mirror.ring) == 0


def test_a_digest_says_what_grants_there_are_and_not_how_they_came() -> None:
    ring = ring_of_grants([grant(1, 0), grant(2, 1)])
    other = ring_of_grants([grant(2, 0), grant(3, 0), grant(1, 0)])
    assert ring.digest != other.digest
    other.drop("key_3")
    other.put(grant(2, 1))
    assert ring.digest == other.digest
    assert whole(snapshot_of(*ring, revision=1)).digest == digest(*ring)


async def told(updates: Iterable[Update]) -> AsyncIterator[Update]:
    for update in updates:
        yield update


async def test_a_large_update_is_told_in_pieces_and_is_whole_again() -> None:
    snapshot = replace(
        snapshot_of(*(grant(number, 0) for number in range(2 * PIECE + 1)), revision=1),
        limits=tuple(limit(number, 0) for number in range(PIECE)),
        breaker_epoch=3,
    )
    small = replace(whole(snapshot_of(revision=2)), since=1)
    cut = [*pieces(whole(snapshot)), *pieces(small)]
    assert [piece.more for piece in cut] == [True, True, False, False]
    assert max(len(getattr(piece, name)) for piece in cut for name in MANY) == PIECE
    assert [update async for update in joined(told(cut))] == [whole(snapshot), small]


async def test_an_update_that_was_not_told_to_its_end_is_none() -> None:
    cut = list(pieces(whole(snapshot_of(*(grant(number, 0) for number in range(PIECE + 1)), revision=1))))
    assert [update async for update in joined(told(cut[:1]))] == []


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 2)), max_size=20))
def test_rules_that_were_changed_bind_as_if_they_had_been_made_so(deeds: list[tuple[bool, int, int]]) -> None:
    rules, there = LimitRules(), dict[int, Limit]()
    for ends, number, variant in deeds:
        before = rules
        if ends:
            rules = rules.updated((), [f"limit-{number}"])
            there.pop(number, None)
        else:
            there[number] = limit(number, variant)
            rules = rules.updated([there[number]], ())
        assert rules.changed_since(before) == {f"limit-{number}"}
    assert rules.changed_since(LimitRules()) is None
    fresh = LimitRules(there.values())
    assert rules.ring.digest == fresh.ring.digest
    for key in range(3):
        bound = [[one.name for one, _ in each.binding(grant(key, 0), "m")] for each in (rules, fresh)]
        assert bound[0] == bound[1]


def snapshot_of(*grants: Grant, revision: int) -> Snapshot:
    return Snapshot(revision=revision, house="h", issued_at=0.0, grants=grants, routes=(), targets=())
