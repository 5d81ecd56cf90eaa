"""The language of policies: Cedar, with a schema of the house's own."""

from tulou.services.governance.language.check import check_text
from tulou.services.governance.language.statements import composed, contextual, for_inference

__all__ = ["check_text", "composed", "contextual", "for_inference"]
