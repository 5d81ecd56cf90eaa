"""Examples of each question and its answer, with the models that a first start brings."""

from collections.abc import Mapping
from typing import Any

from tulou.contracts.routing.messages import Endpoint

Json = dict[str, Any]

CHAT, EMBEDDING = "tulou-demo", "all-minilm-l6-v2"
MESSAGES = [{"role": "user", "content": "What is Tulou?"}]
USAGE = {"prompt_tokens": 15, "completion_tokens": 9, "total_tokens": 24}
HEAD: Json = {"id": "chatcmpl-1", "created": 1795256732, "model": CHAT}

ASKED: Mapping[Endpoint, Json] = {
    "chat": {
        "whole": {"summary": "An answer at once", "value": {"model": CHAT, "messages": MESSAGES, "max_tokens": 64}},
        "stream": {
            "summary": "An answer as a stream, with counts of tokens",
            "value": {
                "model": CHAT,
                "messages": MESSAGES,
                "stream": True,
                "stream_options": {"include_usage": True},
            },
        },
    },
    "completions": {
        "whole": {"summary": "A text to continue", "value": {"model": CHAT, "prompt": "Tulou is", "max_tokens": 16}},
    },
    "embeddings": {
        "texts": {
            "summary": "Two texts",
            "value": {"model": EMBEDDING, "input": ["a round house of earth", "a tax form"]},
        },
    },
}

ANSWERED: Mapping[Endpoint, Json] = {
    "chat": {
        **HEAD,
        "object": "chat.completion",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "A platform for large models."},
                "finish_reason": "stop",
            }
        ],
        "usage": USAGE,
    },
    "completions": {
        **HEAD,
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
        "model": EMBEDDING,
        "usage": {"prompt_tokens": 11, "total_tokens": 11},
    },
}

STREAMED: Mapping[Endpoint, str] = {
    "chat": (
        'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1795256732,"model":"tulou-demo",'
        '"choices":[{"index":0,"delta":{"role":"assistant","content":"A platform"},"finish_reason":null}]}\n\n'
        'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1795256732,"model":"tulou-demo",'
        '"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
        "data: [DONE]\n\n"
    ),
    "completions": (
        'data: {"id":"cmpl-1","object":"text_completion","created":1795256732,"model":"tulou-demo",'
        '"choices":[{"index":0,"text":" a platform","finish_reason":"stop"}]}\n\n'
        "data: [DONE]\n\n"
    ),
}
