"""The [upstreams] table of tulou.toml."""

from tulou.kernel.message import message


@message
class UpstreamsSettings:
    """Which vendors are known, and how much is kept.

    providers_file: a TOML file with vendors of your own, which are added to those that are built in or replace them
    max_upstreams: how many upstreams there may be
    max_credentials: how many credentials one upstream may have
    suspect_s: how often a credential is probed at most because requests with it are refused; seconds
    rest_s: how long a credential is shown as cooling after a 429 that did not say how long; seconds
    keep_deleted_days: how many days a sealed credential that was deleted can come back
    """

    providers_file: str = ""
    max_upstreams: int = 200
    max_credentials: int = 50
    suspect_s: float = 30.0
    rest_s: float = 10.0
    keep_deleted_days: float = 30.0
