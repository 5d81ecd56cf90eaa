"""Which models a Hugging Face folder may hold, by the `architectures` of its `config.json`."""

from collections.abc import Sequence
from typing import Literal

from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message
from tulou.services.registry.configuration import FolderConfig

_SHOWN = 80
_PURPOSES = {
    "ForSequenceClassification": "classifies texts",
    "ForTokenClassification": "classifies words",
    "ForQuestionAnswering": "marks answers in texts",
    "ForMultipleChoice": "chooses between texts",
    "ForNextSentencePrediction": "classifies pairs of texts",
    "ForImageClassification": "classifies pictures",
    "ForAudioClassification": "classifies sounds",
    "ForSequenceScoring": "scores texts",
    "RewardModel": "scores answers",
    "ForConditionalGeneration": "takes pictures, sounds or a text of its own besides the conversation",
    "ForVision2Seq": "takes pictures",
    "ForImageTextToText": "takes pictures",
}
"""What else models are for, by how the name ends; nothing here serves them as what they are."""

NamedModel = Literal["language model", "encoder"]


@message
class Architectures:
    """Those that become language models or encoders; `encoder_types` are how older folders name encoders."""

    language_models: tuple[str, ...]
    encoders: tuple[str, ...]
    encoder_types: tuple[str, ...] = ()

    def kind_of(self, config: FolderConfig) -> NamedModel:
        """Return what a folder holds; raise `InvalidError` with the reason, and a way if there is one."""
        for named in config.architectures:
            if named in self.language_models:
                return "language model"
            if named in self.encoders:
                return "encoder"
        if not config.architectures and config.model_type in self.encoder_types:
            return "encoder"
        refuse_purpose(config.architectures)
        named = ", ".join(config.architectures) or f"none, and model_type {config.model_type!r}"
        raise InvalidError(
            f"config.json: architectures is {named[:_SHOWN]}; {', '.join((*self.language_models, *self.encoders))} can "
            "be converted: import a GGUF file of this model, its maker's or one that llama.cpp's "
            "convert_hf_to_gguf.py writes",
            param="path",
        )


def refuse_purpose(architectures: Sequence[str]) -> None:
    """Raise `InvalidError` for a model that answers with something else than text or a vector."""
    for named in architectures:
        for ending, purpose in _PURPOSES.items():
            if named.endswith(ending):
                raise InvalidError(
                    f"config.json: a {named[:_SHOWN]} {purpose}, which nothing here serves; as a language model or an "
                    "encoder it would give answers that mean nothing",
                    param="path",
                )
