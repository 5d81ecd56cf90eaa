"""Where endpoints lie, and what a vendor answers there: written down, so that no change of the product moves it."""

from collections.abc import Mapping
from typing import Any

PATHS: Mapping[str, str] = {
    "chat": "/v1/chat/completions",
    "completions": "/v1/completions",
    "embeddings": "/v1/embeddings",
    "responses": "/v1/responses",
    "messages": "/v1/messages",
    "count_tokens": "/v1/messages/count_tokens",
    "rerank": "/v1/rerank",
    "moderations": "/v1/moderations",
    "tokenize": "/tokenize",
    "detokenize": "/detokenize",
}
USAGE = {"prompt_tokens": 15, "completion_tokens": 9, "total_tokens": 24}
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "completions": {
        "id": "chatcmpl-1",
        "created": 1795256732,
        "model": "tulou-demo",
        "object": "text_completion",
        "choices": [{"index": 0, "text": " a platform for large models.", "finish_reason": "stop"}],
        "usage": USAGE,
    },
    "embeddings": {
        "object": "list",
        "data": [
            {"object": "embedding", "index": 0, "embedding": [-0.0979, -0.064, 0.1548]},
            {"object": "embedding", "index": 1, "embedding": [0.0217, -0.0281, 0.0544]},
        ],
        "model": "all-minilm-l6-v2",
        "usage": {"prompt_tokens": 11, "total_tokens": 11},
    },
    "responses": {
        "id": "resp_1",
        "object": "response",
        "created_at": 1795256732,
        "status": "completed",
        "model": "tulou-demo",
        "output": [
            {
                "type": "message",
                "id": "msg_1",
                "role": "assistant",
                "status": "completed",
                "content": [{"type": "output_text", "text": "A platform for large models.", "annotations": []}],
            }
        ],
        "usage": {"input_tokens": 15, "output_tokens": 9, "total_tokens": 24},
        "store": True,
    },
    "messages": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "tulou-demo",
        "content": [{"type": "text", "text": "A platform for large models."}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 15, "output_tokens": 9},
    },
    "count_tokens": {"input_tokens": 15},
    "rerank": {
        "results": [{"index": 0, "relevance_score": 0.62}, {"index": 1, "relevance_score": 0.08}],
        "usage": {"prompt_tokens": 13, "total_tokens": 13},
    },
    "moderations": {
        "id": "modr-1",
        "model": "omni-moderation",
        "results": [{"flagged": False, "categories": {"hate": False}, "category_scores": {"hate": 0.0001}}],
    },
    "tokenize": {"tokens": [3, 14, 15], "count": 3},
    "detokenize": {"content": "What is Tulou?", "prompt": "What is Tulou?"},
}
"""Of a server that speaks OpenAI's dialect; its chats are in `vendor.py`."""
