"""Requests as upstreams take them: OpenAI's and Anthropic's own types, and strict ones after others' documents."""

from typing import Annotated, Any, Literal

import msgspec
from anthropic.types import message_create_params
from openai.types.chat import completion_create_params
from openai.types.responses import response_create_params
from pydantic import TypeAdapter

Json = dict[str, Any]
Id = Annotated[str, msgspec.Meta(pattern=r"^[a-zA-Z0-9_.:-]{1,64}$")]


class Strict(msgspec.Struct, forbid_unknown_fields=True, rename="camel", omit_defaults=True):
    pass


class Blob(Strict):
    mime_type: str
    data: str


class FileData(Strict):
    file_uri: str
    mime_type: str


class GeminiCall(Strict):
    name: str
    args: Json
    id: str | None = None


class GeminiResultPart(Strict):
    inline_data: Blob | None = None
    file_data: FileData | None = None


class GeminiResult(Strict):
    name: str
    response: Json
    id: str | None = None
    parts: list[GeminiResultPart] = []


class GeminiPart(Strict):
    text: str | None = None
    thought: bool | None = None
    thought_signature: str | None = None
    inline_data: Blob | None = None
    file_data: FileData | None = None
    function_call: GeminiCall | None = None
    function_response: GeminiResult | None = None


class GeminiContent(Strict):
    parts: list[GeminiPart]
    role: Literal["user", "model"] | None = None


class GeminiDeclaration(Strict):
    name: str
    description: str
    parameters_json_schema: Json | None = None


class GeminiTool(Strict):
    function_declarations: list[GeminiDeclaration]


class GeminiCalling(Strict):
    mode: Literal["AUTO", "ANY", "NONE", "VALIDATED"]
    allowed_function_names: list[str] = []


class GeminiToolConfig(Strict):
    function_calling_config: GeminiCalling


class GeminiThinking(Strict):
    include_thoughts: bool | None = None
    thinking_budget: int | None = None
    thinking_level: Literal["minimal", "low", "medium", "high"] | None = None


class GeminiConfig(Strict):
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop_sequences: list[str] = []
    seed: int | None = None
    candidate_count: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    response_mime_type: str | None = None
    response_json_schema: Json | None = None
    response_logprobs: bool | None = None
    logprobs: int | None = None
    thinking_config: GeminiThinking | None = None


class GeminiRequest(Strict):
    contents: list[GeminiContent]
    system_instruction: GeminiContent | None = None
    tools: list[GeminiTool] = []
    tool_config: GeminiToolConfig | None = None
    generation_config: GeminiConfig | None = None


class BedrockPoint(Strict):
    type: Literal["default"]
    ttl: Literal["5m", "1h"] | None = None


class BedrockBytes(Strict):
    bytes: str


class BedrockImage(Strict):
    format: Literal["png", "jpeg", "gif", "webp"]
    source: BedrockBytes


class BedrockDocument(Strict):
    format: Literal["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"]
    name: Annotated[str, msgspec.Meta(pattern=r"^[a-zA-Z0-9\s\-()\[\]]+$")]
    source: BedrockBytes


class BedrockAudio(Strict):
    format: Literal["mp3", "wav"]
    source: BedrockBytes


class BedrockCall(Strict):
    tool_use_id: Id
    name: str
    input: Json


class BedrockResultPart(Strict):
    text: str | None = None
    image: BedrockImage | None = None
    document: BedrockDocument | None = None


class BedrockResult(Strict):
    tool_use_id: Id
    content: list[BedrockResultPart]
    status: Literal["success", "error"] | None = None


class BedrockReasoningText(Strict):
    text: str
    signature: str


class BedrockReasoning(Strict):
    reasoning_text: BedrockReasoningText | None = None
    redacted_content: str | None = None


class BedrockBlock(Strict):
    text: str | None = None
    image: BedrockImage | None = None
    document: BedrockDocument | None = None
    audio: BedrockAudio | None = None
    tool_use: BedrockCall | None = None
    tool_result: BedrockResult | None = None
    reasoning_content: BedrockReasoning | None = None
    cache_point: BedrockPoint | None = None


class BedrockMessage(Strict):
    role: Literal["user", "assistant"]
    content: list[BedrockBlock]


class BedrockSchema(Strict):
    json: Json


class BedrockSpec(Strict):
    name: str
    input_schema: BedrockSchema
    description: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    strict: bool | None = None


class BedrockTool(Strict):
    tool_spec: BedrockSpec | None = None
    cache_point: BedrockPoint | None = None


class BedrockTools(Strict):
    tools: list[BedrockTool]
    tool_choice: Json | None = None


class BedrockInference(Strict):
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop_sequences: list[str] = []


class BedrockJson(Strict):
    schema: str
    name: str | None = None
    description: str | None = None


class BedrockStructure(Strict):
    json_schema: BedrockJson


class BedrockFormat(Strict):
    type: Literal["json_schema"]
    structure: BedrockStructure


class BedrockOutput(Strict):
    text_format: BedrockFormat | None = None
    effort: str | None = None


class BedrockRequest(Strict):
    messages: list[BedrockMessage]
    system: list[BedrockBlock] = []
    tool_config: BedrockTools | None = None
    inference_config: BedrockInference | None = None
    additional_model_request_fields: Json | None = None
    output_config: BedrockOutput | None = None
    request_metadata: dict[str, str] = {}


_OPENAI = TypeAdapter[Any](completion_create_params.CompletionCreateParams)
_RESPONSES = TypeAdapter[Any](response_create_params.ResponseCreateParams)
_ANTHROPIC = TypeAdapter[Any](message_create_params.MessageCreateParams)


def check_shape(upstream: str, body: bytes) -> Json:
    """Return a written request if the upstream could take it; raise what says why it could not."""
    match upstream:
        case "openai":
            _OPENAI.validate_json(body)
        case "responses":
            _RESPONSES.validate_json(body)
        case "anthropic":
            _ANTHROPIC.validate_json(body)
        case "gemini":
            msgspec.json.decode(body, type=GeminiRequest)
        case _:
            msgspec.json.decode(body, type=BedrockRequest)
    return msgspec.json.decode(body, type=Json)
