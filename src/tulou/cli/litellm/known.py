"""LiteLLM's vendors by name, and what it takes a model to be whose vendor or mode is not written."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from tulou.chassis.strict import strict
from tulou.kernel.message import message


@message
class Vendor:
    """What a vendor of LiteLLM's is here; `keys` and `addresses` are variables, in the order in which it looks."""

    provider: str
    keys: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    base_url: str = ""


@cache
def known_vendors() -> Mapping[str, Vendor]:
    """Return all vendors that can be called from here, by the name that stands before a model."""
    raw = tomllib.loads(files("tulou.cli.litellm").joinpath("vendors.toml").read_text("utf-8"))
    return {name: strict(entry, Vendor, where=f"vendors.toml: {name}") for name, entry in raw.items()}


_OPENAI = (
    r"(gpt-|chatgpt-|chat-latest|o[134](-|$)|ft:|text-embedding-(3|ada)|omni-moderation|text-moderation|whisper-1"
    r"|tts-1|dall-e|sora-|computer-use-|codex-)"
)
_BEDROCK = (
    r"(([a-z-]+)\.)?(ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot|moonshotai|nvidia"
    r"|openai|qwen|stability|twelvelabs|writer|zai)\.[a-z0-9]"
)
_PICTURES = (
    r"dall-e|gpt-image|chatgpt-image|imagen|(stable|stability)[-.]?(image|diffusion)|image-gen|-image(-|$)"
    r"|(^|[-_/.])(sdxl|sd3|flux|seedream|recraft|ideogram|nova-canvas|titan-image|qwen-image|grok-imagine-image)"
)
_BARE = (
    (r"(gpt-3\.5-turbo-instruct|babbage-002|davinci-002|ft:(babbage|davinci)-)", "text-completion-openai"),
    (_OPENAI, "openai"),
    (r"claude-", "anthropic"),
    (r"(command(-|$)|c4ai-|embed-(english|multilingual)|embed-v|rerank-(english|multilingual|v\d))", "cohere"),
    (
        r"(gemini-|imagen-|veo-|text-embedding-00|text-multilingual-|textembedding-gecko|multimodalembedding)",
        "vertex_ai",
    ),
    (_BEDROCK, "bedrock"),
    (r"(jamba-|j2-)", "ai21_chat"),
)
"""Names that LiteLLM knows without a vendor before them (`get_llm_provider`, its lists of models)."""

_HOSTS: Mapping[str, str] = {
    "api.perplexity.ai": "perplexity",
    "api.deepinfra.com": "deepinfra",
    "api.mistral.ai": "mistral",
    "api.groq.com": "groq",
    "integrate.api.nvidia.com": "nvidia_nim",
    "api.cerebras.ai": "cerebras",
    "api.sambanova.ai": "sambanova",
    "codestral.mistral.ai": "codestral",
    "api.deepseek.com": "deepseek",
    "api.together.ai": "together_ai",
    "api.together.xyz": "together_ai",
    "api.friendli.ai": "friendliai",
    "api.llama.com": "meta_llama",
    "api.featherless.ai": "featherless_ai",
    "inference.api.nscale.com": "nscale",
    "dashscope-intl.aliyuncs.com": "dashscope",
    "api.moonshot.ai": "moonshot",
    "api.minimax.io": "minimax",
    "api.lambda.ai": "lambda_ai",
    "api.hyperbolic.xyz": "hyperbolic",
    "api.inference.wandb.ai": "wandb",
    "inference.baseten.co": "baseten",
}
"""Hosts by which LiteLLM knows the vendor of a model that names none (`openai_compatible_endpoints`)."""

_TASKS = (
    (r"rerank|llama-rank|semantic-ranker", "rerank"),
    (r"omni-moderation|text-moderation|mistral-moderation", "moderation"),
    (r"whisper|transcri|[-_/]asr[-_]|scribe_v|voxtral-mini-(transcribe|\d)", "audio_transcription"),
    (r"(^|[-_/.])(tts|speech|orpheus|eleven)([-_]|$)|playai-tts", "audio_speech"),
    (r"realtime|native-audio|(^|-)live(-|$)|nova-(2-)?sonic", "realtime"),
    (_PICTURES, "image_generation"),
    (r"(^|[-_/.])(veo|sora|kling|wan\d|nova-reel|seedance)([-.\d]|$)|imagine-video", "video_generation"),
    (r"mistral-(ocr|document-ai)|doc-intelligence", "ocr"),
    (r"embed|(^|[-_/.])(bge|e5|gte|uae|minilm|jina-clip|voyage)[-._]|minilm", "embedding"),
)
_CHATS = re.compile(
    r"gpt|chat|instruct|llama|qwen|qwq|mi[sx]tral|ministral|magistral|claude|gemini|gemma|deepseek|(^|[-_/.])(o[134]|r1|v3)"
    r"([-_.:]|$)|phi|command|grok|glm|kimi|coder?|codestral|devstral|nova|sonar|sonnet|opus|haiku|jamba|granite|yi-|falcon"
    r"|vicuna|hermes|nemotron|minimax|ernie|hunyuan|doubao|step-|moonshot|solar|dbrx|olmo|smol|tiny|internlm|baichuan"
)
"""What stands in the names of models that chat."""

_READS_PICTURES = re.compile(r"gpt-4o.*(search|audio)|gpt-audio|-image-understanding")


def vendor_of(name: str, *, host: str = "") -> str:
    """Return which vendor a model that names none belongs to; nothing for one that LiteLLM does not know either."""
    if host in _HOSTS:
        return _HOSTS[host]
    return next((vendor for pattern, vendor in _BARE if re.match(pattern, name)), "")


def task_of(name: str) -> str:
    """Return LiteLLM's mode of a model by its name: `chat` unless the name says otherwise."""
    lower = name.lower()
    if _READS_PICTURES.search(lower):
        return "chat"
    return next((task for pattern, task in _TASKS if re.search(pattern, lower)), "chat")


def chats_by_name(name: str) -> bool:
    """Say whether a name is known to be that of a model that chats; others are taken for one."""
    return _CHATS.search(name.lower()) is not None
