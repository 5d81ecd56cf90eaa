"""What models, aliases and files may be called, what a digest covers, and what a signature says."""

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence

import msgspec

from tulou.contracts.registry.messages import ArtifactFile, PublishVersion, Task
from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://model_signing/signature/v1.0"

UNQUANTIZED = "F16"
"""What a conversion makes before anything is quantized; asked for by this name, it stays so."""

LATEST = "latest"
"""What stands for a model's newest version, wherever an alias may stand; the registry keeps it, nobody sets it."""

FILES_CAP = 200
CARD_CAP = 48 * 1024
DESCRIPTION_CAP = 1_000
LINEAGE_CAP = 50
NAME_CAP = 200

_MODEL_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_ALIAS_NAME = re.compile(r"[a-z][a-z0-9._-]{0,62}")
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_NUMBER = re.compile(r"[0-9]{1,9}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@message
class Envelope:
    """A DSSE envelope with one signature; see https://github.com/secure-systems-lab/dsse."""

    payload_type: str
    payload: bytes
    key_id: str
    signature: bytes


def check_publish(request: PublishVersion) -> None:
    """Raise `InvalidError` naming the first field that cannot be."""
    check_model_name(request.model)
    for alias in request.aliases:
        check_alias(alias)
    _check_files(request.files)
    _check_text("description", request.description, DESCRIPTION_CAP)
    _check_text("card", request.card, CARD_CAP)
    if len(request.lineage) > LINEAGE_CAP:
        raise InvalidError(f"lineage has {len(request.lineage)} entries; at most {LINEAGE_CAP}", param="lineage")
    for key, value in request.lineage.items():
        _check_text("lineage", f"{key}{value}", DESCRIPTION_CAP)


def check_model_name(name: str) -> None:
    """Raise `InvalidError` for what cannot be the name of a model."""
    if not _MODEL_NAME.fullmatch(name):
        allowed = "1 to 63 lower-case letters, digits, `.`, `_` or `-`, the first a letter or a digit"
        raise InvalidError(f"{name[:80]!r} cannot name a model: it takes {allowed}", param="model")


def check_alias(alias: str) -> None:
    """Raise `InvalidError` for what cannot be an alias; they begin with a letter, so that none looks like a number."""
    if not _ALIAS_NAME.fullmatch(alias):
        raise InvalidError(f"{alias[:80]!r} cannot be an alias: a lower-case word such as `stable`", param="alias")
    if alias == LATEST:
        raise InvalidError("`latest` always names the newest version; choose another alias, as `stable`", param="alias")


def number_in(reference: str) -> int | None:
    """Return the version number that a reference is, or None if it must be an alias."""
    return int(reference) if _NUMBER.fullmatch(reference) else None


def task_of(architecture: str) -> Task:
    """Return what a model of an architecture is for: those of BERT's family make vectors, all others text."""
    return "embedding" if "bert" in architecture.lower() else "chat"


def digest_of(files: Iterable[ArtifactFile]) -> str:
    """Return the digest of an artifact: SHA-256 over the JSON of `[name, digest, size]` of its files, by name."""
    entries = sorted((file.name, file.digest, file.size) for file in files)
    return "sha256:" + hashlib.sha256(msgspec.json.encode(entries)).hexdigest()


def statement(model: str, number: int, files: Iterable[ArtifactFile]) -> bytes:
    """Return the in-toto statement about a version: every file with its digest, for this name and number only."""
    files = sorted(files, key=lambda file: file.name)
    subject = [{"name": file.name, "digest": {"sha256": file.digest.removeprefix("sha256:")}} for file in files]
    predicate = {
        "model": model,
        "version": number,
        "digest": digest_of(files),
        "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": False},
    }
    content = {"_type": STATEMENT_TYPE, "subject": subject, "predicateType": PREDICATE_TYPE, "predicate": predicate}
    return msgspec.json.encode(content)


def signed_bytes(payload_type: str, payload: bytes) -> bytes:
    """Return DSSE's pre-authentication encoding: what the signature is over."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def envelope_json(envelope: Envelope) -> str:
    """Return an envelope in DSSE's JSON form."""
    signature = {"keyid": envelope.key_id, "sig": b64encode(envelope.signature).decode()}
    payload = b64encode(envelope.payload).decode()
    return msgspec.json.encode(
        {"payloadType": envelope.payload_type, "payload": payload, "signatures": [signature]}
    ).decode()


def read_envelope(text: str) -> Envelope:
    """Read DSSE's JSON form; raise `InvalidError` for what is none."""
    try:
        content = msgspec.json.decode(text, type=_EnvelopeJson)
        (signature,) = content.signatures
        return Envelope(
            payload_type=content.payload_type,
            payload=b64decode(content.payload, validate=True),
            key_id=signature.keyid,
            signature=b64decode(signature.sig, validate=True),
        )
    except (msgspec.MsgspecError, ValueError) as error:
        raise InvalidError(f"this is no DSSE envelope with one signature: {error}") from error


class _SignatureJson(msgspec.Struct):
    keyid: str
    sig: str


class _EnvelopeJson(msgspec.Struct, rename="camel"):
    payload_type: str
    payload: str
    signatures: list[_SignatureJson]


def _check_files(files: Sequence[ArtifactFile]) -> None:
    if not 1 <= len(files) <= FILES_CAP:
        raise InvalidError(f"files has {len(files)} entries; an artifact has 1 to {FILES_CAP}", param="files")
    for place, file in enumerate(files):
        param = f"files[{place}]"
        if not _FILE_NAME.fullmatch(file.name) or len(file.name) > NAME_CAP:
            raise InvalidError(f"{param}.name is no relative path of plain names", param=f"{param}.name")
        if not _DIGEST.fullmatch(file.digest):
            raise InvalidError(f"{param}.digest is not `sha256:` and 64 hex digits", param=f"{param}.digest")
        if file.size < 0:
            raise InvalidError(f"{param}.size is negative", param=f"{param}.size")
    if len({file.name for file in files}) < len(files):
        raise InvalidError("two files have the same name", param="files")


def _check_text(param: str, text: str, cap: int) -> None:
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > cap:
        raise InvalidError(f"{param} has {size} bytes; at most {cap}", param=param)
    if any("\ud800" <= letter <= "\udfff" or letter == "\0" for letter in text):
        raise InvalidError(f"{param} holds a half or a null character", param=param)
