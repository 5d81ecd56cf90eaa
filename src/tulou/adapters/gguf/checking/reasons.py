"""Why llama.cpp does not take a template, and in which line of it."""

import re

from jinja2 import Environment, TemplateSyntaxError

from tulou.adapters.gguf.checking.messages import TrialResult

DELIBERATE = "Jinja Exception"
"""What llama.cpp says when a template refuses a conversation by `raise_exception`."""

_PLACE = re.compile(r"at line (\d+), column \d+ in source:")
_REASON = re.compile(r"^Error: (.+)$", re.MULTILINE)
_PARSER = re.compile(r"common_chat_templates_init: error: (?:(?:parser|lexer): )?(.+)$", re.MULTILINE)
_STATEMENT = re.compile(r"Unknown statement: (\w+)")
_LOGGED = re.compile(r"^[\d.]+ E \w+ +\w+: (?:llama_model_load: )?(.+)$", re.MULTILINE)
_FORMAT = re.compile(r" E (?:gguf_\w+|llama_model_loader): (.+)$", re.MULTILINE)
_MODEL = re.compile(r"error loading model: (?:llama_model_loader: )?(.+)$", re.MULTILINE)
_LONGEST = 300


def located(words: str, template: str) -> TrialResult:
    """Return the reason and the line that llama.cpp names; its first words where it names none."""
    places, reasons = _PLACE.findall(words), _REASON.findall(words)
    if reasons:
        return TrialResult(reasons[-1][:_LONGEST], int(places[-1]) if places else 0)
    return TrialResult(words.strip()[:_LONGEST], _parsed(template)[0])


def syntax_error(log: str, template: str) -> TrialResult:
    """Return why a file was not loaded, from the log; the line of a template that cannot be parsed is looked for."""
    if found := _PARSER.findall(log):
        line, reason = _parsed(template)
        named = _STATEMENT.search(found[-1])
        return TrialResult(reason or found[-1][:_LONGEST], line or (_line_of(named[1], template) if named else 0))
    if _REASON.search(log):
        return located(log, template)
    lines = _LOGGED.findall(log)
    return TrialResult(lines[0][:_LONGEST] if lines else "it gives no reason", about="file")


def load_error(log: str) -> str:
    """Return why a file was not loaded: the first thing that llama.cpp found, and what came of it."""
    found = [*_FORMAT.findall(log)[:1], *_MODEL.findall(log)[-1:]]
    return "; ".join(dict.fromkeys(found))[:_LONGEST] or "llama.cpp gives no reason"


def _parsed(template: str) -> tuple[int, str]:
    """Return what Jinja's own parser says of a template, which knows lines: 0 and nothing for a sound one."""
    try:
        Environment(extensions=["jinja2.ext.loopcontrols"], autoescape=True).parse(template)
    except TemplateSyntaxError as error:
        return error.lineno, (error.message or "")[:_LONGEST]
    except RecursionError:
        return 0, "it is nested too deeply"
    return 0, ""


def _line_of(statement: str, template: str) -> int:
    found = re.search(r"\{%[-+]?\s*" + statement + r"\b", template)
    return template.count("\n", 0, found.start()) + 1 if found else 0
