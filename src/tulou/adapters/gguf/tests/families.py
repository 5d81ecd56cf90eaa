"""Tokenizers of the families that people import, small, with the steps that the published ones have."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# tokenizers and transformers are typed in part only.

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from tulou.adapters.gguf.vocabulary.splits import SPLITS

TEXTS = (
    "The gate is open, and it isn't shut: many rooms around one courtyard.",
    "One house has rooms, rooms have doors, doors have gates. 土楼有一个大门和许多房间。",
    "  indented\n\n\ttabbed   spaces 12345 67 8 ÄÖÜ éèê привет κόσμε",
    "def rooms(n):\n    return n + 1\n",
)
SPACE = "\N{LOWER ONE EIGHTH BLOCK}"
EXPRESSIONS = {name: expression for expression, name in SPLITS.items()}

INST = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
    "{% elif m.role == 'assistant' %} {{ m.content }}{{ eos_token }}{% else %}"
    "{{ raise_exception('only user and assistant roles are known') }}{% endif %}{% endfor %}"
)
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
HEADERS = (
    "{{- bos_token }}{%- for m in messages %}{{- '<|start_header_id|>' + m['role'] + '<|end_header_id|>\n\n' "
    "+ m['content'] | trim + '<|eot_id|>' }}{%- endfor %}{%- if add_generation_prompt %}"
    "{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{%- endif %}"
)
TURNS = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n{{ m.content | trim }}<end_of_turn>\n"
    "{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
PHI = (
    "{% for m in messages %}{{ '<|' + m.role + '|>\n' + m.content + '<|end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"
)


@dataclass(frozen=True)
class Family:
    """How one is built, its special tokens, and what its folder says of them."""

    build: Callable[[Sequence[str]], Tokenizer]
    special: tuple[str, ...]
    names: dict[str, str]
    template: str = ""
    added: tuple[AddedToken, ...] = ()
    begins: bool = False
    ends: bool = False
    exact: Literal["everywhere", "behind a special token", "without a special token"] = "everywhere"
    config: dict[str, object] = field(default_factory=dict[str, object])


def save(folder: Path, name: str) -> Any:
    """Save the tokenizer of a family, and return it as transformers reads it."""
    family = FAMILIES[name]
    made = family.build(family.special)
    made.add_tokens(list(family.added))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, **family.names)
    if family.template:
        tokenizer.chat_template = family.template
    tokenizer.save_pretrained(folder)
    config = folder / "tokenizer_config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), **family.config}))
    return PreTrainedTokenizerFast.from_pretrained(folder)


def byte_level(
    cut: Any, *, post: Any = None, nfc: bool = False, ignore_merges: bool = False
) -> Callable[[Sequence[str]], Tokenizer]:
    def build(special: Sequence[str]) -> Tokenizer:
        made = Tokenizer(models.BPE(ignore_merges=ignore_merges))
        made.normalizer = normalizers.NFC() if nfc else None
        made.pre_tokenizer = cut
        made.decoder = decoders.ByteLevel()
        alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
        made.train_from_iterator(
            TEXTS,
            trainers.BpeTrainer(
                vocab_size=420, special_tokens=list(special), initial_alphabet=alphabet, show_progress=False
            ),
        )
        made.post_processor = post(made) if post else processors.ByteLevel(trim_offsets=False)
        return made

    return build


def pieces(prepare: Callable[[Tokenizer], None], *, begins: bool = True) -> Callable[[Sequence[str]], Tokenizer]:
    """Build what a conversion from SentencePiece gives: bytes as tokens, and every split of a token as a merge."""

    def build(special: Sequence[str]) -> Tokenizer:
        learnt = Tokenizer(models.BPE())
        prepare(learnt)
        learnt.train_from_iterator(TEXTS, trainers.BpeTrainer(vocab_size=300, show_progress=False))
        found = json.loads(learnt.to_str())["model"]
        tokens = [*special, *(f"<0x{byte:02X}>" for byte in range(256)), *found["vocab"]]
        vocabulary = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
        wholes = list(dict.fromkeys("".join(merge) for merge in found["merges"]))
        merges = [
            (whole[:place], whole[place:])
            for whole in wholes
            for place in range(1, len(whole))
            if whole[:place] in vocabulary and whole[place:] in vocabulary
        ]
        made = Tokenizer(
            models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
        )
        prepare(made)
        made.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in special])
        if begins:
            made.post_processor = before("<s>" if "<s>" in special else "<bos>")(made)
        return made

    return build


def before(token: str) -> Callable[[Tokenizer], Any]:
    def make(made: Tokenizer) -> Any:
        return processors.TemplateProcessing(
            single=f"{token} $A", pair=f"{token} $A {token} $B", special_tokens=[(token, made.token_to_id(token) or 0)]
        )

    return make


def behind(token: str) -> Callable[[Tokenizer], Any]:
    def make(made: Tokenizer) -> Any:
        number = made.token_to_id(token) or 0
        return processors.TemplateProcessing(single=f"$A {token}", pair=None, special_tokens=[(token, number)])

    return make


def after_bytes(token: str) -> Callable[[Tokenizer], Any]:
    """Post-process as Llama 3 does: the template is one step among others."""
    return lambda made: processors.Sequence([processors.ByteLevel(trim_offsets=True), before(token)(made)])


def expression(name: str) -> Any:
    split = pre_tokenizers.Split(Regex(EXPRESSIONS[name]), "isolated", invert=False)
    return pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def always_a_space(made: Tokenizer) -> None:
    made.normalizer = normalizers.Sequence([normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)])


def a_space_first(made: Tokenizer) -> None:
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="first", split=False)


def no_space(made: Tokenizer) -> None:
    made.normalizer = normalizers.Replace(" ", SPACE)
    made.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")


def falcon() -> Any:
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Punctuation("contiguous"),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
            pre_tokenizers.Digits(individual_digits=False),
            pre_tokenizers.Split(Regex("[0-9][0-9][0-9]"), "isolated"),
        ]
    )


S = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
IM = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
IM_NAMES = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}
GPT = {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
THINK = tuple(AddedToken(token, normalized=False, special=False) for token in ("<think>", "</think>", "<tool_call>"))
RSTRIPPED = tuple(
    AddedToken(token, normalized=False, special=True, rstrip=True)
    for token in ("<|system|>", "<|user|>", "<|assistant|>", "<|end|>", "</s>")
)
LLAMA_3 = ("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")

FAMILIES = {
    "llama 2": Family(
        pieces(always_a_space),
        ("<unk>", "<s>", "</s>"),
        S,
        INST,
        begins=True,
        config={"add_bos_token": True, "add_eos_token": False},
    ),
    "llama 2, of older tools": Family(
        pieces(always_a_space),
        ("<unk>", "<s>", "</s>"),
        S,
        begins=True,
        config={"add_bos_token": True, "add_eos_token": True},
    ),
    "mistral": Family(
        pieces(a_space_first),
        ("<unk>", "<s>", "</s>", "[INST]", "[/INST]"),
        S,
        INST,
        begins=True,
        exact="behind a special token",
    ),
    "mistral, base": Family(
        pieces(a_space_first), ("<unk>", "<s>", "</s>"), S, begins=True, exact="without a special token"
    ),
    "gemma": Family(
        pieces(no_space),
        ("<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"),
        {"bos_token": "<bos>", "eos_token": "<eos>", "unk_token": "<unk>", "pad_token": "<pad>"},
        TURNS,
        added=(AddedToken("\n\n", normalized=False, special=False), AddedToken("<unused0>", normalized=False)),
        begins=True,
    ),
    "phi 3": Family(
        pieces(always_a_space, begins=False),
        ("<unk>", "<s>", "<|endoftext|>"),
        {"bos_token": "<s>", "eos_token": "<|endoftext|>", "unk_token": "<unk>"},
        PHI,
        added=RSTRIPPED,
        config={"add_bos_token": False, "add_eos_token": False},
    ),
    "llama 3": Family(
        byte_level(expression("llama-bpe"), post=after_bytes("<|begin_of_text|>"), ignore_merges=True),
        LLAMA_3,
        {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"},
        HEADERS,
        begins=True,
    ),
    "qwen 2": Family(byte_level(expression("qwen2"), nfc=True), IM, IM_NAMES, CHATML, config={"add_bos_token": False}),
    "qwen 3": Family(byte_level(expression("qwen2"), nfc=True), IM, IM_NAMES, CHATML, added=THINK),
    "mistral nemo": Family(
        byte_level(expression("tekken"), post=before("<s>")),
        ("<unk>", "<s>", "</s>", "[INST]", "[/INST]"),
        S,
        INST.replace("[INST] ", "[INST]").replace(" [/INST]", "[/INST]"),
        begins=True,
    ),
    "gpt 2": Family(byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False)), ("<|endoftext|>",), GPT),
    "gpt 4o": Family(byte_level(expression("gpt-4o")), ("<|endoftext|>",), GPT),
    "smollm 2": Family(
        byte_level(
            pre_tokenizers.Sequence(
                [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
            )
        ),
        IM,
        {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "unk_token": "<|endoftext|>"},
        CHATML,
    ),
    "falcon": Family(byte_level(falcon()), ("<|endoftext|>",), GPT),
    "with an end of its own": Family(
        byte_level(expression("qwen2"), post=behind("<|im_end|>")), IM, IM_NAMES, ends=True
    ),
}
