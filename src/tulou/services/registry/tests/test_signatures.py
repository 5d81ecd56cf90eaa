"""Signatures: made once, checked by anybody, and sensitive to every change."""

import base64
import json
from collections.abc import Mapping

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import update

from tulou.chassis.artifact_files import blob_key
from tulou.contracts.registry.messages import GetSigningKey, NameVersion, Version
from tulou.services.registry.domain import digest_of
from tulou.services.registry.service import RegistryService
from tulou.services.registry.signing import Signer
from tulou.services.registry.store import FILES, VERSIONS
from tulou.services.registry.tests.conftest import Listed, pieces, publication, registry_of
from tulou.testing.house import SmallHouse

DEMO = NameVersion(model="demo")


async def changed(house: SmallHouse, **values: object) -> None:
    async with house.database.transaction() as tx:
        await tx.execute(update(VERSIONS).values(**values))


async def problems(registry: RegistryService) -> tuple[str, ...]:
    verified = await registry.verify(DEMO)
    assert verified.valid == (not verified.problems)
    return verified.problems


def envelope_of(version: Version) -> Mapping[str, object]:
    assert version.signature
    return json.loads(version.signature.envelope)


async def test_what_was_published_verifies(registry: RegistryService, house: SmallHouse) -> None:
    await registry.publish(await publication(house))
    assert await problems(registry) == ()


async def test_anybody_can_check_a_signature_with_the_public_key_alone(
    registry: RegistryService, house: SmallHouse
) -> None:
    """By DSSE's and in-toto's documents, with none of our code."""
    version = await registry.publish(await publication(house))
    key = await registry.signing_key(GetSigningKey())
    public = load_pem_public_key(key.pem.encode())
    assert isinstance(public, Ed25519PublicKey)
    envelope = json.loads(version.signature.envelope if version.signature else "")
    payload = base64.b64decode(envelope["payload"])
    kind = b"application/vnd.in-toto+json"
    signature = base64.b64decode(envelope["signatures"][0]["sig"])
    public.verify(signature, b"DSSEv1 28 " + kind + b" %d " % len(payload) + payload)
    with pytest.raises(InvalidSignature):
        public.verify(signature, payload)
    statement = json.loads(payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://model_signing/signature/v1.0"
    digest = version.files[0].digest.removeprefix("sha256:")
    assert statement["subject"] == [{"name": "model.gguf", "digest": {"sha256": digest}}]
    assert statement["predicate"]["digest"] == digest_of(version.files) == version.digest


async def test_the_key_is_made_once(house: SmallHouse) -> None:
    first, second = await Signer.of(house.secrets), await Signer.of(house.secrets)
    assert first.public == second.public


async def test_a_changed_file_is_named(registry: RegistryService, house: SmallHouse) -> None:
    version = await registry.publish(await publication(house, b"weights"))
    await house.blobs.put(version.files[0].blob, pieces(b"WEIGHTS"))
    (problem,) = await problems(registry)
    assert problem.startswith("file model.gguf: its content is sha256:")
    await house.blobs.put(version.files[0].blob, pieces(b"short"))
    assert await problems(registry) == ("file model.gguf: has 5 bytes, not 7",)
    await house.blobs.delete(version.files[0].blob)
    assert await problems(registry) == (f"file model.gguf: its blob {version.files[0].blob} is missing",)


async def test_a_changed_signature_is_named(registry: RegistryService, house: SmallHouse) -> None:
    version = await registry.publish(await publication(house))
    envelope = json.loads(json.dumps(envelope_of(version)))
    signature = bytearray(base64.b64decode(envelope["signatures"][0]["sig"]))
    signature[5] ^= 1
    envelope["signatures"][0]["sig"] = base64.b64encode(signature).decode()
    await changed(house, envelope=json.dumps(envelope))
    assert await problems(registry) == ("signature: it does not fit; statement or signature were changed",)


@pytest.mark.parametrize("envelope", ["", "{}", "null", '{"payloadType":"x","payload":"!","signatures":[]}'])
async def test_a_signature_that_is_none_is_named(registry: RegistryService, house: SmallHouse, envelope: str) -> None:
    await registry.publish(await publication(house))
    await changed(house, envelope=envelope)
    (problem,) = await problems(registry)
    assert problem.startswith("signature: this is no DSSE envelope")


async def test_a_digest_changed_together_with_its_file_is_named(registry: RegistryService, house: SmallHouse) -> None:
    """Whoever can write the database and the blobs, but has not the key, is found out."""
    await registry.publish(await publication(house, b"weights"))
    other = await publication(house, b"evil")
    async with house.database.transaction() as tx:
        await tx.execute(update(FILES).values(digest=other.files[0].digest, size=4, blob=other.files[0].blob))
    assert await problems(registry) == ("signature: it was made over another model.gguf",)


async def test_the_signature_of_one_version_does_not_serve_another(
    registry: RegistryService, house: SmallHouse
) -> None:
    """An old version passed off as a new one, with its true signature."""
    first = await registry.publish(await publication(house, b"old"))
    second = await registry.publish(await publication(house, b"new"))
    assert first.signature
    async with house.database.transaction() as tx:
        taken = update(FILES).where(FILES.c.number == second.number)
        await tx.execute(taken.values(digest=first.files[0].digest, size=3, blob=first.files[0].blob))
        await tx.execute(update(VERSIONS).values(envelope=first.signature.envelope))
    assert await problems(registry) == ("signature: it was made for another version than demo 2",)


async def test_the_signature_of_another_house_is_named(registry: RegistryService, house: SmallHouse) -> None:
    await registry.publish(await publication(house))
    await house.secrets.put("signing-key", bytes(range(32)))
    stranger = await registry_of(house, jobs=Listed().client())
    (problem,) = await problems(stranger)
    assert problem.startswith("signature: made with the key ")


def test_blobs_lie_by_their_content() -> None:
    assert blob_key("sha256:ab12") == "models/sha256/ab12"
