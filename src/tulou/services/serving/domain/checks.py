"""What a deployment may be: each refusal names the field."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from tulou.contracts.serving.messages import DeploymentSpec, UpstreamTarget
from tulou.kernel.errors import InvalidError
from tulou.rules.routing.patterns import is_pattern
from tulou.services.serving.domain.entry_checks import check_deadlines, check_defaults, check_extra_body

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,62}")
_SECRET = re.compile(r"(env|file|secret)://.+")
REPLICAS_MOST = 64
CONCURRENCY_MOST = 1024
CONTEXT_MOST = 16_777_216
DEADLINE_MOST_S = 86_400.0
WEIGHT_MOST = 1_000_000.0
MODEL_MOST = 200


def check_spec(spec: DeploymentSpec) -> None:
    """Raise `InvalidError` naming the field of a deployment that cannot be."""
    if not _NAME.fullmatch(spec.name):
        raise InvalidError(
            f"name {spec.name!r}: at most 63 letters, digits, `.`, `_`, `:` and `-`, the first a letter or digit",
            param="name",
        )
    _check_range("replicas", spec.replicas, 0, REPLICAS_MOST)
    _check_range("concurrency", spec.concurrency, 1, CONCURRENCY_MOST)
    _check_range("context_length", spec.context_length, 0, CONTEXT_MOST)
    _check_range("start_deadline_s", spec.start_deadline_s, 1.0, DEADLINE_MOST_S)
    _check_range("drain_deadline_s", spec.drain_deadline_s, 0.0, DEADLINE_MOST_S)
    _check_source(spec)
    check_defaults(spec.defaults, param="defaults", task=spec.task)
    for place, upstream in enumerate(spec.upstreams):
        param = f"upstreams[{place}]"
        check_defaults(upstream.defaults, param=f"{param}.defaults", task=spec.task)
        check_extra_body(upstream.extra_body, param=f"{param}.extra_body")
        check_deadlines(upstream.deadlines, param=f"{param}.deadlines")


def _check_range(field: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InvalidError(f"{field} is {value!r}; it must be from {low:g} to {high:g}", param=field)


def _check_source(spec: DeploymentSpec) -> None:
    if spec.engine == "remote" and not spec.upstreams:
        raise InvalidError("engine 'remote' needs at least one upstream", param="upstreams")
    if spec.upstreams and spec.engine not in ("remote", "auto"):
        raise InvalidError(f"engine {spec.engine!r} takes no upstreams; only 'remote' does", param="engine")
    if spec.task and not spec.upstreams:
        raise InvalidError(
            "task is for upstreams alone; a model of the registry says itself what it is for", param="task"
        )
    if spec.upstreams:
        _check_upstreams(spec.upstreams)
    elif not spec.model:
        raise InvalidError("model is missing: name one of the registry, or give upstreams", param="model")


def _check_place(upstream: UpstreamTarget, param: str) -> None:
    if bool(upstream.upstream) == bool(upstream.base_url):
        raise InvalidError(f"{param}: give either upstream, the name of an account, or base_url", param=param)
    if upstream.upstream and upstream.secret:
        raise InvalidError(f"{param}.secret: the account {upstream.upstream!r} has its own", param=f"{param}.secret")
    if upstream.base_url and not _is_base_url(upstream.base_url):
        raise InvalidError(
            f"{param}.base_url must be http(s)://HOST[:PORT][/PATH], without user, query or fragment",
            param=f"{param}.base_url",
        )
    if not 0 < upstream.weight <= WEIGHT_MOST:
        raise InvalidError(f"{param}.weight is {upstream.weight!r}; it must be above 0", param=f"{param}.weight")


def _is_base_url(text: str) -> bool:
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        return False
    plain = not (url.username or url.password or url.query or url.fragment)
    printable = text.isascii() and text.isprintable() and " " not in text
    return url.scheme in ("http", "https") and bool(url.hostname) and port != 0 and plain and printable


def _check_model(model: str, param: str) -> None:
    if not model:
        raise InvalidError(f"{param} is missing", param=param)
    if len(model) > MODEL_MOST or not model.isprintable() or model.count("*") > 1:
        raise InvalidError(f"{param}: at most {MODEL_MOST} printable characters, and at most one `*`", param=param)


def _check_upstreams(upstreams: Sequence[UpstreamTarget]) -> None:
    if len(upstreams) > REPLICAS_MOST:
        raise InvalidError(f"{len(upstreams)} upstreams; at most {REPLICAS_MOST}", param="upstreams")
    if len({is_pattern(upstream.model) for upstream in upstreams}) > 1:
        raise InvalidError(
            "upstreams: all their models have a `*` or none has; those of one model are a deployment of their own",
            param="upstreams",
        )
    for place, upstream in enumerate(upstreams):
        _check_place(upstream, f"upstreams[{place}]")
        _check_model(upstream.model, f"upstreams[{place}].model")
        if upstream.secret and not _SECRET.fullmatch(upstream.secret):  # never say it: it may be the secret itself
            raise InvalidError(
                f"upstreams[{place}].secret must be env://NAME, file://PATH or secret://NAME, not the secret itself",
                param=f"upstreams[{place}].secret",
            )
