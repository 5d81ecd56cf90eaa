"""Conversations become token sequences, and those become batches of about the same length."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyTorch and transformers are typed in part only.

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import torch
from transformers import PreTrainedTokenizerFast

from tulou.adapters.torch.tokens import END_OF_TURN, TURN, token_id

IGNORED = -100  # the label that cross entropy leaves out
POOL = 64  # batches that are sorted by length together: padding falls to a few per cent, order stays random


@dataclass(frozen=True, slots=True)
class Example:
    """Tokens of a conversation, and for each whether the model must learn to say it."""

    tokens: tuple[int, ...]
    said: tuple[bool, ...]


def render(line: str, tokenizer: PreTrainedTokenizerFast, *, prompt: bool = False) -> str:
    """Return the conversation in *line* as the chat template writes it."""
    conversation = json.loads(line)
    return str(
        tokenizer.apply_chat_template(
            conversation["messages"], tools=conversation.get("tools"), tokenize=False, add_generation_prompt=prompt
        )
    )


def make_examples(texts: list[str], tokenizer: PreTrainedTokenizerFast, context: int) -> list[Example]:
    """Return what of *texts* fits into *context*; only the assistant's turns are said."""
    end = token_id(tokenizer, END_OF_TURN)
    opening = [token_id(tokenizer, TURN), *tokenizer.encode("assistant\n", add_special_tokens=False)]
    examples: list[Example] = []
    for start in range(0, len(texts), 1000):
        encoded = tokenizer(texts[start : start + 1000], add_special_tokens=False)["input_ids"]
        examples += [Example(tuple(ids), _said(ids, opening, end)) for ids in encoded if len(ids) <= context]
    return examples


def _said(ids: list[int], opening: list[int], end: int) -> tuple[bool, ...]:
    said = [False] * len(ids)
    at = 0
    while at < len(ids):
        if ids[at : at + len(opening)] != opening:
            at += 1
            continue
        at += len(opening)
        while at < len(ids):
            said[at] = True
            at += 1
            if ids[at - 1] == end:
                break
    return tuple(said)


def batches(
    examples: list[Example], batch_tokens: int, pad: int, random: Random
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield tokens and labels, each of at most about *batch_tokens* places, for ever; every round has a new order."""
    while True:
        order = list(range(len(examples)))
        random.shuffle(order)
        pending: list[list[Example]] = []
        for group in _pools(order, examples, batch_tokens * POOL):
            pending = _groups(sorted(group, key=lambda example: len(example.tokens)), batch_tokens)
            random.shuffle(pending)
            for members in pending:
                yield _tensors(members, pad)


def _pools(order: list[int], examples: list[Example], size: int) -> Iterator[list[Example]]:
    pool: list[Example] = []
    held = 0
    for index in order:
        pool.append(examples[index])
        held += len(examples[index].tokens)
        if held >= size:
            yield pool
            pool, held = [], 0
    if pool:
        yield pool


def _groups(ordered: list[Example], batch_tokens: int) -> list[list[Example]]:
    groups: list[list[Example]] = [[]]
    for example in ordered:
        if groups[-1] and (len(groups[-1]) + 1) * len(example.tokens) > batch_tokens:
            groups.append([])
        groups[-1].append(example)
    return groups


def _tensors(members: list[Example], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(len(example.tokens) for example in members)
    tokens = torch.full((len(members), longest), pad, dtype=torch.long)
    labels = torch.full((len(members), longest), IGNORED, dtype=torch.long)
    for row, example in enumerate(members):
        ids = torch.tensor(example.tokens)
        tokens[row, : len(ids)] = ids
        labels[row, : len(ids)] = torch.where(torch.tensor(example.said), ids, IGNORED)
    # Place i predicts token i + 1.
    return tokens[:, :-1], labels[:, 1:]
