"""Versions: published, named, found, removed."""

import asyncio
from dataclasses import replace

import msgspec
import pytest

from tulou.contracts.registry.events import ALIAS_MOVED, VERSION_PUBLISHED, AliasMoved
from tulou.contracts.registry.messages import (
    Facts,
    ListModels,
    ListVersions,
    NameModel,
    NameVersion,
    PublishVersion,
    RemoveAlias,
    SetAlias,
)
from tulou.kernel.errors import ConflictError, InvalidError, NotFoundError
from tulou.services.registry import store
from tulou.services.registry.service import RegistryService
from tulou.services.registry.store import METADATA
from tulou.services.registry.tests.conftest import publication, stored
from tulou.testing.house import SmallHouse
from tulou.testing.tables import differences


async def test_the_tables_are_those_that_the_revisions_make(house: SmallHouse) -> None:
    assert await differences(house.database, METADATA) == []


async def test_what_was_published_is_found_by_alias_and_by_number(registry: RegistryService, house: SmallHouse) -> None:
    published = await registry.publish(await publication(house))
    assert published == await registry.resolve(NameVersion(model="demo"))
    assert published == await registry.resolve(NameVersion(model="demo", reference="1"))
    assert (published.number, published.aliases, published.card) == (1, ("stable",), "# Demo")
    assert published.signature is not None


async def test_the_same_files_are_the_same_version_whatever_their_order(
    registry: RegistryService, house: SmallHouse
) -> None:
    files = await stored(house, {"a.onnx": b"one", "b.json": b"two"})
    facts = Facts(task="embedding", format="onnx")
    request = PublishVersion(model="demo", facts=facts, files=files, aliases=("stable",))
    first = await registry.publish(request)
    again = await registry.publish(replace(request, files=files[::-1], card="other", aliases=("canary",)))
    assert (again.number, again.digest, again.card) == (first.number, first.digest, "")
    assert again.aliases == ("canary", "stable")


async def test_each_new_content_is_the_next_version_and_takes_the_alias_it_is_published_under(
    registry: RegistryService, house: SmallHouse
) -> None:
    for content in (b"one", b"two", b"three"):
        await registry.publish(await publication(house, content))
    model = await registry.model(NameModel(model="demo"))
    assert (model.latest, model.versions, dict(model.aliases)) == (3, 3, {"stable": 3})
    assert (await registry.resolve(NameVersion(model="demo", reference="1"))).aliases == ()


async def test_publications_at_the_same_moment_get_different_numbers(
    registry: RegistryService, house: SmallHouse
) -> None:
    requests = [await publication(house, f"content {n}".encode()) for n in range(5)]
    versions = await asyncio.gather(*(registry.publish(request) for request in requests))
    assert sorted(version.number for version in versions) == [1, 2, 3, 4, 5]


async def test_facts_tell_of_versions_and_moved_aliases_once(registry: RegistryService, house: SmallHouse) -> None:
    async with house.events.subscribe([VERSION_PUBLISHED, ALIAS_MOVED], group="test") as facts, house.relaying():
        for _ in range(2):
            await registry.publish(await publication(house))
        await registry.remove_alias(RemoveAlias(model="demo", alias="stable"))
        seen = [(await anext(facts)).fact for _ in range(4)]
    assert [fact.topic for fact in seen] == [VERSION_PUBLISHED, ALIAS_MOVED, ALIAS_MOVED, ALIAS_MOVED]
    moved = [msgspec.json.decode(fact.body, type=AliasMoved) for fact in seen[1:]]
    assert [(fact.alias, fact.version) for fact in moved] == [("latest", 1), ("stable", 1), ("stable", None)]


async def test_a_version_that_is_published_without_being_told_moves_no_alias(
    registry: RegistryService, house: SmallHouse
) -> None:
    await registry.publish(await publication(house, b"one"))
    second = await registry.publish(await publication(house, b"two", aliases=()))
    assert (second.number, second.aliases) == (2, ())
    assert (await registry.resolve(NameVersion(model="demo"))).number == 1
    assert (await registry.resolve(NameVersion(model="demo", reference="latest"))).number == 2


async def test_latest_is_the_registrys_own_and_follows_what_is_there(
    registry: RegistryService, house: SmallHouse
) -> None:
    for content in (b"one", b"two", b"three"):
        await registry.publish(await publication(house, content, aliases=()))
    with pytest.raises(InvalidError, match="`latest` always names the newest version"):
        await registry.set_alias(SetAlias(model="demo", alias="latest", version=1))
    async with house.events.subscribe([ALIAS_MOVED], group="test") as facts, house.relaying():
        await registry.delete_version(NameVersion(model="demo", reference="2"))
        await registry.delete_version(NameVersion(model="demo", reference="3"))
        await registry.delete_version(NameVersion(model="demo", reference="1"))
        seen = [msgspec.json.decode((await anext(facts)).fact.body, type=AliasMoved) for _ in range(5)]
    assert [fact.version for fact in seen] == [1, 2, 3, 1, None]


async def test_an_alias_latest_from_before_it_was_the_registrys_still_names_what_it_named(
    registry: RegistryService, house: SmallHouse
) -> None:
    for content in (b"one", b"two"):
        await registry.publish(await publication(house, content, aliases=()))
    async with house.database.transaction() as tx:
        await store.put_alias(tx, "demo", "latest", 1, at=0)
    assert (await registry.resolve(NameVersion(model="demo", reference="latest"))).number == 1
    await registry.remove_alias(RemoveAlias(model="demo", alias="latest"))
    assert (await registry.resolve(NameVersion(model="demo", reference="latest"))).number == 2


async def test_files_must_lie_in_the_blob_store_with_their_size(registry: RegistryService, house: SmallHouse) -> None:
    request = await publication(house)
    (file,) = request.files
    for wrong, why in ((replace(file, blob="models/none"), "is not there"), (replace(file, size=5), "not 5")):
        with pytest.raises(InvalidError, match=why) as refused:
            await registry.publish(replace(request, files=(wrong,)))
        assert refused.value.param == "files[0].blob"
    assert (await registry.models(ListModels())).items == ()


async def test_a_model_stays_for_one_task(registry: RegistryService, house: SmallHouse) -> None:
    request = await publication(house)
    await registry.publish(request)
    with pytest.raises(InvalidError, match="under another name"):
        await registry.publish(replace(request, facts=Facts(task="embedding", format="gguf")))


async def test_unknown_names_are_not_found_and_the_error_says_what_there_is(
    registry: RegistryService, house: SmallHouse
) -> None:
    with pytest.raises(NotFoundError, match="no model named 'ghost'"):
        await registry.resolve(NameVersion(model="ghost"))
    await registry.publish(await publication(house))
    for reference in ("canary", "2", "0", "9" * 30, "²"):
        with pytest.raises(NotFoundError, match=r"its aliases are stable \(1\), its latest version is 1"):
            await registry.resolve(NameVersion(model="demo", reference=reference))


async def test_an_alias_moves_to_a_version_that_exists(registry: RegistryService, house: SmallHouse) -> None:
    for content in (b"one", b"two"):
        await registry.publish(await publication(house, content))
    model = await registry.set_alias(SetAlias(model="demo", alias="champion", version=1))
    assert dict(model.aliases) == {"champion": 1, "stable": 2}
    with pytest.raises(NotFoundError):
        await registry.set_alias(SetAlias(model="demo", alias="champion", version=3))
    with pytest.raises(InvalidError, match="cannot be an alias"):
        await registry.set_alias(SetAlias(model="demo", alias="1", version=1))
    with pytest.raises(NotFoundError, match="has no alias 'canary'; it has champion, stable"):
        await registry.remove_alias(RemoveAlias(model="demo", alias="canary"))


async def test_a_named_version_is_not_removed(registry: RegistryService, house: SmallHouse) -> None:
    await registry.publish(await publication(house))
    with pytest.raises(ConflictError, match="named by stable"):
        await registry.delete_version(NameVersion(model="demo", reference="1"))


async def test_removing_keeps_files_that_another_version_holds_and_never_gives_a_number_again(
    registry: RegistryService, house: SmallHouse
) -> None:
    request = await publication(house, aliases=())
    await registry.publish(request)
    await registry.publish(replace(request, model="twin"))
    blob = request.files[0].blob
    await registry.delete_version(NameVersion(model="demo", reference="1"))
    assert await house.blobs.find(blob)
    with pytest.raises(NotFoundError):
        await registry.model(NameModel(model="demo"))
    await registry.delete_version(NameVersion(model="twin", reference="1"))
    assert await house.blobs.find(blob) is None
    again = await registry.publish(await publication(house, aliases=()))
    assert again.number == 2


async def test_pages_of_models_and_versions_follow_one_another(registry: RegistryService, house: SmallHouse) -> None:
    for name in ("a", "b", "c"):
        await registry.publish(await publication(house, model=name))
    first = await registry.models(ListModels(limit=2))
    rest = await registry.models(ListModels(limit=2, after=first.next or ""))
    assert [model.name for model in (*first.items, *rest.items)] == ["a", "b", "c"]
    assert rest.next is None
    for content in (b"2", b"3"):
        await registry.publish(await publication(house, content, model="a"))
    newest = await registry.versions(ListVersions(model="a", limit=2))
    oldest = await registry.versions(ListVersions(model="a", limit=2, after=newest.next))
    assert [version.number for version in (*newest.items, *oldest.items)] == [3, 2, 1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model", "Big Model"),
        ("model", "../etc"),
        ("model", ""),
        ("aliases", ("1",)),
        ("aliases", ("latest",)),
        ("files", ()),
        ("card", "x" * 50_000),
        ("card", "half \ud800"),
        ("description", "x" * 1_001),
        ("lineage", {str(n): "x" for n in range(51)}),
    ],
)
async def test_a_publication_that_makes_no_sense_is_refused(
    registry: RegistryService, house: SmallHouse, field: str, value: object
) -> None:
    request = await publication(house)
    with pytest.raises(InvalidError):
        await registry.publish(replace(request, **{field: value}))


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "../x"), ("name", "/x"), ("name", "a//b"), ("digest", "md5:1"), ("size", -1)],
)
async def test_a_file_that_makes_no_sense_is_refused_by_field(
    registry: RegistryService, house: SmallHouse, field: str, value: object
) -> None:
    request = await publication(house)
    with pytest.raises(InvalidError) as refused:
        await registry.publish(replace(request, files=(replace(request.files[0], **{field: value}),)))
    assert refused.value.param == f"files[0].{field}"
