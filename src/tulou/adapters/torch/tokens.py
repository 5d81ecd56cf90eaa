"""The tokenizer: byte-level BPE with Qwen2's splitting, so that engines know its kind."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyTorch and transformers are typed in part only.

from collections.abc import Iterable
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

END_OF_TEXT = "<|endoftext|>"
TURN = "<|im_start|>"
END_OF_TURN = "<|im_end|>"
# Not special: engines must show them, or nobody could read a tool call.
MARKS = ("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")
# The expression that llama.cpp knows as the pre-tokenizer "qwen2".
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# Chinese is written without spaces; without a cap whole sentences become one token and nothing is learnt about words.
LONGEST_TOKEN_BYTES = 12
TEMPLATE = Path(__file__).with_name("chat_template.jinja")


def token_id(tokenizer: PreTrainedTokenizerFast, token: str) -> int:
    """Return the number of one token."""
    number = tokenizer.convert_tokens_to_ids(token)
    if not isinstance(number, int):
        raise TypeError(f"{token!r} is not one token")
    return number


def make_tokenizer(texts: Iterable[str], vocabulary: int, context: int) -> PreTrainedTokenizerFast:
    """Return a tokenizer of at most *vocabulary* tokens, learnt from *texts*, with the chat template."""
    learnt = Tokenizer(models.BPE(unk_token=None))
    split = pre_tokenizers.Split(Regex(SPLIT), "isolated")
    learnt.pre_tokenizer = pre_tokenizers.Sequence(
        [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    learnt.decoder = decoders.ByteLevel()
    special = [END_OF_TEXT, TURN, END_OF_TURN]
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - len(MARKS),
        special_tokens=special,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        max_token_length=LONGEST_TOKEN_BYTES,
        show_progress=False,
    )
    learnt.train_from_iterator(texts, trainer)
    learnt.add_tokens([AddedToken(mark, normalized=False) for mark in MARKS])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=learnt,
        eos_token=END_OF_TURN,
        pad_token=END_OF_TEXT,
        additional_special_tokens=[TURN],
        model_max_length=context,
        clean_up_tokenization_spaces=False,
    )
    tokenizer.chat_template = TEMPLATE.read_text(encoding="utf-8")
    return tokenizer
