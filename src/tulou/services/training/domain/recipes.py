"""A recipe: what is trained, from what, with which sizes."""

from tulou.kernel.errors import NotFoundError
from tulou.ports.trainer import ModelShape, TrainSpec
from tulou.services.training.domain.corpus import Corpus, CorpusPart
from tulou.services.training.domain.scoring import Evaluation


class Profile(CorpusPart, frozen=True, kw_only=True):
    """One size of a recipe.

    `topics` keep only those files of the corpus (all if empty), `mix` weighs kinds of talk, `single_turns` leaves out
    longer talk; the rest is as in `TrainSpec`.
    """

    steps: int
    conversations: int
    batch_tokens: int
    learning_rate: float
    warmup_steps: int
    seed: int
    shape: ModelShape
    mix: dict[str, float]
    seconds: float = 0.0
    focus: float = 0.0
    single_turns: bool = False
    topics: tuple[str, ...] = ()


class RecipeFile(CorpusPart, frozen=True, kw_only=True):
    """What `recipe.toml` holds."""

    name: str
    summary: str
    license: str
    quantization: str
    profiles: dict[str, Profile]


class SizedRecipe(CorpusPart, frozen=True, kw_only=True):
    """A recipe with one profile, ready to be cooked."""

    recipe: str
    profile_name: str
    sheet: RecipeFile
    profile: Profile
    corpus: Corpus
    evaluation: Evaluation
    card: str

    def spec(self, conversations: str, questions: str, *, threads: int) -> TrainSpec:
        """Return what the trainer must know; the arguments are paths of JSON-lines files."""
        profile = self.profile
        return TrainSpec(
            name=self.sheet.name,
            conversations=conversations,
            questions=questions,
            shape=profile.shape,
            steps=profile.steps,
            batch_tokens=profile.batch_tokens,
            learning_rate=profile.learning_rate,
            warmup_steps=profile.warmup_steps,
            seconds=profile.seconds,
            focus=profile.focus,
            seed=profile.seed,
            threads=threads,
        )


def chosen_profile(sheet: RecipeFile, name: str) -> Profile:
    """Return a profile; raise `NotFoundError` for an unknown one."""
    if name not in sheet.profiles:
        known = ", ".join(sheet.profiles)
        raise NotFoundError(f"the recipe has no profile {name[:80]!r}; there are {known}", param="profile")
    return sheet.profiles[name]
