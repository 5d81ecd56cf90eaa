"""Messages of the responses contract: answers of `/v1/responses` that are kept, and those made in the background."""

from typing import Literal

from tulou.contracts.files.messages import Owner
from tulou.kernel.message import message

ResponseState = Literal["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"]


@message
class StoredResponse:
    """A response, and what it takes to go on from it.

    `body` is its JSON as clients see it, `input` the JSON of the items that came with the request, `request` the JSON
    of the whole request of one in the background (else empty). `previous` is the response before it.
    """

    id: str
    owner: Owner
    state: ResponseState
    body: str
    input: str
    created_at: float
    expires_at: float
    previous: str = ""
    request: str = ""
    job: str = ""


@message
class NameResponse:
    """Which response is meant, and who asks; of a conversation, how many bytes the asker takes at most (0: any)."""

    owner: Owner
    id: str
    at_most: int = 0


@message
class Conversation:
    """A response with all that came before it, oldest first."""

    items: tuple[StoredResponse, ...]


@message
class NameItems:
    """Items of answers that are kept, by their ids, and who asks; `at_most` bytes are taken (0: any)."""

    owner: Owner
    ids: tuple[str, ...]
    at_most: int = 0


@message
class Items:
    """Items as they were answered, JSON each, in the order in which they were named."""

    items: tuple[str, ...]
