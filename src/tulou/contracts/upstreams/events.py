"""Facts of upstreams."""

from tulou.kernel.message import message

UPSTREAM_CHANGED = "upstreams.upstream_changed"
CREDENTIAL_SUSPECTED = "upstreams.credential_suspected"


@message
class UpstreamChanged:
    """An upstream or one of its credentials was made, changed or removed."""

    name: str


@message
class CredentialSuspected:
    """A vendor refused a request, perhaps for its credential; fields as in `ReportCredential`."""

    name: str
    credential: str
    status: int
    served: bool = False
    named: bool = False
