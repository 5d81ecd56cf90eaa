"""The training process: `python -m tulou.adapters.torch.child SPEC.json`; JSON lines on its output say how it goes."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyTorch and transformers are typed in part only.

import hashlib
import json
import os
import sys
import threading
import time
from pathlib import Path
from random import Random

import msgspec
import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from tulou.adapters.torch.answering import answer_all
from tulou.adapters.torch.examples import batches, make_examples, render
from tulou.adapters.torch.loop import fit, make_model
from tulou.adapters.torch.tokens import END_OF_TEXT, make_tokenizer, token_id
from tulou.ports.trainer import TrainedModel, TrainProgress, TrainSpec

WEIGHTS = "model.safetensors"


def main(path: str) -> int:
    """Train as the file at *path* says, next to it; return 2 after saying what is wrong with the data."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    workdir = Path(path).parent
    try:
        spec = msgspec.json.decode(Path(path).read_bytes(), type=TrainSpec)
        trained = _train(spec, workdir)
    except (ValueError, KeyError) as error:
        _say({"error": str(error)})
        return 2
    _say({"trained": msgspec.to_builtins(trained)})
    return 0


def _train(spec: TrainSpec, workdir: Path) -> TrainedModel:
    began = time.monotonic()
    torch.set_num_threads(spec.threads or max(1, (os.cpu_count() or 2) - 1))
    torch.manual_seed(spec.seed)
    _report(TrainProgress(stage="tokenizer"))
    data = Path(spec.conversations).read_bytes()
    lines = _lines(data)
    tokenizer = make_tokenizer(_contents(lines), spec.shape.vocabulary, spec.shape.context)
    examples = make_examples([render(line, tokenizer) for line in lines], tokenizer, spec.shape.context)
    if not examples:
        raise ValueError(f"no conversation of {len(lines)} fits into {spec.shape.context} tokens; raise the context")
    model = make_model(spec.shape, tokenizer)
    # Random for the order of data, not for secrets.
    stream = batches(examples, spec.batch_tokens, token_id(tokenizer, END_OF_TEXT), Random(spec.seed))  # noqa: S311
    outcome = fit(model, stream, spec, _report)
    folder = workdir / Path(spec.name).name  # converters take the name of the folder for that of the model
    answers = _answers(spec, workdir, model, tokenizer)
    _report(TrainProgress(stage="saving"))
    _save(model, tokenizer, folder)
    return TrainedModel(
        folder=str(folder),
        parameters=sum(value.numel() for value in model.parameters()),
        steps=outcome.steps,
        tokens=outcome.tokens,
        loss=outcome.loss,
        seconds=time.monotonic() - began,
        seed=spec.seed,
        digest=hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest(),
        data_digest=hashlib.sha256(data).hexdigest(),
        cut_by_clock=outcome.cut_by_clock,
        answers=answers,
    )


def _contents(lines: list[str]) -> list[str]:
    # The tokenizer learns from what is said; each text counts once, however often it is repeated.
    seen: dict[str, None] = {}
    for line in lines:
        conversation = json.loads(line)
        for message in conversation["messages"]:
            seen[str(message.get("content") or json.dumps(message.get("tool_calls"), ensure_ascii=False))] = None
        for tool in conversation.get("tools") or []:
            seen[json.dumps(tool, ensure_ascii=False)] = None
    return list(seen)


def _answers(spec: TrainSpec, workdir: Path, model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast) -> str:
    if not spec.questions:
        return ""
    questions = _lines(Path(spec.questions).read_bytes())
    path = workdir / "answers.jsonl"
    answers = answer_all(questions, model.eval(), tokenizer, _report)
    path.write_text(
        "".join(json.dumps({"content": each}, ensure_ascii=False) + "\n" for each in answers), encoding="utf-8"
    )
    return str(path)


def _lines(data: bytes) -> list[str]:
    """Split between objects of JSON: within their texts may stand what ends a line of a text, such as U+2028."""
    return [line.decode() for line in data.splitlines()]


def _save(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder, save_jinja_files=False)


def _report(progress: TrainProgress) -> None:
    _say({"progress": msgspec.to_builtins(progress)})


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _die_with_parent() -> None:
    # The parent holds the other end of standard input; its end, even by kill -9, is the end of this process.
    # os.read takes no lock that the interpreter would wait for at its end.
    while os.read(0, 4096):
        pass
    os._exit(3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
