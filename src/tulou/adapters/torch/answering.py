"""The trained model answers questions, greedily."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyTorch and transformers are typed in part only.

from collections.abc import Callable

import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from tulou.adapters.torch.examples import render
from tulou.adapters.torch.tokens import END_OF_TEXT, token_id
from tulou.ports.trainer import TrainProgress

MAX_ANSWER_TOKENS = 96
TOGETHER = 32


def answer_all(
    lines: list[str],
    model: LlamaForCausalLM,
    tokenizer: PreTrainedTokenizerFast,
    report: Callable[[TrainProgress], None],
) -> list[str]:
    """Return the answer to each of *lines*, in their order; marks of tool calls are kept, special tokens are not."""
    prompts = [tokenizer.encode(render(line, tokenizer, prompt=True), add_special_tokens=False) for line in lines]
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
    answers = [""] * len(prompts)
    for start in range(0, len(order), TOGETHER):
        members = order[start : start + TOGETHER]
        for index, text in zip(members, _answer([prompts[i] for i in members], model, tokenizer), strict=True):
            answers[index] = text
        report(TrainProgress(stage="answering", step=min(start + TOGETHER, len(order)), steps=len(order)))
    return answers


def _answer(prompts: list[list[int]], model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast) -> list[str]:
    longest = max(map(len, prompts))
    pad = token_id(tokenizer, END_OF_TEXT)
    # Padding goes to the left, where the mask hides it: the answer must follow the prompt.
    tokens = torch.tensor([[pad] * (longest - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    with torch.inference_mode():
        write = model.generate  # pyright: ignore[reportAttributeAccessIssue]  # its stubs miss their own protocol
        out = write(tokens, attention_mask=mask, max_new_tokens=MAX_ANSWER_TOKENS, do_sample=False)
    return [text.strip() for text in tokenizer.batch_decode(out[:, longest:], skip_special_tokens=True)]
