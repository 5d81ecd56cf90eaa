"""Messages that may cross a process boundary."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def message(cls: type[T]) -> type[T]:
    """Make *cls* an immutable value that is built by keyword and compared by content."""
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


@message
class Rejection:
    """Why one of several entries would be refused; `name` is that of the entry, `code` and `param` are the error's."""

    name: str
    why: str
    code: str = ""
    param: str = ""


@message
class Rejections:
    """Those of several entries that would be refused if they were made now; nothing has been made."""

    items: tuple[Rejection, ...] = ()


@message
class Done:
    """The reply of an operation that has nothing to say but that it is so now."""
