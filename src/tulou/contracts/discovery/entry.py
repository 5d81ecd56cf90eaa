"""What an entry of a deployment says of the calls to it: what is asked where a client says nothing, and how long."""

from tulou.kernel.message import message


@message
class RequestDefaults:
    """What is asked where the client says nothing of it; what is None or empty here is left to the model.

    Named as in OpenAI's chat completions; every dialect gets them in its own words. `reasoning_tokens` is a cap on
    thinking in tokens, in place of `reasoning_effort`.
    """

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    reasoning_effort: str = ""
    reasoning_tokens: int | None = None
    verbosity: str = ""


@message
class CallDeadlines:
    """How long the calls of one entry may take, in seconds; None: as the route says."""

    connect_s: float | None = None
    first_byte_s: float | None = None
    idle_s: float | None = None
    total_s: float | None = None


NO_DEFAULTS = RequestDefaults()
NO_DEADLINES = CallDeadlines()
