"""Writes the reference pages that are made from the code: `python docs/make.py`; a test says when they are stale."""  # noqa: INP001 - a script

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fastapi.routing import APIRoute

from tulou.adapters.gguf import GgufConverter
from tulou.adapters.gguf.architectures import ARCHITECTURES
from tulou.adapters.gguf.vocabulary.splits import SPLIT_NAMES
from tulou.adapters.onnx.exporter import OnnxExporter
from tulou.assembly.catalogue import CATALOGUE
from tulou.assembly.reference import tables
from tulou.chassis.reference import markdown
from tulou.cli.main import app
from tulou.kernel.errors import ERRORS
from tulou.services.gateway.dialects import matrix
from tulou.services.registry.domain import UNQUANTIZED

ROOT = Path(__file__).parents[1]
MADE = "<!-- made by docs/make.py: change the code, not this page -->\n"

CONFIGURATION = """# Configuration

One file, `tulou.toml` (or the one that `$TULOU_CONFIG` names), with a table for each part. Every value has a default,
so a house needs no file at all. A value comes from the first of these that has it:

1. the environment: `TULOU_<TABLE>__<KEY>`, for instance `TULOU_HOUSE__PORT=9000`; lists and tables are written as JSON
2. the file: `[house]`, then `port = 9000`
3. the default below

`tulou config show` prints every value and where it came from. An unknown table or key is an error that names the
nearest known one. Secrets are never written here: settings refer to them, as `env://NAME`, `file://PATH` or
`secret://NAME`. `[remotes]` names services that run elsewhere: `registry = "http://10.0.0.7:8100"`.

"""

ERROR_PAGE = """# Errors

Every failure has one shape, in which a client of OpenAI's API finds what it expects:

```json
{"error": {"message": "no model named 'x'; ...", "type": "not_found_error", "param": "model", "code": "not_found"}}
```

`message` says what, which and what next, and may change; `code` is stable. `type` is OpenAI's word for the status.
Replies with 429 and 503 may carry `retry-after`, in seconds; every reply carries `x-request-id`, under which
`tulou logs --request ID` finds what happened. A stream that has begun and must break ends with an event that holds the
same object. Where several replicas were tried, the field `attempts` names each; `upstream` is what the last of them
said (`status`, `code`, `message`), without credentials.

On inference routes `limited` is called `rate_limit_exceeded`, as OpenAI does. In metrics and logs a client that left
before its answer was whole has the code `client_left` and the status 499.

| code | status | meaning |
|---|---|---|
"""

MODELS = """# Models

`tulou models import PATH` takes:

* a **GGUF file** (or its parts) of any architecture that llama.cpp loads, as it is;
* a **folder of Hugging Face** (safetensors and `tokenizer.json`) of an architecture in the table;
* an **ONNX graph** of a text encoder with its `tokenizer.json`.

| `architectures` of `config.json` | becomes |
|---|---|
{rows}

A folder of another architecture is refused with its name; a GGUF file of the same model goes in, its maker's or one
that llama.cpp's `convert_hf_to_gguf.py` writes. What classifies, ranks or looks at pictures is refused: nothing here
serves it as what it is. Weights are written as {quantizations}.

**Vocabularies** are BPE: of bytes, cut as {cuts} does in llama.cpp, or of pieces with bytes to fall back on
(SentencePiece). Before weights are touched, llama.cpp and the folder's own tokenizer read the same texts, and must
agree on every token. What differs all the same: llama.cpp normalizes no text (Qwen's tokenizer composes decomposed
letters), and where a folder puts a space only before a text that nothing precedes, a chat model reads a bare text
without it.

**Chat templates** are tried in llama.cpp's renderer when a model comes in: a plain conversation must come out, with
what the user says in it. A template that cannot be used is refused with its line. A conversation that a template
refuses by itself (`raise_exception`) is its own affair: the client that asks is told.
"""

API = """# API

Everything is behind one address, the gate: `http://127.0.0.1:8000` unless settings say otherwise. A key comes as
`Authorization: Bearer sk-tulou-...` or `x-api-key`. Errors: see [errors](errors.md).

## Inference

These routes take and return what OpenAI's do, so its clients work with a base URL and a key. They need a key with the
scope `inference`. The prefix `/openai/v1` works as well.

| route | |
|---|---|
| `GET /v1/models` | models that this key may use |
| `GET /v1/models/{model}` | one of them |
| `POST /v1/chat/completions` | answer a conversation, whole or as a stream |
| `POST /v1/completions` | continue a text |
| `POST /v1/embeddings` | turn texts into vectors |

Streams are server-sent events: `data: {json}` and at last `data: [DONE]`; with `stream_options.include_usage` the last
chunk before it holds the counts of tokens. Closing the connection stops the generation. Request headers `x-request-id`
and `traceparent` are taken up. Replies carry `x-request-id`, `x-tulou-model` and `x-tulou-replica` (who answered), and
`x-tulou-overhead-ms` (what the gateway added); refusals also `x-should-retry` and, where it helps, `retry-after`.

## Operations

| route | |
|---|---|
| `GET /healthz` | the process lives |
| `GET /readyz` | it can answer requests |
| `GET /version` | the version of Tulou |
| `GET /metrics` | metrics in Prometheus text format, see [metrics](metrics.md) |
| `GET /docs`, `GET /openapi.json` | the description of the API below, to read and for machines |

## Administration

JSON over REST under `/api/v1`, with a key that has the scope `admin`. Lists take `limit` and `after` where they page.

"""

SHARED_OPTIONS = ("* `--json`", "* `--dir ", "* `--url ", "* `--key ")

EXIT_CODES = """## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | failed |
| 2 | used wrongly |
| 3 | not found |
| 4 | refused: no key, or not enough rights |
| 5 | conflict |
| 6 | unavailable, or too late |
| 130 | interrupted |
"""


def page(name: str) -> str:
    """Return the text of a page, by its file name."""
    return MADE + PAGES[name]()


def configuration() -> str:
    """Return every table of settings."""
    return CONFIGURATION + markdown(tables())


def errors() -> str:
    """Return every code that the package gives, by status."""
    rows = sorted((status, code, meaning) for code, (status, meaning) in error_codes().items())
    return ERROR_PAGE + "".join(f"| `{code}` | {status} | {meaning} |\n" for status, code, meaning in rows)


def api() -> str:
    """Return every REST route of every service."""
    lines: list[str] = []
    for name, component in CATALOGUE.items():
        if component.routes is None:
            continue
        routes = [route for route in component.routes(object()).routes if isinstance(route, APIRoute)]
        lines += [f"### {name}\n", "| route | |\n|---|---|"]
        lines += [
            f"| `{method} {route.path_format}` | {_summary(route.endpoint)} |"
            for route in routes
            for method in sorted(route.methods)
        ]
        lines.append("")
    return API + "\n".join(lines)


def cli() -> str:
    """Return every command with its options; those that all commands take are told once."""
    text = str(app.generate_docs(output_format="markdown", usage_name="tulou"))
    text = text.replace(' *[default: ""]*', "").replace(" *[default: False]*", "")
    text = text.replace(" -m pytest", "")  # cyclopts adds how Python was started
    shared = [line for line in dict.fromkeys(text.splitlines()) if line.startswith(SHARED_OPTIONS)]
    kept = "\n".join(line for line in text.splitlines() if not line.startswith(SHARED_OPTIONS))
    kept = re.sub(r"\*\*Parameters\*\*:\n\n(?=\n|\Z|#)", "", f"{kept}\n")
    options = "\n".join(["## Options of all commands", "", *shared, ""])
    return f"{kept.rstrip()}\n\n{options}\n{EXIT_CODES}"


def error_codes() -> Mapping[str, tuple[int, str]]:
    """Return status and meaning of each code; a class that names no status has that of the class it extends."""
    status_of = {kind.__name__: kind.status for kind in ERRORS.values()}
    found = {code: (kind.status, _first_line(inspect.getdoc(kind))) for code, kind in ERRORS.items()}
    found["internal"] = (500, "Our fault: report it, with the request id and what the log says of it.")
    waiting = list(_coded_classes())
    while ready := [node for node in waiting if _parents(node) & set(status_of)]:
        for node in ready:
            status = _constant(node, "status")
            status_of[node.name] = (
                int(status) if status else next(status_of[name] for name in _parents(node) & set(status_of))
            )
            found.setdefault(_constant(node, "code"), (status_of[node.name], _first_line(ast.get_docstring(node))))
            waiting.remove(node)
    return found


def _coded_classes() -> Iterator[ast.ClassDef]:
    for file in sorted((ROOT / "src" / "tulou").rglob("*.py")):
        if "tests" not in file.parts:
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef) and node.name.endswith("Error") and _constant(node, "code"):
                    yield node


def _parents(node: ast.ClassDef) -> set[str]:
    return {base.id for base in node.bases if isinstance(base, ast.Name)}


def _constant(node: ast.ClassDef, name: str) -> str:
    for item in node.body:
        match item:
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.Constant(value=value)) if target == name:
                return str(value)
            case ast.Assign(targets=[ast.Name(id=target)], value=ast.Constant(value=value)) if target == name:
                return str(value)
            case _:
                continue
    return ""


def _summary(endpoint: Callable[..., Any]) -> str:
    return _first_line(inspect.getdoc(endpoint)).replace("|", "\\|")


def _first_line(text: str | None) -> str:
    return (text or "").partition("\n")[0]


def models() -> str:
    """Return what can be imported, as converter and exporter name it."""
    quantizations = ", ".join(f"`{name}`" for name in (*GgufConverter.quantizations, UNQUANTIZED))
    rows = [f"| `{name}` | GGUF, `{kind.name}` |" for name, kind in ARCHITECTURES.items()]
    rows += [f"| `{name}` | ONNX, as an encoder |" for name in OnnxExporter.architectures]
    cuts = ", ".join(f"`{name}`" for name in SPLIT_NAMES)
    return MODELS.format(rows="\n".join(rows), quantizations=quantizations, cuts=cuts)


PAGES: Mapping[str, Callable[[], str]] = {
    "configuration.md": configuration,
    "errors.md": errors,
    "api.md": api,
    "cli.md": cli,
    "dialects.md": matrix.page,
    "models.md": models,
}

if __name__ == "__main__":
    for file_name in PAGES:
        (ROOT / "docs" / "reference" / file_name).write_text(page(file_name), "utf-8")
