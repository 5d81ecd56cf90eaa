"""LiteLLM's configuration in the words of this house; what has no word here is told, never passed over."""

from tulou.cli.litellm.translation import TranslatedHouse, translated

__all__ = ["TranslatedHouse", "translated"]
