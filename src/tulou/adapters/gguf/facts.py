"""What a model file or folder says of itself."""

from collections import Counter
from math import prod
from pathlib import Path

from gguf import GGMLQuantizationType, LlamaFileType

from tulou.adapters.gguf.bounds import shown
from tulou.adapters.gguf.header import Header, read_header
from tulou.adapters.gguf.hugging_face import read_config
from tulou.adapters.gguf.weights import Weights
from tulou.kernel.errors import InvalidError
from tulou.ports.converter import ModelFacts

PLAIN = {"F32", "F16", "BF16"}
NAME_CAP = 200
ARCHITECTURE_CAP = 64
RANKS = 4
"""`LLAMA_POOLING_TYPE_RANK`: the model has a head that gives one number a text, or one for each class."""


def file_facts(path: Path) -> ModelFacts:
    """Return the facts of a GGUF file; raise `InvalidError` if it is not whole."""
    header = read_header(path)
    if not header.tensors:
        raise InvalidError(f"{path.name} holds no tensors; import it again", param="path")
    architecture = header.text("general.architecture")
    if len(architecture) > ARCHITECTURE_CAP:
        raise InvalidError(f"{path.name} is of the unknown architecture {shown(architecture)!r}", param="path")
    _check_purpose(path, header, architecture)
    return ModelFacts(
        format="gguf",
        architecture=architecture,
        parameters=sum(prod(tensor.shape) for tensor in header.tensors),
        context_length=header.number(f"{architecture}.context_length"),
        quantization=_quantization(header),
        chat_template=bool(header.text("tokenizer.chat_template")),
        embedding_length=header.number(f"{architecture}.embedding_length"),
        vocabulary=header.count("tokenizer.ggml.tokens"),
        name=header.text("general.name")[:NAME_CAP],
    )


def _check_purpose(path: Path, header: Header, architecture: str) -> None:
    """Raise `InvalidError` for a model that ranks or classifies: its answers would be taken for vectors."""
    labels = f"{architecture}.classifier.output_labels"
    if header.number(f"{architecture}.pooling_type") == RANKS or labels in header.fields:
        raise InvalidError(
            f"{path.name} ranks or classifies texts, which nothing here serves; as an encoder it would give vectors "
            "that mean nothing",
            param="path",
        )


def folder_facts(folder: Path) -> ModelFacts:
    """Return the facts of a Hugging Face folder; raise `InvalidError` if weights or configuration cannot be used."""
    config = read_config(folder)
    weights = Weights(folder)
    kinds = Counter(weights.kind(name) for name in weights.names())
    if not kinds:
        raise InvalidError(f"the weights in {folder.name} hold no tensors; fetch them again", param="path")
    return ModelFacts(
        format="safetensors",
        architecture=config.kind.name,
        parameters=sum(prod(weights.shape(name)) for name in weights.names()),
        context_length=config.context_length,
        quantization=kinds.most_common(1)[0][0],
        chat_template=bool(config.chat_template),
        embedding_length=config.width,
        vocabulary=config.vocabulary,
        name=folder.name,
    )


def _quantization(header: Header) -> str:
    # The file type says what the maker meant, such as Q4_K_M, which is a mixture; the tensors say what there is.
    common = Counter[GGMLQuantizationType]()
    for tensor in header.tensors:
        common[tensor.kind] += tensor.size
    most = common.most_common(1)[0][0].name
    try:
        meant = LlamaFileType(header.number("general.file_type")).name.removeprefix("MOSTLY_")
    except ValueError:
        return most
    return meant if meant.startswith(most.split("_")[0]) and most not in PLAIN else most
