"""Adds the vocabulary of a folder to a GGUF file that is being written."""

from pathlib import Path

from gguf import GGUFWriter

from tulou.adapters.gguf.vocabulary.ends import Ends, ends_of
from tulou.adapters.gguf.vocabulary.shapes import Tokenizer, read_settings, read_tokenizer
from tulou.adapters.gguf.vocabulary.spaces import puts_space_first
from tulou.adapters.gguf.vocabulary.splits import check_normalizer, split_name
from tulou.adapters.gguf.vocabulary.tokens import TokenTable, ids_of, list_tokens, merges_of, scores_of


def write_vocabulary(folder: Path, size: int, template: str, writer: GGUFWriter) -> None:
    """Add the tokenizer of *folder* to *writer*, filled up to *size* tokens; raise `InvalidError` for unknown kinds."""
    found = read_tokenizer(folder)
    tokens = list_tokens(found, size)
    if found.model.byte_fallback:
        _write_pieces(found, tokens, writer, chats=bool(template))
    else:
        _write_byte_level(found, tokens, writer)
    _write_ends(ends_of(folder, found, read_settings(folder), ids_of(tokens)), writer)
    if template:
        writer.add_chat_template(template)


def _write_byte_level(found: Tokenizer, tokens: TokenTable, writer: GGUFWriter) -> None:
    check_normalizer(found)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(split_name(found))
    _write_tokens(tokens, writer)
    writer.add_token_merges([" ".join(pair) for pair in merges_of(found)])


def _write_pieces(found: Tokenizer, tokens: TokenTable, writer: GGUFWriter, *, chats: bool) -> None:
    """Write a vocabulary that comes from SentencePiece: spaces are letters, and what is unknown is read as bytes."""
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    _write_tokens(tokens, writer)
    writer.add_token_scores(scores_of(found, tokens))
    writer.add_add_space_prefix(puts_space_first(found, chats=chats))


def _write_tokens(tokens: TokenTable, writer: GGUFWriter) -> None:
    writer.add_token_list(list(tokens.texts))
    writer.add_token_types([int(kind) for kind in tokens.kinds])


def _write_ends(ends: Ends, writer: GGUFWriter) -> None:
    for kind, number in ends.ids.items():
        getattr(writer, f"add_{kind}_token_id")(number)
    if "bos" not in ends.ids and "eos" in ends.ids:
        # llama.cpp would take token 11 for what begins a text
        writer.add_bos_token_id(ends.ids["eos"])
    writer.add_add_bos_token(ends.begins)
    writer.add_add_eos_token(ends.ends)
