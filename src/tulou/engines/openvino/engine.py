"""A GGUF model in OpenVINO's continuous batching, as a plain engine."""

import asyncio
import importlib
import os
import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any

from tulou.engines.openvino.options import read_options
from tulou.engines.openvino.runner import GenerationRequest, Progress, Runner
from tulou.engines.openvino.soundness import check_file
from tulou.engines.openvino.support import installed, supports
from tulou.engines.openvino.threads import to_its_end
from tulou.engines.openvino.writing import Detokenizer, StopWatch
from tulou.kernel.errors import InvalidError, UnavailableError
from tulou.ports.engine import Chunk, EngineLoad, EngineSpec, Sampling

BLOCK = 32
"""Tokens of one block of the key-value cache on a CPU."""
DEFAULT_CONTEXT = 4096


class OpenVinoEngine:
    """Chats; requests that run together share each step."""

    def __init__(self, spec: EngineSpec) -> None:
        if not installed():
            raise InvalidError("engine openvino is not installed; `pip install 'tulou[openvino]'`")
        if spec.task != "chat" or not supports(spec.architecture, spec.format, ""):
            raise InvalidError(
                f"engine openvino cannot load model {spec.model!r} ({spec.task}, {spec.architecture}, {spec.format}); "
                "deploy it on engine llamacpp"
            )
        self._spec = spec
        self._options = read_options(spec.options)
        self._context = 0
        self._runner: Runner | None = None
        self._tokenizer: Any = None
        self._stops: set[int] = set()
        self._read = 0
        self._written = 0

    async def open(self) -> None:
        """Load the model; raise `InvalidError` naming the file."""
        path = self._file()
        trained = await asyncio.to_thread(check_file, path)
        self._context = self._spec.context_length or trained or DEFAULT_CONTEXT
        try:
            pipeline = await asyncio.to_thread(self._pipeline, path)
            self._tokenizer = pipeline.get_tokenizer()
            self._stops = set(pipeline.get_config().stop_token_ids) | {self._tokenizer.get_eos_token_id()}
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1][:200]
            raise InvalidError(f"{path.name}: OpenVINO cannot load it ({reason})") from error
        if not self._tokenizer.chat_template:
            raise InvalidError(f"{path.name} has no chat template; deploy it on engine llamacpp")
        self._runner = Runner(pipeline)

    async def generate(self, messages: Sequence[Mapping[str, object]], sampling: Sampling) -> AsyncGenerator[Chunk]:
        """Stream the answer to a conversation; closing the iterator takes the request back at the next step."""
        tokens, read = await to_its_end(partial(self._prompt, messages))
        decoder, stops, written = Detokenizer(self._decode), StopWatch(sampling.stop), 0
        async with aclosing(self._progress(tokens, self._config(sampling, read))) as progress:
            async for step in progress:
                written += len(step.tokens)
                text = stops.add(decoder.add(self._visible(step)))
                if step.finish or stops.stopped:
                    finish = "length" if step.finish == "length" and not stops.stopped else "stop"
                    self._written += written
                    yield Chunk(text=text + stops.rest(), finish=finish, prompt_tokens=read, generated_tokens=written)
                    return
                if text:
                    yield Chunk(text=text)

    async def load(self) -> EngineLoad:
        """Say how busy it is."""
        return self._runner.load if self._runner else EngineLoad()

    async def metrics(self) -> str:
        """Return its figures under the names that vLLM made common."""
        load = await self.load()
        figures = (
            ("num_requests_running", "gauge", load.running),
            ("num_requests_waiting", "gauge", load.waiting),
            ("kv_cache_usage_perc", "gauge", load.cache_usage),
            ("prompt_tokens_total", "counter", self._read),
            ("generation_tokens_total", "counter", self._written),
        )
        return "".join(f"# TYPE vllm:{name} {kind}\nvllm:{name} {value}\n" for name, kind, value in figures)

    async def close(self) -> None:
        """Free the model; running requests are given up."""
        runner, self._runner = self._runner, None
        if runner:
            await asyncio.to_thread(runner.close)

    async def _progress(self, tokens: Any, config: Any) -> AsyncGenerator[Progress]:
        """Yield what the runner's thread tells, until the request is finished or left."""
        if self._runner is None:
            raise UnavailableError(f"model {self._spec.model!r} is not loaded")
        loop = asyncio.get_running_loop()
        told: asyncio.Queue[Progress] = asyncio.Queue()
        request = GenerationRequest(tokens, config, lambda step: _tell(loop, told, step))
        self._runner.submit(request)
        try:
            while True:
                step = await told.get()
                if step.error:
                    raise step.error
                yield step
        finally:
            request.left.set()

    def _file(self) -> Path:
        names = sorted(name for name in self._spec.files if name.endswith(".gguf"))
        if not names:
            raise InvalidError(f"model {self._spec.model!r} has no .gguf file; engine openvino loads nothing else")
        return Path(self._spec.files[names[0]])

    def _pipeline(self, path: Path) -> Any:
        genai: Any = importlib.import_module("openvino_genai")
        scheduler = genai.SchedulerConfig()
        scheduler.num_kv_blocks = (self._context // BLOCK + 1) * self._spec.concurrency
        scheduler.max_num_seqs = self._spec.concurrency
        scheduler.max_num_batched_tokens = self._options.batch
        scheduler.enable_prefix_caching = True
        threads = self._spec.threads or self._options.threads or len(os.sched_getaffinity(0))
        return genai.ContinuousBatchingPipeline(str(path), scheduler, "CPU", {"INFERENCE_NUM_THREADS": threads})

    def _prompt(self, messages: Sequence[Mapping[str, object]]) -> tuple[Any, int]:
        """Return the tokens of the conversation and their number; raise `InvalidError` when they are too many."""
        try:
            text = self._tokenizer.apply_chat_template([dict(one) for one in messages], add_generation_prompt=True)
        except RuntimeError as error:
            raise InvalidError(
                f"the chat template refuses these messages: {str(error)[-200:]}", param="messages"
            ) from error
        tokens = self._tokenizer.encode(text, add_special_tokens=False).input_ids
        read = int(tokens.shape[1])
        if read >= self._context:
            raise InvalidError(
                f"the prompt has {read} tokens, the context {self._context}; send less", param="messages"
            )
        self._read += read
        return tokens, read

    def _config(self, sampling: Sampling, read: int) -> Any:
        genai: Any = importlib.import_module("openvino_genai")
        config = genai.GenerationConfig()
        config.eos_token_id = self._tokenizer.get_eos_token_id()
        config.stop_token_ids = self._stops
        room = self._context - read
        config.max_new_tokens = min(sampling.max_tokens or room, room)
        config.do_sample = sampling.temperature > 0
        if config.do_sample:
            config.temperature, config.top_p = sampling.temperature, sampling.top_p
            config.rng_seed = random.getrandbits(31) if sampling.seed is None else sampling.seed & 0x7FFFFFFF
        if sampling.json_schema:
            config.structured_output_config = genai.StructuredOutputConfig(json_schema=sampling.json_schema)
        return config

    def _visible(self, step: Progress) -> tuple[int, ...]:
        """Drop the token that ended the answer: it says nothing."""
        return tuple(token for token in step.tokens if token not in self._stops)

    def _decode(self, tokens: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(tokens))) if tokens else ""


def _tell(loop: asyncio.AbstractEventLoop, told: "asyncio.Queue[Progress]", step: Progress) -> None:
    """Hand over from the runner's thread; a loop that is closed has nobody left to tell."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(told.put_nowait, step)
