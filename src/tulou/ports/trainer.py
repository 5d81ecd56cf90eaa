"""Something that makes a language model out of conversations."""

from collections.abc import Callable
from typing import Protocol

from tulou.kernel.message import message


@message
class ModelShape:
    """The sizes of a Llama-shaped model; `width` is divided evenly among `heads`."""

    layers: int
    width: int
    heads: int
    feed_forward: int
    vocabulary: int
    context: int


@message
class TrainSpec:
    """What to train, from what, for how long.

    `conversations` and `questions` are JSON-lines files with `messages` and perhaps `tools` in each line; the trained
    model answers every question at the end. Training takes exactly `steps` steps unless `seconds` is above zero and
    runs out first; the learning rate decays to the end either way. Only a run that the clock did not cut can be
    repeated to the bit. With `focus` above zero a token counts by its improbability to that power, so that short
    trainings spend themselves on what is not known yet.
    """

    name: str
    conversations: str
    questions: str = ""
    shape: ModelShape
    steps: int
    batch_tokens: int
    learning_rate: float
    warmup_steps: int = 20
    seconds: float = 0.0
    focus: float = 0.0
    seed: int = 0
    threads: int = 0


@message
class TrainProgress:
    """How far training is; `stage` is tokenizer, training, answering or saving, `eta_s` what is left of training."""

    stage: str
    step: int = 0
    steps: int = 0
    loss: float = 0.0
    tokens: int = 0
    elapsed_s: float = 0.0
    eta_s: float = 0.0


@message
class TrainedModel:
    """A model folder in the Hugging Face layout, and how it came to be.

    `digest` is the SHA-256 of its weights, `data_digest` that of the conversations, `answers` a JSON-lines file with
    one `content` a question (empty without questions).
    """

    folder: str
    parameters: int
    steps: int
    tokens: int
    loss: float
    seconds: float
    seed: int
    digest: str
    data_digest: str
    cut_by_clock: bool
    answers: str = ""


class Trainer(Protocol):
    """Trains models; cancelling the call ends the work and everything started for it."""

    async def train(self, spec: TrainSpec, workdir: str, progress: Callable[[TrainProgress], None]) -> TrainedModel:
        """Return the model made in *workdir*; raise `InvalidError` for data or sizes that cannot be trained."""
        ...
