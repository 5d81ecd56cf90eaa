"""What the examples of several endpoints have in common: the models that a first start brings, and what is asked."""

from typing import Any

CHAT, EMBEDDING = "tulou-demo", "all-minilm-l6-v2"
MESSAGES = [{"role": "user", "content": "What is Tulou?"}]
USAGE = {"prompt_tokens": 15, "completion_tokens": 9, "total_tokens": 24}
HEAD: dict[str, Any] = {"id": "chatcmpl-1", "created": 1795256732, "model": CHAT}
