"""Tool calls of the house's own engines: those that a model writes as text are read, and forced ones are made to come.

An engine knows how one model writes a call; many models write it otherwise, and then it is text to the engine.
"""

from tulou.services.gateway.stack.tool_calls.exchange import ToolCallExchange
from tulou.services.gateway.stack.tool_calls.offer import Offer, offer_of

__all__ = ["Offer", "ToolCallExchange", "offer_of"]
