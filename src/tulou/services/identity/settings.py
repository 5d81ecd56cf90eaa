"""Settings of the identity service: the [identity] table."""

from collections.abc import Mapping

import msgspec

from tulou.kernel.message import message


class OpenIdProvider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An OpenID provider whose word is taken; `client_secret` is a reference such as `env://NAME`, empty for none.

    People it brings in get a principal in `tenant`, with `default_role` if it is not empty. With `allowed_domains`,
    only those with a verified address at one of them come in. The claim `groups_claim` lists groups; `group_roles` says
    which role each gives, anew at every sign-in. A field with a slip in its name is an error: one that was overlooked
    could let everybody in.
    """

    name: str
    issuer: str
    client_id: str
    title: str = ""
    client_secret: str = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    tenant: str = "default"
    default_role: str = "viewer"
    allowed_domains: tuple[str, ...] = ()
    groups_claim: str = ""
    group_roles: Mapping[str, str] = {}


@message
class IdentitySettings:
    """Who there may be, and how they sign in; times in seconds.

    max_keys: how many valid keys a house may have; all of them are in every gateway's memory
    max_principals: how many principals a house may have
    tenant_share: what part of these two the people of one tenant may take up; who reaches over the house may do more
    max_tenants: how many tenants a house may have
    max_projects: how many projects a tenant may have
    passwords: whether people may sign in with a password; without it, providers alone let them in
    password_least: how many characters a password has at least
    argon2_passes: how often argon2id goes over its memory (RFC 9106)
    argon2_memory_kib: how much memory it takes for one password; what was hashed with less is hashed anew at sign-in
    argon2_lanes: how many threads it takes
    hashes: how many passwords are looked at in the same moment
    hashes_waiting: how many more may wait for their turn; beyond it, sign-in is refused for a moment
    session_idle_s: how long a session lives that nobody uses
    session_most_s: how long a session lives at most
    max_sessions: how many sessions a principal may have; the oldest ends for one more
    guesses_account: how many wrong tries an account has before each next one has to wait, twice as long each time
    guesses_address: the same for an address that tries
    guess_wait_s: the first such wait
    guess_wait_most_s: the longest such wait
    guess_memory_s: how long wrong tries are remembered
    providers: the OpenID providers whose word is taken, each with name, issuer, client_id and more
    provider_timeout_s: how long a provider may take to answer
    keep_deleted_days: how many days what was deleted can come back; after them it is removed for ever
    public_url: where browsers reach this house, such as https://tulou.example; empty means as they say they did
    """

    max_keys: int = 100_000
    max_principals: int = 10_000
    tenant_share: float = 0.5
    max_tenants: int = 1_000
    max_projects: int = 1_000
    passwords: bool = True
    password_least: int = 12
    argon2_passes: int = 3
    argon2_memory_kib: int = 64 * 1024
    argon2_lanes: int = 4
    hashes: int = 1
    hashes_waiting: int = 64
    session_idle_s: float = 12 * 3600.0
    session_most_s: float = 7 * 86_400.0
    max_sessions: int = 50
    guesses_account: int = 5
    guesses_address: int = 20
    guess_wait_s: float = 1.0
    guess_wait_most_s: float = 900.0
    guess_memory_s: float = 86_400.0
    providers: tuple[OpenIdProvider, ...] = ()
    provider_timeout_s: float = 10.0
    keep_deleted_days: float = 30.0
    public_url: str = ""

    @property
    def secure(self) -> bool:
        """Whether browsers reach the house over TLS alone."""
        return self.public_url.startswith("https://")
