"""Settings of the responses service: the [responses] table of tulou.toml."""

from tulou.kernel.message import message


@message
class ResponsesSettings:
    """How much is kept.

    response_bytes: the largest response with its input, in bytes
    project_bytes: what the responses of a project may take together, in bytes
    conversation: how many responses may follow one another
    answer_s: seconds that an answer in the background may take
    project_unfinished: how many answers of a project may be made in the background at once
    sweep_s: seconds between looks for what has expired
    """

    response_bytes: int = 16 * 1024 * 1024
    project_bytes: int = 1024 * 1024 * 1024
    conversation: int = 1000
    answer_s: float = 3600.0
    project_unfinished: int = 100
    sweep_s: float = 60.0
