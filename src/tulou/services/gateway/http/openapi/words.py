"""The words and examples of the gate's description."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

PASSED_ON = (
    "Fields that are not listed here go to the engine as they are; what it does not know, it ignores or refuses."
)

ABOUT: Mapping[str, tuple[str, str]] = {
    "list_served_models": ("List models", "Return the models that the key may use."),
    "get_served_model": ("Get a model", "Return one model that the key may use."),
    "create_chat_completion": (
        "Answer a conversation",
        (
            "Return the next message of a conversation; with `stream`, in pieces as it is written, and with an event "
            "`error` in place of `[DONE]` if it must break. Closing the connection stops the generation."
        ),
    ),
    "create_completion": (
        "Continue a text",
        "Return what follows a text; with `stream`, in pieces as it is written. Closing the connection stops it.",
    ),
    "create_embeddings": ("Turn texts into vectors", "Return a vector for each text, for search and comparison."),
    "get_health": ("Is the process alive", "Answer as long as the gateway process lives."),
    "get_readiness": ("Can requests be answered", "Answer 200 from the first snapshot on, until the process drains."),
    "get_gate_metrics": ("Metrics", "Return the metrics of all gateway processes of this host, for Prometheus."),
    "get_gate_version": ("Version", "Return the version that runs here."),
}
"""Summary and description by operation."""

FIELDS: Mapping[str, str] = {
    "model": "A deployment, or a route that leads to some; `GET /v1/models` lists those that the key may use.",
    "user": "Who asks on your side: what routes with `consistent_hash` keep on one replica.",
    "stream": "Send the answer as server-sent events while it is written.",
    "stream_options": "How the stream is written; only with `stream`.",
    "include_usage": "Send the counts of tokens in a last chunk, whose `choices` are empty.",
    "max_tokens": "The most tokens that are written.",
    "max_completion_tokens": "The newer name of `max_tokens`.",
    "temperature": "0 always takes the likeliest token; higher is more varied.",
    "top_p": "Choose among the likeliest tokens that together have this probability.",
    "n": "How many answers.",
    "stop": "Texts that end the answer; they are not part of it.",
    "seed": "The same seed, model and request give the same answer as far as the engine can.",
    "messages": "The conversation, oldest first.",
    "content": "The text, or parts of it as OpenAI's API has them.",
    "role": "`system`, `user`, `assistant` or `tool`.",
    "tools": "Functions that the model may ask to be called.",
    "tool_choice": "Whether it must.",
    "response_format": "`json_object`, or `json_schema` with a schema that the answer then follows.",
    "logprobs": "Return the log probability of each token.",
    "top_logprobs": "How many alternatives to each token.",
    "prompt": "The text to continue, or several, or tokens.",
    "input": "The text, or several, or tokens.",
    "encoding_format": "`float`, or `base64` for 32-bit floats in little-endian order.",
    "dimensions": "Fewer dimensions than the model has, where it was trained for that.",
}
"""What the fields of requests mean, by name: all requests use the same words for the same thing."""

REFUSALS: Mapping[int, str] = {
    400: "The body is not JSON, a field is wrong (`param` names it), or the model does not do this",
    401: "No key, or one that is unknown, revoked or expired",
    403: "The key may not do inference, or not with this model",
    404: "No model of this name, or none for this key",
    413: "The body is larger than its cap",
    429: "Every replica is busy; `retry-after` says when to come back",
    500: "A failure of the gate; its log has the request's id",
    502: "The replicas that were tried failed; `attempts` names each if there were several",
    503: "Nothing can serve the model now, or the gate has as much to do as it may",
    504: "A deadline passed; the message names which",
}

REPLY_HEADERS: Mapping[str, str] = {
    "x-request-id": "The request's id: that which came with it, or a new one",
    "x-tulou-model": "The deployment that answered",
    "x-tulou-replica": "The replica that answered",
    "x-tulou-overhead-ms": "What the gate added, in milliseconds",
}

REFUSAL_HEADERS: Mapping[str, str] = {
    "x-should-retry": "Whether the same request may succeed later: `true` or `false`",
    "retry-after": "When to come back, in seconds, where that is known",
}
