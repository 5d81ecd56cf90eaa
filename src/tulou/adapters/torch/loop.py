"""The training loop: Muon, a short warm-up, a learning rate that falls to nothing at the end."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyTorch and transformers are typed in part only.

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch.nn.functional import cross_entropy
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from tulou.adapters.torch.optimizers import make_optimizers, set_rate
from tulou.adapters.torch.tokens import END_OF_TEXT, END_OF_TURN, token_id
from tulou.ports.trainer import ModelShape, TrainProgress, TrainSpec

Batches = Iterator[tuple[torch.Tensor, torch.Tensor]]
REPORT_EVERY_S = 0.5
SMOOTHING = 0.95
CLIP = 1.0


@dataclass(frozen=True, slots=True)
class LoopOutcome:
    """What the loop did."""

    steps: int
    tokens: int
    loss: float
    cut_by_clock: bool


def make_model(shape: ModelShape, tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """Return an untrained Llama of *shape*."""
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.width,
        intermediate_size=shape.feed_forward,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        max_position_embeddings=shape.context,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=token_id(tokenizer, END_OF_TURN),
        pad_token_id=token_id(tokenizer, END_OF_TEXT),
    )
    return LlamaForCausalLM(config)


def fit(
    model: LlamaForCausalLM, batches: Batches, spec: TrainSpec, report: Callable[[TrainProgress], None]
) -> LoopOutcome:
    """Train *model* in place for the steps of *spec*, or until its seconds are over."""
    optimizers = make_optimizers(model, spec.learning_rate)
    fast = _has_bf16()
    began = reported = time.monotonic()
    step, tokens, smooth, loss = 0, 0, 0.0, 0.0
    done = 0.0
    while done < 1.0:
        rate = spec.learning_rate * min(1.0, (step + 1) / spec.warmup_steps) * (1.0 - done)
        set_rate(optimizers, rate)
        inputs, labels = next(batches)
        value = _loss(model, inputs, labels, focus=spec.focus, fast=fast)
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        for optimizer in optimizers:
            optimizer.step()
        model.zero_grad(set_to_none=True)
        step += 1
        tokens += inputs.numel()
        smooth = SMOOTHING * smooth + (1 - SMOOTHING) * float(value.detach())
        loss = smooth / (1 - SMOOTHING**step)
        now = time.monotonic()
        done = max(step / spec.steps, (now - began) / spec.seconds if spec.seconds else 0.0)
        if now - reported > REPORT_EVERY_S or done >= 1.0:
            reported = now
            elapsed = now - began
            eta = elapsed / done * (1 - min(done, 1.0))
            report(
                TrainProgress(
                    stage="training",
                    step=step,
                    steps=spec.steps,
                    loss=loss,
                    tokens=tokens,
                    elapsed_s=elapsed,
                    eta_s=eta,
                )
            )
    return LoopOutcome(steps=step, tokens=tokens, loss=loss, cut_by_clock=step < spec.steps)


def _loss(
    model: LlamaForCausalLM, inputs: torch.Tensor, labels: torch.Tensor, *, focus: float, fast: bool
) -> torch.Tensor:
    said = labels >= 0
    with torch.autocast("cpu", torch.bfloat16, enabled=fast):
        hidden = model.model(inputs).last_hidden_state
        # Only what must be learnt is compared with the vocabulary: less than half of the places.
        logits = model.lm_head(hidden[said])
    if not focus:
        return cross_entropy(logits.float(), labels[said])
    losses = cross_entropy(logits.float(), labels[said], reduction="none")
    weights = (1 - torch.exp(-losses.detach())) ** focus
    return (losses * weights).sum() / weights.sum()


def _has_bf16() -> bool:
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))
