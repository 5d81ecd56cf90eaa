"""Codex CLI as it comes from npm: `codex exec`, with the house as a model provider."""

import base64
import json
from collections.abc import Sequence
from pathlib import Path

from tests.clients.drivers import cli, harness
from tests.clients.drivers.harness import Json
from tests.clients.vendor.png import PICTURE_DATA

COMMAND = [str(cli.NODE), str(cli.PACKAGES / "@openai" / "codex" / "bin" / "codex.js"), "exec", "--json"]
FREELY = ["--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"]
SETTINGS = f"""
model_provider = "house"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.house]
name = "house"
base_url = "{harness.URL}/v1"
env_key = "HOUSE_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
"""
SHELL = '@call exec_command {"cmd": "echo one; echo ran > made.txt"}'
CUSTOM = {
    "chat": ("gpt-6.2-sol", '@custom exec text("custom" + " done")'),
    "responses": ("gpt-6-astra", '@custom exec text("custom" + " done")'),
    "anthropic": (
        "gpt-5.5",
        r"@custom apply_patch *** Begin Patch\n*** Add File: made.txt\n+custom done\n*** End Patch",
    ),
}
"""Models for which Codex offers custom tools: one under whose name each vendor answers, and a call of such a tool."""


def place() -> tuple[Path, dict[str, str]]:
    """Return a folder to work in, and where Codex keeps its settings."""
    where = cli.workplace()
    home = where / ".codex"
    home.mkdir()
    (home / "config.toml").write_text(SETTINGS, "utf-8")
    return where, {"CODEX_HOME": str(home)}


def arguments(model: str, prompt: str, options: Sequence[str] = ()) -> list[str]:
    return [*COMMAND, *FREELY, *options, "-m", model, "--", prompt]


def ask(model: str, prompt: str, options: Sequence[str] = (), *, key: str = harness.KEY) -> tuple[list[Json], Path]:
    """Return what Codex tells of a turn, and where it worked."""
    where, home = place()
    _, events, said = cli.run(arguments(model, prompt, options), where, **home, HOUSE_KEY=key)
    assert events, said
    return events, where


def items(events: list[Json], kind: str) -> list[Json]:
    return [e["item"] for e in events if e["type"] == "item.completed" and e["item"]["type"] == kind]


def text(events: list[Json]) -> str:
    told = items(events, "agent_message")
    assert told, events
    return str(told[-1]["text"])


def chat(model: str) -> Json:
    return {"text": text(ask(model, harness.HELLO)[0])}


def tools(model: str) -> Json:
    """Two calls at once, one of them a command that runs."""
    events, where = ask(model, f"{SHELL}\n@call get_goal")
    ran = [item["aggregated_output"] for item in items(events, "command_execution")]
    said = text(events)
    return {"ran": ran, "made": (where / "made.txt").read_text("utf-8"), "results": ["one" in said, "goal" in said]}


def no_arguments(model: str) -> Json:
    return {"results": ["goal" in text(ask(model, "@call get_goal")[0])]}


def structured(model: str) -> Json:
    schema = cli.workplace() / "schema.json"
    schema.write_text(json.dumps(harness.PLACE), "utf-8")
    return {"value": json.loads(text(ask(model, harness.HELLO, ["--output-schema", str(schema)])[0]))}


def images(model: str) -> Json:
    picture = cli.workplace() / "a.png"
    picture.write_bytes(base64.b64decode(PICTURE_DATA))
    return {"text": text(ask(model, "What is this?", ["-i", str(picture)])[0])}


def reasoning(model: str) -> Json:
    return {"kept": "Thought kept." in text(ask(model, f"@think\n{SHELL}")[0])}


def usage(model: str) -> Json:
    counts = ask(model, harness.HELLO)[0][-1]["usage"]
    return {"whole": [counts["input_tokens"], counts["cached_input_tokens"], counts["output_tokens"]]}


def cancel(model: str) -> Json:
    where, home = place()
    order = f"@slow {harness.tag(model)}"
    cli.interrupted(arguments(model, order), where, lambda: harness.begun(model), **home)
    return {"left": harness.tag(model)}


def custom(model: str) -> Json:
    name, order = CUSTOM[model]
    events, where = ask(name, order)
    made = where / "made.txt"
    return {"done": "custom done" in (made.read_text("utf-8") if made.exists() else text(events))}


def errors(model: str) -> Json:
    def failing(name: str, prompt: str, key: str = harness.KEY) -> str:
        events, _ = ask(name, prompt, key=key)
        return str(events[-1]["error"]["message"])

    return {
        "key": "401" in failing(model, "x", "sk-nobody"),
        "model": "ghost" in failing("ghost", "x"),
        "request": "as it is told" in failing(model, "@fail 400"),
        "limit": "429" in failing(model, "@fail 429"),
    }


if __name__ == "__main__":
    features = (chat, tools, no_arguments, structured, images, reasoning, usage, cancel, custom, errors)
    harness.run({feature.__name__: feature for feature in features})
