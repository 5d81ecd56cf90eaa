"""Variables of the environment that a file names: their values here, and how the house refers to them."""

from collections.abc import Mapping, Sequence

REFERENCE = "os.environ/"
ENVIRONMENT = "env://"


class Variables:
    """`known` are those that are set here or that the file sets; secrets are never read from them."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self.missing: dict[str, None] = {}

    def value(self, name: str) -> str | None:
        """Return the value of a variable; one that is not set is remembered as missing."""
        if name not in self._known:
            self.missing[name] = None
        return self._known.get(name)

    def credential(self, names: Sequence[str]) -> str:
        """Return where a credential lies: in the first variable that is set, else in the first of all."""
        name = next((one for one in names if self._known.get(one)), names[0])
        return self.reference(name)

    def reference(self, name: str) -> str:
        """Return the house's reference to a variable."""
        return f"{ENVIRONMENT}{name}"

    def address(self, names: Sequence[str]) -> str:
        """Return the value of the first of several variables that is set; nothing if none is."""
        return next((value.rstrip("/") for one in names if (value := self._known.get(one))), "")

    def is_set(self, name: str) -> bool:
        """Say whether a variable has a value here."""
        return bool(self._known.get(name))
