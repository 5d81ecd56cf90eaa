"""What an engine does bare, and what is left of it behind the gateway, in one run on one machine.

    python -m benchmarks.engines.run --file MODEL.gguf                                        # engines side by side
    python -m benchmarks.engines.run --file MODEL.gguf --gateway http://127.0.0.1:8080 --key KEY --model NAME

Both sides load the same file. Rounds alternate between the targets, and the best round of each counts: what disturbs
a machine only ever slows it down.
"""

import argparse
import asyncio
import json
import statistics
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engines.bare import bare_engine
from benchmarks.engines.load import Answer, Target, volley

AT_ONCE = (1, 4, 16)
WORDS = ("one", "gate", "leads", "to", "many", "equal", "rooms", "around", "a", "courtyard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The best round of one target with so many requests at a time."""

    target: str
    at_once: int
    tokens_s: float
    first_ms: float


def main() -> None:
    """Measure, print a table, and write the figures if asked to."""
    asked = _arguments()
    with ExitStack() as stack:
        targets = [
            stack.enter_context(bare_engine(engine, asked.file, concurrency=max(AT_ONCE), context=asked.context))
            for engine in asked.engines.split(",")
        ]
        if asked.gateway:
            targets.append(Target(name="gateway", url=asked.gateway, key=asked.key, model=asked.model))
        figures = asyncio.run(_measure(targets, asked))
    _print(figures)
    if asked.json:
        asked.json.write_text(json.dumps([{name: getattr(one, name) for name in one.__slots__} for one in figures]))


async def _measure(targets: list[Target], asked: argparse.Namespace) -> list[Figure]:
    for target in targets:
        await volley(target, _prompts(2, asked.prompt), at_once=2, max_tokens=8)
    figures: list[Figure] = []
    for at_once in AT_ONCE:
        rounds: dict[str, list[Figure]] = {target.name: [] for target in targets}
        for number in range(asked.rounds):
            for target in targets:
                prompts = _prompts(at_once * 3, asked.prompt, first=number)
                tokens_s, answers = await volley(target, prompts, at_once=at_once, max_tokens=asked.tokens)
                rounds[target.name].append(_figure(target, at_once, tokens_s, answers))
        figures += [max(found, key=lambda one: one.tokens_s) for found in rounds.values()]
    return figures


def _figure(target: Target, at_once: int, tokens_s: float, answers: list[Answer]) -> Figure:
    first_ms = statistics.median(answer.first_s for answer in answers) * 1000
    return Figure(target=target.name, at_once=at_once, tokens_s=tokens_s, first_ms=first_ms)


def _prompts(number: int, words: int, *, first: int = 0) -> list[str]:
    """Return prompts that begin differently, so that no cache of prefixes answers for the engine."""
    return [f"{first}-{index} " + " ".join(WORDS[at % len(WORDS)] for at in range(words)) for index in range(number)]


def _print(figures: list[Figure]) -> None:
    print(f"{'at once':>8} {'target':<20} {'tokens/s':>10} {'of bare':>8} {'first ms':>9} {'added ms':>9}")
    for at_once in AT_ONCE:
        row = [one for one in figures if one.at_once == at_once]
        bare = row[0]
        for one in row:
            share, added = one.tokens_s / bare.tokens_s, one.first_ms - bare.first_ms
            print(
                f"{at_once:>8} {one.target:<20} {one.tokens_s:>10.0f} {share:>8.2f} {one.first_ms:>9.1f} {added:>9.1f}"
            )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, required=True, help="the GGUF file that all targets load")
    parser.add_argument("--engines", default="llamacpp", help="bare engines, the first is the measure of the others")
    parser.add_argument("--gateway", default="", help="URL of a gateway that serves the same file")
    parser.add_argument("--key", default="", help="a key of that gateway")
    parser.add_argument("--model", default="", help="the model's name there")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=64, help="tokens of each answer")
    parser.add_argument("--prompt", type=int, default=60, help="words of each prompt")
    parser.add_argument("--context", type=int, default=1024)
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
