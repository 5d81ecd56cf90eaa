"""An encoder artifact (graph, tokenizer, pooling rules) behind the engine port."""

import asyncio
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tokenizers import Encoding, Tokenizer

from tulou.engines.onnx.batching import Batcher
from tulou.engines.onnx.encoder import OnnxEncoder
from tulou.engines.onnx.settings import read_options, read_rules
from tulou.engines.onnx.threads import to_its_end
from tulou.kernel.errors import InvalidError, TulouError, UnavailableError
from tulou.ports.engine import EngineLoad, EngineSpec, Vectors


class OnnxEngine:
    """Embeddings in single precision; concurrent requests share batches."""

    def __init__(self, spec: EngineSpec) -> None:
        if spec.task != "embedding":
            raise InvalidError(f"engine onnx makes vectors only; model {spec.model!r} is for {spec.task}")
        self._spec = spec
        self._options = read_options(spec.options)
        self._rules = read_rules(spec)
        self._tokenizer: Tokenizer | None = None
        self._batcher: Batcher | None = None
        self._batching: asyncio.Task[None] | None = None
        self._tokens = 0

    async def open(self) -> None:
        """Load tokenizer and graph; raise `InvalidError` naming the file that cannot be."""
        self._tokenizer = await asyncio.to_thread(_tokenizer, self._file("tokenizer.json"))
        threads = self._spec.threads or self._options.threads or len(os.sched_getaffinity(0))
        encoder = await asyncio.to_thread(OnnxEncoder, self._file(".onnx"), self._rules, threads=threads)
        self._batcher = Batcher(encoder.encode, batch_tokens=self._options.batch_tokens)
        self._batching = asyncio.create_task(self._batcher.run())
        await self._warm()

    async def _warm(self) -> None:
        """Read a first text; raise `InvalidError` naming the graph that cannot."""
        try:
            await self.embed(["warm"])
        except TulouError:
            raise
        except Exception as error:  # the runtime's own errors have no common class
            path = Path(self._file(".onnx"))
            raise InvalidError(f"{path.name}: ONNX Runtime cannot run it ({str(error)[:200]})") from error

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector a text; raise `InvalidError` for one that is too long, if it is not to be cut."""
        if self._tokenizer is None or self._batcher is None:
            raise UnavailableError(f"model {self._spec.model!r} is not loaded")
        rows = await to_its_end(partial(self._rows, self._tokenizer, list(texts)))
        read = sum(len(row) for row in rows)
        vectors = await self._batcher.vectors(rows)
        self._tokens += read
        return Vectors(values=[vector.tolist() for vector in vectors], tokens=read)

    def detokenize(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens; raise `InvalidError` for a number that the tokenizer does not know.

        Of more tokens than the model reads only as many are made words as it would be cut to, if it may be cut.
        """
        if self._tokenizer is None:
            raise UnavailableError(f"model {self._spec.model!r} is not loaded")
        longest = self._rules.max_tokens
        if len(tokens) > longest and not self._options.truncate:
            raise InvalidError(f"a text has {len(tokens)} tokens, the model reads {longest}; send less", param="input")
        most = self._tokenizer.get_vocab_size()
        unknown = next((token for token in tokens if not 0 <= token < most), None)
        if unknown is not None:
            raise InvalidError(
                f"input: {unknown} is no token of {self._spec.model!r}, which has 0 to {most - 1}; send the text "
                "(LangChain: check_embedding_ctx_length=False)",
                param="input",
            )
        return self._tokenizer.decode(list(tokens[:longest]), skip_special_tokens=True)

    async def load(self) -> EngineLoad:
        """Say how many texts are computed, and how many wait."""
        batcher = self._batcher
        running, waiting = (batcher.running, batcher.waiting) if batcher else (0, 0)
        return EngineLoad(running=running, waiting=waiting, prompt_tokens=self._tokens)

    async def close(self) -> None:
        """Let go of the graph; texts that wait are given up."""
        if self._batching:
            self._batching.cancel()
            await asyncio.gather(self._batching, return_exceptions=True)
        self._tokenizer = self._batcher = self._batching = None

    def _rows(self, tokenizer: Tokenizer, texts: list[str]) -> list[Sequence[int]]:
        return [self._cut(one, index) for index, one in enumerate(tokenizer.encode_batch(texts))]

    def _cut(self, encoded: Encoding, index: int) -> Sequence[int]:
        """Return the tokens, the last of a long text replaced by the one that ends every text."""
        ids, longest = encoded.ids, self._rules.max_tokens
        if len(ids) <= longest:
            return ids
        if not self._options.truncate:
            raise InvalidError(f"text {index} has {len(ids)} tokens, the model reads {longest}; send less of it")
        return [*ids[: longest - 1], ids[-1]]

    def _file(self, ending: str) -> Path:
        names = sorted(name for name in self._spec.files if name.endswith(ending))
        if not names:
            raise InvalidError(f"model {self._spec.model!r} has no {ending} file; import it again")
        return Path(self._spec.files[names[0]])


def _tokenizer(path: Path) -> Tokenizer:
    try:
        made = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare exceptions
        raise InvalidError(f"{path.name}: not a tokenizer ({error})") from error
    made.no_padding()
    made.no_truncation()  # ours says which text was cut
    return made
