"""How a text begins that comes in pieces: it is looked at until it is known whether it may be a call."""

from tulou.services.gateway.stack.tool_calls.shapes import begins_call


class Beginning:
    """Keeps no more of the text than says so: how much space is between its signs says nothing."""

    __slots__ = ("_begun", "_known")

    def __init__(self) -> None:
        self._begun = ""
        self._known: bool | None = None

    @property
    def may_be_call(self) -> bool:
        """Whether a call may be what the text begins with."""
        return self._known is not False

    def add(self, text: str) -> None:
        """Take more of the text; raise `TypeError` for what is none."""
        if self._known is not None:
            return
        begun = self._begun + (text.lstrip() if self._begun[-1:].isspace() or not self._begun else text)
        kept = begun.rstrip()
        self._begun = begun[: len(kept) + 1]
        self._known = begins_call(self._begun)
