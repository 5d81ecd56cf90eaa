"""The gate lives from snapshots: applied whole, kept on disk, followed whatever control does."""

import asyncio
import stat
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Send

from tulou.contracts.discovery.messages import Replica
from tulou.contracts.limits.messages import Limit
from tulou.contracts.routing.messages import Grant, Route, TrafficShare, Update
from tulou.services.gateway.settings import GatewaySettings
from tulou.services.gateway.snapshot.disk import OLD_MARK, SnapshotFile
from tulou.services.gateway.snapshot.mirror import SnapshotMirror
from tulou.services.gateway.tests.gate import TOKEN, gate, grant, in_force, snapshot, target
from tulou.services.gateway.tests.test_failures import hang
from tulou.services.gateway.tests.upstream import Seen, upstream
from tulou.testing.eventually import eventually


async def test_a_gateway_starts_and_serves_while_control_is_away(tmp_path: Path) -> None:
    async with upstream() as one:
        async with gate(tmp_path, snapshot(target(one.replica()))):
            file = tmp_path / "run" / "snapshot.sealed"
            await eventually(file.exists)
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
        async with gate(tmp_path) as gateway:
            assert (await gateway.chat()).status_code == 200
            assert (await gateway.http.get("/readyz")).status_code == 200
            assert not gateway.service.live.connected


async def test_a_snapshot_file_that_is_damaged_is_ignored(tmp_path: Path) -> None:
    file = SnapshotFile(tmp_path, token="t")
    file.keep(SnapshotMirror.of(snapshot(target())), [None])
    kept = file.read()
    assert kept is not None
    assert kept.snapshot == snapshot(target())
    file.path.write_bytes(file.path.read_bytes()[:-20])
    assert file.read() is None
    file.path.write_bytes(b"\xff\xfe")
    assert file.read() is None


async def test_a_snapshot_that_cannot_be_kept_is_in_force_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file where a folder should be")
    file = SnapshotFile(tmp_path / "run", token="t")
    file.keep(SnapshotMirror.of(snapshot()), [None])
    assert file.read() is None


def update(revision: int, *, made: Sequence[Grant] = (), ended: Sequence[str] = ()) -> Update:
    return Update(
        revision=revision,
        house="test",
        issued_at=1_700_000_000.0,
        digest="",
        grants=tuple(made),
        ended=tuple(ended),
        since=revision - 1,
    )


async def test_a_key_that_was_revoked_stays_so_for_a_gateway_that_starts_while_control_is_away(tmp_path: Path) -> None:
    async with upstream() as one:
        file = SnapshotFile(tmp_path / "run", token=TOKEN)
        before = SnapshotMirror.of(snapshot(target(one.replica())))
        file.keep(before, [None])
        whole = file.path.read_bytes()
        ended = update(2, ended=["key_1"])
        file.keep(before.updated(ended), [ended])
        assert file.path.read_bytes() == whole
        assert stat.S_IMODE(file.changes.stat().st_mode) == 0o600
        assert b"key_1" not in file.changes.read_bytes()
        async with gate(tmp_path) as gateway:
            assert (await gateway.chat()).status_code == 401


async def test_what_the_disk_did_not_take_is_not_left_out_of_what_it_takes_later(tmp_path: Path) -> None:
    file, mirror = SnapshotFile(tmp_path, token="t"), SnapshotMirror.of(snapshot())
    file.keep(mirror, [None])
    revoked, later = update(2, ended=["key_1"]), update(3, made=[grant("sk-other", key="key_2")])
    file.changes.mkdir()  # a folder takes no lines
    file.keep(mirror.updated(revoked), [revoked])
    file.changes.rmdir()
    file.keep(mirror.updated(revoked).updated(later), [later])
    kept = file.read()
    assert kept is not None
    assert [one.key for one in kept.ring] == ["key_2"]


async def test_an_update_that_was_cut_short_on_disk_loses_no_other(tmp_path: Path) -> None:
    file, mirror = SnapshotFile(tmp_path, token="t"), SnapshotMirror.of(snapshot())
    file.keep(mirror, [None])
    first, second = update(2, ended=["key_1"]), update(3, made=[grant("sk-other", key="key_2")])
    file.keep(mirror.updated(first), [first])
    with file.changes.open("ab") as cut:
        cut.write(file.changes.read_bytes()[:40])
    file.keep(mirror.updated(first).updated(second), [second])
    kept = file.read()
    assert kept is not None
    assert [one.key for one in kept.ring] == ["key_2"]


async def test_limits_that_changed_are_on_disk_as_keys_are(tmp_path: Path) -> None:
    few, many = (Limit(name=name, scope="key", measure="requests", amount=1, period="day") for name in ("few", "many"))
    file, mirror = SnapshotFile(tmp_path, token="t"), SnapshotMirror.of(replace(snapshot(), limits=(few, many)))
    file.keep(mirror, [None])
    told = replace(update(2), limits=(replace(few, amount=5),), limits_ended=("many",))
    file.keep(mirror.updated(told), [told])
    kept = file.read()
    assert kept is not None
    assert list(kept.rules.ring) == [replace(few, amount=5)]


async def test_what_was_kept_by_a_version_that_told_all_limits_at_once_is_not_read(tmp_path: Path) -> None:
    file, mirror = SnapshotFile(tmp_path, token="t"), SnapshotMirror.of(snapshot())
    file.keep(mirror, [None])
    assert file.read() is not None
    file.changes.write_bytes(b"\n" + b64encode(OLD_MARK + b"sealed"))
    assert file.read() is None
    file.keep(mirror, [None])
    assert file.read() is not None


async def test_updates_on_disk_do_not_grow_for_ever(tmp_path: Path) -> None:
    file, mirror = SnapshotFile(tmp_path, token="t"), SnapshotMirror.of(snapshot())
    for number in range(2, 40):
        told = update(number, made=[grant(f"sk-{number}", key=f"key_{number % 5}", models=("m" * 4000,))])
        mirror = mirror.updated(told)
        file.keep(mirror, [told])
        assert not file.changes.exists() or file.changes.stat().st_size < 80 * 1024
    kept = file.read()
    assert kept is not None
    assert kept.snapshot == mirror.snapshot


async def test_a_dead_line_to_control_changes_nothing_and_is_taken_up_again(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        gateway.routing.break_line()
        await eventually(lambda: not gateway.service.live.connected)
        assert (await gateway.chat()).status_code == 200
        gateway.routing.away = False
        await gateway.tell(snapshot(target(one.replica()), revision=2))
        assert gateway.service.live.connected


async def test_replicas_that_a_restarted_control_has_not_heard_of_yet_stay_for_a_while(tmp_path: Path) -> None:
    async with upstream() as one:
        settings = GatewaySettings(snapshot_grace_s=2.0)
        async with gate(tmp_path, snapshot(target(one.replica())), settings=settings) as gateway:
            gateway.routing.break_line()
            await eventually(lambda: not gateway.service.live.connected)
            gateway.routing.away = False
            gateway.routing.say(snapshot(target(), revision=1))
            await eventually(lambda: gateway.service.live.connected)
            assert (await gateway.chat()).status_code == 200
            await eventually(lambda: in_force(gateway.service) == snapshot(target(), revision=1))
            assert (await gateway.chat()).json()["error"]["code"] == "no_replica"


async def test_requests_in_flight_keep_the_snapshot_they_began_with(tmp_path: Path) -> None:
    go = asyncio.Event()
    async with upstream() as one:
        act = one.act

        async def when_told(seen: Seen, send: Send) -> None:
            await go.wait()
            await act(seen, send)

        one.act = when_told
        async with gate(tmp_path, snapshot(target(one.replica()))) as gateway:
            asked = asyncio.create_task(gateway.chat())
            await eventually(lambda: len(one.seen) == 1)
            await gateway.tell(snapshot(revision=2))
            assert (await gateway.chat()).json()["error"]["code"] == "model_not_found"
            go.set()
            assert (await asked).status_code == 200


async def test_a_snapshot_with_nonsense_in_it_is_refused_whole(tmp_path: Path) -> None:
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        bad = Replica(id="x", deployment="tiny", generation=1, url="ftp://nowhere")
        assert not gateway.service.live.apply(SnapshotMirror.of(snapshot(target(bad), revision=2)))
        assert (await gateway.chat()).status_code == 200
        assert gateway.service.live.plan is not None
        assert gateway.service.live.plan.revision == 1


async def test_traffic_is_shared_by_weights_and_flows_over_when_a_share_fails(tmp_path: Path) -> None:
    async with upstream("a") as a, upstream("b") as b:
        told = snapshot(
            target(a.replica("a"), deployment="a"),
            target(b.replica("b"), deployment="b"),
            routes=(Route(model="m", shares=(TrafficShare(deployment="a", weight=0.0), TrafficShare(deployment="b"))),),
        )
        async with gate(tmp_path, told) as gateway:
            for _ in range(5):
                assert (await gateway.chat(model="m")).headers["x-tulou-replica"] == "b"
            assert not a.seen


async def test_a_replica_that_comes_back_in_a_snapshot_starts_afresh(tmp_path: Path) -> None:
    settings = GatewaySettings(snapshot_grace_s=0.0)
    async with upstream() as one, gate(tmp_path, snapshot(target(one.replica())), settings=settings) as gateway:
        first = next(iter(gateway.service.fleet))
        first.gone = True
        await gateway.tell(snapshot(target(), revision=2))
        await gateway.tell(snapshot(target(one.replica()), revision=3))
        again = next(iter(gateway.service.fleet))
        assert again is not first
        assert first.forgotten
        assert not again.gone


@pytest.mark.parametrize("changes", [{"weight": 3.0}, {"upstream_model": "other"}])
async def test_a_replica_that_stays_keeps_what_is_known_of_it(tmp_path: Path, changes: dict[str, Any]) -> None:
    async with upstream("r1", hang) as one, gate(tmp_path, snapshot(target(one.replica()))) as gateway:
        first = next(iter(gateway.service.fleet))
        await gateway.tell(snapshot(target(one.replica(**changes)), revision=2))
        assert next(iter(gateway.service.fleet)) is first
