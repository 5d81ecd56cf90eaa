"""What an operation changes, as the audit trail knows it: said where a component lists its operations."""

from tulou.kernel.message import message


@message
class AuditedChange:
    """The trail's `action`, as for the route that asks the same, and the `name` of the thing.

    In the name `{...}` are fields of the request. Of a `secret` request the trail keeps the names of its fields alone.
    """

    action: str
    name: str = ""
    secret: bool = False

    def resource(self, request: object) -> str:
        """Return where the trail finds what a request changes: `keys/key_1`."""
        fields = {name: getattr(request, name) for name in getattr(request, "__dataclass_fields__", ())}
        return "/".join(part for part in (self.action.partition(":")[0], self.name.format_map(fields)) if part)


def changes(action: str, name: str = "", *, secret: bool = False) -> AuditedChange:
    """Return what an operation changes."""
    return AuditedChange(action=action, name=name, secret=secret)
