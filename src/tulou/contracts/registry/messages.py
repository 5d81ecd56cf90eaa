"""Messages of the registry contract."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from tulou.kernel.message import message

Task = Literal["chat", "embedding"]
Format = Literal["gguf", "onnx", "openvino", "safetensors", "remote"]


@message
class ArtifactFile:
    """One file of an artifact: its name inside, `sha256:<hex>` of its content, bytes, and the blob that holds it."""

    name: str
    digest: str
    size: int
    blob: str


@message
class Facts:
    """What an artifact says of itself; 0 or "" where it does not say."""

    task: Task
    format: Format
    architecture: str = ""
    parameters: int = 0
    context_length: int = 0
    quantization: str = ""
    chat_template: bool = False
    embedding_length: int = 0


@message
class Signature:
    """A DSSE envelope (JSON) over an in-toto statement that names every file's digest; who signed, and when."""

    key_id: str
    envelope: str
    signed_at: float


@message
class Version:
    """An immutable state of a model; `digest` covers names and digests of all its files."""

    model: str
    number: int
    digest: str
    facts: Facts
    files: tuple[ArtifactFile, ...]
    card: str
    lineage: Mapping[str, str]
    created_at: float
    created_by: str
    signature: Signature | None = None
    aliases: tuple[str, ...] = ()


@message
class Model:
    """A name, what it is for, and where it stands; `latest` is its newest version, which can be named so."""

    name: str
    description: str
    task: Task
    latest: int
    versions: int
    aliases: Mapping[str, int]
    created_at: float
    updated_at: float


@message
class PublishVersion:
    """Files that lie in the blob store already become the next version of a model, signed by the house.

    Publishing the same digest again returns the version that is there. `aliases` are moved to it; no other is.
    """

    model: str
    facts: Facts
    files: tuple[ArtifactFile, ...]
    description: str = ""
    card: str = ""
    lineage: Mapping[str, str] = field(default_factory=dict[str, str])
    aliases: tuple[str, ...] = ()


@message
class ImportModel:
    """A path on the control machine (Hugging Face folder, GGUF or ONNX file) becomes a version by way of a job.

    `aliases` are moved to the version that it makes, and what follows them rolls over; without one nothing does.
    """

    path: str
    model: str
    quantization: str = ""
    description: str = ""
    aliases: tuple[str, ...] = ()


@message
class ImportStarted:
    """The job that imports."""

    job: str


@message
class NameVersion:
    """A model and `reference`: a version number, an alias, or `latest` for the newest version."""

    model: str
    reference: str = "stable"


@message
class NameModel:
    """Which model is meant."""

    model: str


@message
class ListModels:
    """A page of models by name; `after` is the last name seen."""

    limit: int = 50
    after: str = ""


@message
class ModelPage:
    """Models, and the `next` to ask after; None at the end."""

    items: tuple[Model, ...]
    next: str | None = None


@message
class ListVersions:
    """A page of versions, newest first; `after` is the last number seen."""

    model: str
    limit: int = 50
    after: int | None = None


@message
class VersionPage:
    """Versions, and the `next` to ask after; None at the end."""

    items: tuple[Version, ...]
    next: int | None = None


@message
class SetAlias:
    """Move, or make, an alias."""

    model: str
    alias: str
    version: int


@message
class RemoveAlias:
    """Take an alias away."""

    model: str
    alias: str


@message
class Verification:
    """Whether signature and every file's digest hold; each entry of `problems` names a file or the signature."""

    model: str
    version: int
    valid: bool
    problems: tuple[str, ...] = ()


@message
class GetSigningKey:
    """The house's key, with which it signs versions."""


@message
class SigningKey:
    """The public half, for whoever checks signatures without us: PEM, and the SHA-256 of its DER form in hex."""

    key_id: str
    algorithm: str
    pem: str
