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
    "responses": {
        "whole": {"summary": "An answer that is kept", "value": {"model": CHAT, "input": "What is Tulou?"}},
        "next": {
            "summary": "The next question",
            "value": {"model": CHAT, "input": "And where?", "previous_response_id": "resp_1"},
        },
    },
    "messages": {
        "whole": {"summary": "An answer at once", "value": {"model": CHAT, "messages": MESSAGES, "max_tokens": 64}},
    },
    "count_tokens": {"whole": {"summary": "A prompt", "value": {"model": CHAT, "messages": MESSAGES}}},
    "rerank": {
        "whole": {
            "summary": "Two documents",
            "value": {"model": EMBEDDING, "query": "housing", "documents": ["a round house of earth", "a tax form"]},
        },
    },
    "moderations": {"whole": {"summary": "A text", "value": {"model": "omni-moderation", "input": "Be nice."}}},
    "tokenize": {"whole": {"summary": "A text", "value": {"model": CHAT, "content": "What is Tulou?"}}},
    "detokenize": {"whole": {"summary": "Tokens", "value": {"model": CHAT, "tokens": [3, 14, 15]}}},
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
    "responses": {
        "id": "resp_1",
        "object": "response",
        "created_at": 1795256732,
        "status": "completed",
        "model": CHAT,
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
        "model": CHAT,
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
    "responses": (
        'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number":4,'
        '"item_id":"msg_1","output_index":0,"content_index":0,"delta":"A platform","logprobs":[]}\n\n'
    ),
    "messages": (
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
        '"delta":{"type":"text_delta","text":"A platform"}}\n\n'
    ),
}
