"""How a SentencePiece tokenizer writes spaces, and whether it puts one in front of a text."""

from tulou.adapters.gguf.bounds import shown
from tulou.adapters.gguf.vocabulary.shapes import Step, Tokenizer, pattern_of, steps_of
from tulou.kernel.errors import InvalidError

SPACE = "\N{LOWER ONE EIGHTH BLOCK}"


def puts_space_first(found: Tokenizer, *, chats: bool) -> bool:
    """Return whether llama.cpp is to put a space before texts; raise `InvalidError` for what it cannot do.

    A model that *chats* reads texts that begin with a special token. Newer folders put a space before a text only
    where nothing stands before it; llama.cpp would put one behind each special token too.
    """
    steps = [*steps_of(found.normalizer), *steps_of(found.pre_tokenizer)]
    first = [_scheme(step) for step in steps]
    if "unknown" in first or not any(_writes_spaces(step) for step in steps):
        kinds = shown(", ".join(shown(step.get("type")) for step in steps)) or "nothing"
        raise InvalidError(
            f"tokenizer.json prepares text by {kinds}, which llama.cpp does not do for this kind of vocabulary; "
            "import a GGUF of this model",
            param="path",
        )
    return "always" in first or ("first" in first and not chats)


def _writes_spaces(step: Step) -> bool:
    if step.get("type") == "Metaspace":
        return step.get("replacement") == SPACE
    return step.get("type") == "Replace" and pattern_of(step) == ("String", " ") and step.get("content") == SPACE


def _scheme(step: Step) -> str:
    match step.get("type"):
        case "Prepend":
            return "always" if step.get("prepend") == SPACE else "unknown"
        case "Metaspace":
            older = "always" if step.get("add_prefix_space", True) else "never"
            return str(step.get("prepend_scheme", older))
        case "Replace":
            return "never" if _writes_spaces(step) else "unknown"
        case "Split":  # on spaces, of which none are left by then
            return "never" if pattern_of(step) == ("String", " ") else "unknown"
        case _:
            return "unknown"
