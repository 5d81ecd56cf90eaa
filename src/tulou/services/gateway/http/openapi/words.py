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
    "list_anthropic_models": ("List models, as Anthropic does", "Return a page of the models that the key may use."),
    "get_anthropic_model": ("Get a model, as Anthropic does", "Return one model that the key may use."),
    "get_response": ("Get a response", "Return a response that was kept; with `stream`, as the events that it was."),
    "delete_response": ("Delete a response", "Forget a response; one in the background is stopped."),
    "list_response_input_items": ("List a response's input", "Return the items that came with the request."),
    "cancel_response": ("Cancel a response", "Stop a response that is made in the background."),
    "get_health": ("Is the process alive", "Answer as long as the gateway process lives."),
    "get_readiness": ("Can requests be answered", "Answer 200 from the first snapshot on, until the process drains."),
    "get_gate_metrics": ("Metrics", "Return the metrics of all gateway processes of this host, for Prometheus."),
    "get_gate_version": ("Version", "Return the version that runs here."),
}
"""Summary and description by operation, but for the endpoints of inference, which have their own."""

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
    "instructions": "What stands above the conversation, for this answer alone.",
    "store": "Whether the answer is kept, so that the next request can go on from it.",
    "background": "Have the answer made later, and return at once.",
    "previous_response_id": "The answer to go on from; it and all before it are put in front of the input.",
    "conversation": "Not kept here: go on with `previous_response_id`.",
    "prompt_cache_key": "Keeps related requests on one replica where `user` does not say.",
    "max_output_tokens": "The most tokens that are written.",
    "system": "What stands above the conversation.",
    "thinking": "How much to think before answering.",
    "metadata": "`user_id`: who asks on your side.",
    "user_id": "Who asks on your side.",
    "top_k": "Choose among this many of the likeliest tokens.",
    "stop_sequences": "Texts that end the answer; they are not part of it.",
    "query": "What is looked for: a text, or an object with `text`.",
    "documents": "What is ranked: texts, or objects with `text`.",
    "top_n": "How many of the best to return.",
    "return_documents": "Return the documents too.",
    "max_tokens_per_doc": "How much of each document a reranker reads.",
    "add_special_tokens": "Add the tokens that begin a prompt, as vLLM has it.",
    "add_special": "Add the tokens that begin a prompt, as llama.cpp has it.",
    "with_pieces": "Return each token's text too, where the engine can.",
    "tokens": "Numbers of tokens.",
    "dimensions": "Fewer dimensions than the model has, where it was trained for that.",
}
"""What the fields of requests mean, by name: all requests use the same words for the same thing."""

REFUSALS: Mapping[int, str] = {
    400: "The body is not JSON, a field is wrong (`param` names it), or the model does not do this",
    401: "No key, or one that is unknown, revoked or expired",
    403: "The key may not do inference, or not with this model",
    404: "No model of this name, or none for this key",
    409: "It is in a state that does not allow this",
    413: "The body is larger than its cap",
    429: "A limit is reached or every replica is busy; `retry-after` says when to come back",
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
    "x-tulou-cost": "What the answer cost, in the house's currency; only with whole answers",
    "x-tulou-dropped": "Fields that the model's vendor cannot honour and that therefore had no effect, with why",
    "x-tulou-counted": "Who counted the tokens of a prompt: `tokenizer` or `estimate`",
}

REFUSAL_HEADERS: Mapping[str, str] = {
    "x-should-retry": "Whether the same request may succeed later: `true` or `false`",
    "retry-after": "When to come back, in seconds, where that is known",
}
