"""Claude Code as it comes from npm: `claude -p`, with `ANTHROPIC_BASE_URL`."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.clients.drivers import cli, harness
from tests.clients.drivers.harness import Json
from tests.clients.vendor.png import PICTURE_DATA

MACHINE = "arm64" if os.uname().machine == "aarch64" else "x64"
COMMAND = [str(cli.PACKAGES / "@anthropic-ai" / f"claude-code-linux-{MACHINE}" / "claude"), "-p"]
TOLD = ["--output-format", "stream-json", "--verbose", "--allowedTools", "Bash", "Read", "ListAgents"]
QUIET = {
    "ANTHROPIC_BASE_URL": harness.URL,
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "CLAUDE_CODE_MAX_RETRIES": "0",
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_TELEMETRY": "1",
}
SHELL = '@call Bash {"command": "echo one; echo ran > made.txt", "description": "Says one."}'


def arguments(model: str, options: Sequence[str] = ()) -> list[str]:
    return [*COMMAND, *TOLD, "--model", model, *options]


def ask(
    model: str, prompt: str, options: Sequence[str] = (), *, said: str = "", key: str = harness.KEY
) -> tuple[list[Json], Path]:
    """Return what Claude Code tells of a turn, and where it worked."""
    where = cli.workplace()
    # A prompt on the command line would be taken for another tool that is allowed.
    command = arguments(model, options)
    _, events, all_said = cli.run(command, where, said or prompt, **QUIET, ANTHROPIC_AUTH_TOKEN=key)
    assert events, all_said
    return events, where


def result(events: list[Json]) -> Json:
    told = [event for event in events if event["type"] == "result"]
    assert told, events
    return told[-1]


def results(events: list[Json]) -> list[str]:
    """Return what the tools answered."""
    blocks: list[Any] = [block for event in events if event["type"] == "user" for block in event["message"]["content"]]
    return [str(block["content"]) for block in blocks if block["type"] == "tool_result"]


def chat(model: str) -> Json:
    return {"text": result(ask(model, harness.HELLO)[0])["result"]}


def stream(model: str) -> Json:
    events, _ = ask(model, harness.HELLO, ["--include-partial-messages"])
    deltas = [event["event"].get("delta", {}) for event in events if event["type"] == "stream_event"]
    pieces = [delta["text"] for delta in deltas if delta.get("type") == "text_delta"]
    return {"text": "".join(pieces), "pieces": len(pieces) > 2}


def tools(model: str) -> Json:
    """Two calls at once, one of them a command that runs."""
    events, where = ask(model, f'{SHELL}\n@call Read {{"file_path": "/etc/hostname"}}')
    made = (where / "made.txt").read_text("utf-8")
    return {"ran": results(events)[:1], "made": made, "results": [len(results(events)) == 2]}


def no_arguments(model: str) -> Json:
    events, _ = ask(model, "@call ListAgents {}")
    return {"results": [len(results(events)) == 1 and "rror" not in results(events)[0]]}


def structured(model: str) -> Json:
    order = '@call StructuredOutput {"city": "Fuzhou", "degrees": 31}'
    return {"value": result(ask(model, order, ["--json-schema", json.dumps(harness.PLACE)])[0])["structured_output"]}


def images(model: str) -> Json:
    source = {"type": "base64", "media_type": "image/png", "data": PICTURE_DATA}
    content = [{"type": "text", "text": "What is this?"}, {"type": "image", "source": source}]
    message = {"type": "user", "message": {"role": "user", "content": content}}
    events, _ = ask(model, "", ["--input-format", "stream-json"], said=json.dumps(message) + "\n")
    return {"text": result(events)["result"]}


def reasoning(model: str) -> Json:
    return {"kept": "Thought kept." in result(ask(model, f"@think\n{SHELL}")[0])["result"]}


def usage(model: str) -> Json:
    counts = result(ask(model, harness.HELLO)[0])["usage"]
    cached = counts["cache_read_input_tokens"]
    return {"whole": [counts["input_tokens"] + cached, cached, counts["output_tokens"]]}


def cancel(model: str) -> Json:
    command = [*arguments(model), "--", f"@slow {harness.tag(model)}"]
    cli.interrupted(command, cli.workplace(), lambda: harness.begun(model), **QUIET, ANTHROPIC_AUTH_TOKEN=harness.KEY)
    return {"left": harness.tag(model)}


def errors(model: str) -> Json:
    def failing(name: str, prompt: str, key: str = harness.KEY) -> object:
        return result(ask(name, prompt, key=key)[0])["api_error_status"]

    return {
        "key": failing(model, "x", "sk-nobody"),
        "model": failing("ghost", "x"),
        "request": failing(model, "@fail 400"),
        "limit": failing(model, "@fail 429"),
    }


if __name__ == "__main__":
    features = (chat, stream, tools, no_arguments, structured, images, reasoning, usage, cancel, errors)
    harness.run({feature.__name__: feature for feature in features})
