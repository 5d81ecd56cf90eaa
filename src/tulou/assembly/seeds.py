"""The models that come with the house: one that talks, one that embeds."""

from importlib.resources import files
from pathlib import Path

from tulou.adapters.onnx.minilm import minilm_folder
from tulou.assembly.first_start import Seed
from tulou.contracts.serving.messages import DeploymentSpec
from tulou.kernel.errors import NotFoundError

CHAT = "tulou-demo"
EMBEDDING = "all-minilm-l6-v2"


def seeds() -> list[Seed]:
    """Return the models that a first start brings in; each says by itself if it is not there or not sound."""
    return [
        Seed(
            find=demo_file,
            description="A small assistant about Tulou, trained by the recipe demo.",
            spec=DeploymentSpec(name=CHAT, model=CHAT),
        ),
        Seed(
            find=minilm_folder,
            description="Sentence embeddings of 384 dimensions (Apache-2.0).",
            spec=DeploymentSpec(name=EMBEDDING, model=EMBEDDING),
        ),
    ]


def demo_file() -> Path:
    """Return the artifact that the recipe `demo` made; raise `NotFoundError` where it was left out."""
    path = Path(str(files("tulou.services.training"))) / "recipes" / "demo" / "artifact" / "tulou-demo.q8_0.gguf"
    if not path.is_file():
        raise NotFoundError("this copy of Tulou came without its demo model; `tulou train demo` makes one")
    return path
