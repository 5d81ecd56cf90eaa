"""Settings of the house: defaults, then `tulou.toml`, then the environment; nothing else reads either."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, TypeVar, get_type_hints

import msgspec

from tulou.kernel.addresses import without_userinfo
from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message

ENVIRONMENT_PREFIX = "TULOU_"
FILE_NAME = "tulou.toml"
FAMILIAR = {"OTEL_EXPORTER_OTLP_ENDPOINT": ("tracing", "endpoint")}
"""Names that other tools have for our settings; our own names and the file are stronger."""

Source = Literal["default", "file", "environment"]


@message
class HouseSettings:
    """The house as a whole.

    name: what the house is called in metrics and logs
    directory: where everything it keeps on this machine lies
    host: the address the gate listens on
    port: the port of the gate; 0 takes a free one
    gateways: how many gateway processes share the port; 0 means half of the cores, at least 2
    control_url: where the control process is reached; empty means that `tulou up` chooses a free loopback port
    control_host: the address that control services listen on; empty means the host in `control_url` or `[remotes]`
    gate_url: where control reaches the gate for batches; empty means `host` and `port` of this machine
    demo: whether the first start brings in and deploys the demo models
    proxy: HTTP proxy to OpenID providers, token endpoints, Vault and S3: `http://HOST:PORT`, `env://NAME`, `file://PATH`
    no_proxy: hosts that are asked without it: names, each with all below it, and networks; this machine always is
    drain_s: how long a process may take, in seconds, to finish what it has begun when it is asked to stop
    hung_s: how long a gateway may be silent, in seconds, before it is taken to hang and replaced; 0 is for ever
    control_hung_s: the same for control, whose largest changes keep it busy for seconds at a time
    log_level: the least level that is logged: debug, info, warning or error
    worker_environment: variables that workers inherit, besides those that say how programs run
    """

    name: str = "tulou"
    directory: str = "var"
    host: str = "127.0.0.1"
    port: int = 8000
    gateways: int = 0
    control_url: str = ""
    control_host: str = ""
    gate_url: str = ""
    demo: bool = True
    proxy: str = ""
    no_proxy: tuple[str, ...] = ()
    drain_s: float = 30.0
    hung_s: float = 5.0
    control_hung_s: float = 20.0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    worker_environment: tuple[str, ...] = ()


@message
class PortSettings:
    """Which adapter stands behind each port, by URL; `{directory}` is the house's directory.

    database: where services keep their tables: `sqlite:///FILE` or `postgresql://USER@HOST/NAME`
    blobs: where large files lie: `file://FOLDER` or `s3://BUCKET/PREFIX?endpoint=URL`
    cache: small shared values: `memory://` or `redis://HOST`
    events: how facts travel: `memory://` or `redis://HOST`
    allowances: where limits are counted: `control://`, the control process, or `redis://HOST` for several hosts
    secrets: where secrets lie: `file://FOLDER` or `env://PREFIX`
    master_key: what seals the secrets in the database: `file://FOLDER`, `env://NAME` or `https://HOST/MOUNT/KEY`
    """

    database: str = "sqlite:///{directory}/tulou.db"
    blobs: str = "file://{directory}/blobs"
    cache: str = "memory://"
    events: str = "memory://"
    allowances: str = "control://"
    secrets: str = "file://{directory}/secrets"
    master_key: str = "file://{directory}/secrets"


class Table(Protocol):
    """A frozen class of settings."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


T = TypeVar("T", bound=Table)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the file and the environment say, not yet held against any class of settings."""

    tables: Mapping[str, Mapping[str, object]]
    sources: Mapping[tuple[str, str], Source]
    remotes: Mapping[str, str] = field(default_factory=dict[str, str])

    def table(self, name: str, kind: type[T]) -> T:
        """Return the settings of one table; raise `InvalidError` naming the key that is unknown or of a wrong type."""
        given = self.tables.get(name, {})
        hints = get_type_hints(kind)
        values = {key: _convert(name, key, value, hints) for key, value in given.items()}
        return kind(**values)

    def source(self, table: str, key: str) -> Source:
        """Say where a value came from."""
        return self.sources.get((table, key), "default")

    def check_tables(self, known: Mapping[str, type[Any]]) -> None:
        """Raise `InvalidError` for a table that no service has, naming the nearest that one has."""
        for name in self.tables:
            if name not in known:
                raise InvalidError(f"tulou.toml has no table [{name}]{_nearest(name, known)}", param=name)
        for name, kind in known.items():
            self.table(name, kind)

    def check_remotes(self, known: Mapping[str, object]) -> None:
        """Raise `InvalidError` for a remote that is no service, naming the nearest one, or whose URL is none."""
        for name, url in self.remotes.items():
            if name not in known:
                raise InvalidError(f"[remotes] {name}: no such service{_nearest(name, known)}", param=f"remotes.{name}")
            if not re.fullmatch(r"https?://[^/]+:\d+/?", url):
                shown = without_userinfo(url)
                raise InvalidError(f"[remotes] {name} = {shown!r}: write http://HOST:PORT", param=f"remotes.{name}")


def load(file: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read settings; raise `InvalidError` for a file that is not there or not TOML."""
    tables: dict[str, dict[str, object]] = {}
    sources: dict[tuple[str, str], Source] = {}
    for name, content in _read(file).items():
        tables[name] = _table(file, name, content)
        sources |= {(name, key): "file" for key in tables[name]}
    for variable, value in environment.items():
        name, separator, key = variable.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        if variable in FAMILIAR:
            name, key = FAMILIAR[variable]
            tables.setdefault(name, {}).setdefault(key, value)
            sources.setdefault((name, key), "environment")
        elif variable.startswith(ENVIRONMENT_PREFIX) and separator:
            tables.setdefault(name, {})[key] = _parsed(value)
            sources[name, key] = "environment"
    remotes = {name: str(url) for name, url in tables.pop("remotes", {}).items()}
    return Settings(tables, sources, remotes)


def defaults(kind: type[Table]) -> dict[str, object]:
    """Return a settings class's keys with their defaults."""
    return {item.name: _default(item) for item in fields(kind)}


def _read(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise InvalidError(f"no file {file}; leave out --config, or write one (`tulou config show` has all)") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidError(f"{file} is not TOML: {error}") from error


def _table(file: Path | None, name: str, content: object) -> dict[str, object]:
    try:
        return msgspec.convert(content, dict[str, object])
    except msgspec.ValidationError as error:
        raise InvalidError(f"{file}: {name!r} stands outside a table; put it under one, such as [house]") from error


def _parsed(value: str) -> object:
    """Read lists and tables in the environment as JSON; everything else stays text until its type is known."""
    if value[:1] not in ("[", "{"):
        return value
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value


def _convert(table: str, key: str, value: object, hints: Mapping[str, Any]) -> Any:
    if key not in hints:
        raise InvalidError(f"[{table}] has no setting {key!r}{_nearest(key, hints)}", param=f"{table}.{key}")
    try:
        return msgspec.convert(value, hints[key], strict=not isinstance(value, str))
    except msgspec.ValidationError as error:
        raise InvalidError(f"[{table}] {key} = {value!r}: {error}", param=f"{table}.{key}") from error


def _nearest(name: str, known: Mapping[str, object]) -> str:
    matches = get_close_matches(name, known, n=1)
    return f"; did you mean {matches[0]!r}?" if matches else f"; there are {', '.join(sorted(known))}"


def _default(item: Field[Any]) -> object:
    if item.default is not MISSING:
        return item.default
    return item.default_factory() if item.default_factory is not MISSING else None
