"""What a status means, with the words that come with it: whose fault it is, and who might do better."""

import re

from tulou.services.gateway.stack.failure import Kind
from tulou.services.gateway.stack.words import VendorWords

UNAUTHORIZED, PAYMENT, FORBIDDEN, TIMED_OUT, BUSY, BROKEN = 401, 402, 403, 408, 429, 500

LLAMA_SERVERS = frozenset({"tulou", "llamacpp"})
"""Providers whose replicas may be llama.cpp's server: the house's own engines, and one outside."""

_OWN_FAILURE = re.compile(
    r"compute error|input batch|alloc|out of memory|cuda|vulkan|metal|device|"
    r"failed to (?:load|init|open|find|restore)|loading model|no slot",
    re.IGNORECASE,
)

CLIENT_FAULTS = range(400, 500)

CREDENTIAL_NAMES = frozenset(
    {
        "API_KEY_INVALID",
        "API_KEY_EXPIRED",
        "CONSUMER_SUSPENDED",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidApiKey",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
        "account_deactivated",
        "invalid_api_key",
    }
)
"""Names of errors that concern the credential whatever the status: Google's come with 400 and 403, AWS's with 403."""


def kind_of(status: int, said: VendorWords) -> Kind | None:
    """Return why an attempt has failed; None for a refusal that concerns the request and goes to its client."""
    if status == UNAUTHORIZED or said.names & CREDENTIAL_NAMES:
        return "credential"
    if status == PAYMENT:
        return "funds"
    if status == BUSY:
        return "busy"
    return "status" if status >= BROKEN or status == TIMED_OUT else None


def asks_wrongly(status: int, said: VendorWords, provider: str) -> bool:
    """Say whether a 500 is the request's: llama.cpp's server says so of whatever its handlers cannot take.

    A picture for a model without eyes, a message that its chat template stumbles over, a field of a type that it does
    not expect: all come as 500 `server_error`, as do the few failures of its own.
    """
    named = provider in LLAMA_SERVERS and "server_error" in said.names
    return status == BROKEN and named and bool(said.message) and _OWN_FAILURE.search(said.message) is None


def kind_within(status: int, said: VendorWords) -> Kind | None:
    """Return the same of an error that comes in an answer of status 200; what is no status is the server's fault."""
    if status not in CLIENT_FAULTS:
        return "bad_stream"
    kind = kind_of(status, said)
    return "bad_stream" if kind == "status" else kind
