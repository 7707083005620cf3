"""Writes a tiny random Llama and a LoRA adapter of it, for a real vLLM to serve.

Runs with the Python of `.vllm/`: `python vllm_model.py FOLDER`. The model says
nothing that makes sense; what is tested with it is the wire. Equal seeds give
equal weights, so what it says is the same on every run of one machine.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

LAYERS, HIDDEN, HEADS, KV_HEADS, HEAD, CONTEXT, RANK = 2, 64, 2, 1, 32, 8192, 8
SPECIAL = ("<s>", "</s>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>")
TEMPLATE = (
    "{{ bos_token }}"
    "{% for tool in tools or [] %}<|tool|>{{ tool | tojson }}{% endfor %}"
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content or '' }}"
    "{% for call in message.tool_calls or [] %}{{ call.function | tojson }}{% endfor %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
UNSAID, RARE = -60.0, -4.0
"""What is added to a token's logit: so that it never comes, or seldom."""


def tokenizer() -> PreTrainedTokenizerFast:
    """One token a byte, so that every language and every grammar can be spelt."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: place for place, token in enumerate([*SPECIAL, *letters])}
    raw = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        bos_token=SPECIAL[0],
        eos_token=SPECIAL[1],
        extra_special_tokens=list(SPECIAL[2:]),
        chat_template=TEMPLATE,
        model_max_length=CONTEXT,
    )


def leaning(tokens: PreTrainedTokenizerFast) -> torch.Tensor:
    """What is added to each token's logit: printable ASCII is said, all else not."""
    bias = torch.full((len(tokens),), UNSAID)
    letters = [chr(code) for code in range(0x21, 0x7F)] + ["Ġ"]  # the last is how a space is kept
    bias[tokens.convert_tokens_to_ids(letters)] = 0.0
    bias[tokens.convert_tokens_to_ids(["Ġ", "{", "["])] = RARE
    bias[tokens.eos_token_id] = 2 * RARE
    return bias


def model(tokens: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """Random weights, with the first hidden dimension kept constant as a bias of the logits."""
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=len(tokens),
        hidden_size=HIDDEN,
        intermediate_size=2 * HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KV_HEADS,
        head_dim=HEAD,
        max_position_embeddings=CONTEXT,
        initializer_range=0.3,
        tie_word_embeddings=False,
        bos_token_id=tokens.bos_token_id,
        eos_token_id=tokens.eos_token_id,
    )
    found = LlamaForCausalLM(config).float()
    with torch.no_grad():
        # A norm scales by the length of the whole vector. With one large dimension
        # this length, and so the first dimension after the norm, hardly changes.
        found.model.embed_tokens.weight[:, 0] = 20.0
        for layer in found.model.layers:
            layer.self_attn.o_proj.weight[0] = 0.0
            layer.mlp.down_proj.weight[0] = 0.0
            layer.input_layernorm.weight[0] = 0.0
            layer.post_attention_layernorm.weight[0] = 0.0
        normed = HIDDEN**0.5
        found.lm_head.weight[:, 0] = leaning(tokens) / normed
    return found


def adapter(folder: Path) -> None:
    """A LoRA adapter that changes every attention output, in PEFT's format."""
    torch.manual_seed(2)
    weights: dict[str, torch.Tensor] = {}
    for layer in range(LAYERS):
        at = f"base_model.model.model.layers.{layer}.self_attn.o_proj"
        outward = torch.randn(HIDDEN, RANK)
        outward[0] = 0.0  # the constant dimension stays constant
        weights[f"{at}.lora_A.weight"] = torch.randn(RANK, HEADS * HEAD)
        weights[f"{at}.lora_B.weight"] = outward
    folder.mkdir()
    save_file(weights, str(folder / "adapter_model.safetensors"))
    settings = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": RANK,
                "target_modules": ["o_proj"], "bias": "none"}  # fmt: skip
    (folder / "adapter_config.json").write_text(json.dumps(settings), "utf-8")


def main(folder: Path) -> None:
    tokens = tokenizer()
    model(tokens).save_pretrained(folder / "model")
    tokens.save_pretrained(folder / "model")
    adapter(folder / "lora")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
