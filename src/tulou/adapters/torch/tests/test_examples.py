"""What the model is made to say, and what it is only shown."""

# pyright: reportUnknownMemberType=false
# transformers is typed in part only.

import json

from tulou.adapters.torch.examples import make_examples, render
from tulou.adapters.torch.tokens import make_tokenizer

TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
CALL = {"type": "function", "function": {"name": "weather", "arguments": {"city": "厦门"}}}
TALK = json.dumps(
    {
        "tools": [TOOL],
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": "", "tool_calls": [CALL]},
            {"role": "tool", "content": "sunny"},
            {"role": "assistant", "content": "It is sunny."},
        ],
    }
)
RENDERED = """<|im_start|>system
Be brief.
# Tools
- weather(city: string): The weather.
<|im_end|>
<|im_start|>user
Weather?<|im_end|>
<|im_start|>assistant
<tool_call>
{"name": "weather", "arguments": {"city": "厦门"}}
</tool_call><|im_end|>
<|im_start|>user
<tool_response>
sunny
</tool_response><|im_end|>
<|im_start|>assistant
It is sunny.<|im_end|>
"""


def test_a_conversation_is_written_as_engines_write_it() -> None:
    assert render(TALK, make_tokenizer([TALK], 400, 256)) == RENDERED


def test_only_what_the_assistant_says_is_learnt() -> None:
    tokenizer = make_tokenizer([TALK], 400, 256)
    example = make_examples([RENDERED], tokenizer, 256)[0]
    learnt = [token for token, said in zip(example.tokens, example.said, strict=True) if said]
    assert tokenizer.decode(learnt) == (
        '<tool_call>\n{"name": "weather", "arguments": {"city": "厦门"}}\n</tool_call><|im_end|>It is sunny.<|im_end|>'
    )


def test_marks_of_tool_calls_are_single_tokens_that_engines_show() -> None:
    tokenizer = make_tokenizer([TALK], 400, 256)
    tokens = tokenizer.encode("<tool_call></tool_call>", add_special_tokens=False)
    assert len(tokens) == 2
    assert tokenizer.decode(tokens, skip_special_tokens=True) == "<tool_call></tool_call>"


def test_what_is_longer_than_the_context_is_left_out() -> None:
    assert make_examples([RENDERED], make_tokenizer([TALK], 400, 256), 10) == []
