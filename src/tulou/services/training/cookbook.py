"""The recipes that came with this copy of Tulou, read from its files."""

import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

import msgspec

from tulou.contracts.training.messages import Recipe
from tulou.kernel.errors import NotFoundError, TulouError
from tulou.services.training.domain.corpus import parse_corpus
from tulou.services.training.domain.recipes import RecipeFile, SizedRecipe, chosen_profile
from tulou.services.training.domain.scoring import Evaluation

T = TypeVar("T")
ALWAYS = ("frames", "slots", "intents", "passages", "tools", "refusals")
"""Files of a corpus that every profile needs."""


def recipes() -> tuple[Recipe, ...]:
    """Return all recipes, by name."""
    return tuple(_described(place.name, read_sheet(place.name)) for place in _places())


@cache
def read_sheet(recipe: str) -> RecipeFile:
    """Return the sheet of a recipe; raise `NotFoundError` for an unknown one."""
    known = {place.name: place for place in _places()}
    if recipe not in known:
        raise NotFoundError(f"no recipe {recipe[:80]!r}; there are {', '.join(known)}", param="recipe")
    return _parsed(known[recipe] / "recipe.toml", RecipeFile)


def read_dish(recipe: str, profile: str) -> SizedRecipe:
    """Return a recipe with one profile, its corpus and its held-out questions read."""
    sheet = read_sheet(recipe)
    chosen = chosen_profile(sheet, profile)
    place = _root() / recipe
    tables = {file.name.removesuffix(".toml"): _table(file) for file in (place / "corpus").iterdir()}
    if chosen.topics:
        tables = {stem: table for stem, table in tables.items() if stem in (*ALWAYS, *chosen.topics)}
    try:
        corpus = parse_corpus(tables)
    except msgspec.ValidationError as error:
        raise TulouError(f"the corpus of the recipe {recipe} is damaged: {error}") from error
    return SizedRecipe(
        recipe=recipe,
        profile_name=profile,
        sheet=sheet,
        profile=chosen,
        corpus=corpus,
        evaluation=_parsed(place / "evaluation.toml", Evaluation).about(corpus, tuple(chosen.mix)),
        card=(place / "card.md").read_text(encoding="utf-8"),
    )


def _described(name: str, sheet: RecipeFile) -> Recipe:
    return Recipe(
        name=name, model=sheet.name, summary=sheet.summary, license=sheet.license, profiles=tuple(sheet.profiles)
    )


def _root() -> Traversable:
    return files("tulou.services.training") / "recipes"


def _places() -> list[Traversable]:
    places = [place for place in _root().iterdir() if (place / "recipe.toml").is_file()]
    return sorted(places, key=lambda place: place.name)


def _table(file: Traversable) -> dict[str, object]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _parsed(file: Traversable, kind: type[T]) -> T:
    try:
        return msgspec.convert(_table(file), kind)
    except msgspec.ValidationError as error:
        raise TulouError(f"{file.name} of a recipe is damaged: {error}") from error
