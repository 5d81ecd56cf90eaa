"""The model card of a trained model: the recipe's text with the run's figures."""

from collections.abc import Sequence

from tulou.contracts.training.messages import Score
from tulou.ports.trainer import TrainedModel
from tulou.services.training.domain.recipes import SizedRecipe


def write_card(dish: SizedRecipe, trained: TrainedModel, scores: Sequence[Score]) -> str:
    """Return the card in Markdown."""
    rows = [f"| {score.group} | {score.right} of {score.asked} |" for score in scores]
    figures = {
        "name": dish.sheet.name,
        "summary": dish.sheet.summary,
        "license": dish.sheet.license,
        "recipe": dish.recipe,
        "profile": dish.profile_name,
        "parameters": f"{trained.parameters:,}",
        "context": str(dish.profile.shape.context),
        "quantization": dish.sheet.quantization,
        "steps": f"{trained.steps:,}" + (" (cut by the clock)" if trained.cut_by_clock else ""),
        "tokens": f"{trained.tokens:,}",
        "seconds": f"{trained.seconds:.0f}",
        "loss": f"{trained.loss:.3f}",
        "seed": str(trained.seed),
        "weights": trained.digest,
        "data": trained.data_digest,
        "scores": "\n".join(["| group | right |", "|---|---|", *rows]),
    }
    text = dish.card
    for key, value in figures.items():
        text = text.replace(f"{{{{{key}}}}}", value)
    return text
