"""Read a version's files again, and hold them and its signature against what was published."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from tulou.contracts.registry.messages import ArtifactFile, Version
from tulou.kernel.errors import InvalidError, NotFoundError
from tulou.ports.blobs import Blobs
from tulou.services.registry.domain import read_envelope, statement
from tulou.services.registry.signing import Signer


async def problems(version: Version, blobs: Blobs, signer: Signer) -> Sequence[str]:
    """Return what is wrong, each entry beginning with `signature` or the file's name; nothing if all holds."""
    of_files = [(file.name, await _file_problem(file, blobs)) for file in version.files]
    return [
        *_signature_problems(version, signer),
        *(f"file {name}: {problem}" for name, problem in of_files if problem),
    ]


def _signature_problems(version: Version, signer: Signer) -> Sequence[str]:
    if version.signature is None:
        return ["signature: there is none"]
    try:
        envelope = read_envelope(version.signature.envelope)
    except InvalidError as error:
        return [f"signature: {error}"]
    if envelope.key_id != signer.public.key_id:
        return [f"signature: made with the key {envelope.key_id[:16]}, not with this house's"]
    if not signer.is_ours(envelope):
        return ["signature: it does not fit; statement or signature were changed"]
    if envelope.payload != statement(version.model, version.number, version.files):
        return _differences(envelope.payload, version)
    return []


def _differences(payload: bytes, version: Version) -> Sequence[str]:
    """Name what the signed statement says otherwise; the statement is ours, so it can be read."""
    signed = msgspec.json.decode(payload, type=_Statement)
    digests = {subject.name: subject.digest.get("sha256", "") for subject in signed.subject}
    kept = {file.name: file.digest.removeprefix("sha256:") for file in version.files}
    names = sorted(name for name in digests.keys() | kept.keys() if digests.get(name) != kept.get(name))
    if names:
        return [f"signature: it was made over another {name}" for name in names]
    return [f"signature: it was made for another version than {version.model} {version.number}"]


async def _file_problem(file: ArtifactFile, blobs: Blobs) -> str:
    digest, size = hashlib.sha256(), 0
    try:
        async for chunk in blobs.get(file.blob):
            await asyncio.to_thread(digest.update, chunk)
            size += len(chunk)
    except NotFoundError:
        return f"its blob {file.blob} is missing"
    if size != file.size:
        return f"has {size} bytes, not {file.size}"
    if f"sha256:{digest.hexdigest()}" != file.digest:
        return f"its content is sha256:{digest.hexdigest()}, not {file.digest}"
    return ""


class _Subject(msgspec.Struct):
    name: str
    digest: Mapping[str, str]


class _Statement(msgspec.Struct):
    subject: Sequence[_Subject]
