"""The network in torch: the lower layers of MiniLM, shapes added to its word vectors, a tagger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

from metier.privacy.ner import LABELS, SHAPES, WINDOW

WIDTH = 384
HEAD = 32
"""The width of one attention head."""


class Layer(nn.Module):
    def __init__(self, inner: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(WIDTH, 3 * heads * HEAD)
        self.out = nn.Linear(heads * HEAD, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up = nn.Linear(WIDTH, inner)
        self.down = nn.Linear(inner, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.dropout = nn.Dropout(dropout)
        self.rate = dropout

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        batch, length, _ = x.shape
        heads = self.qkv(x).view(batch, length, 3, self.heads, HEAD).permute(2, 0, 3, 1, 4)
        rate = self.rate if self.training else 0.0
        mixed = F.scaled_dot_product_attention(*heads.unbind(0), attn_mask=mask, dropout_p=rate)
        mixed = mixed.transpose(1, 2).reshape(batch, length, self.heads * HEAD)
        x = self.norm1(x + self.dropout(self.out(mixed)))
        return self.norm2(x + self.dropout(self.down(F.gelu(self.up(x)))))


class Tagger(nn.Module):
    """Args: layers; inner, heads: neurons and attention heads of each; shapes: read or not."""

    def __init__(
        self,
        layers: int = 3,
        inner: int = 1536,
        heads: int = 12,
        dropout: float = 0.1,
        shapes: bool = True,
    ) -> None:
        super().__init__()
        self.settings = {"layers": layers, "inner": inner, "heads": heads, "shapes": shapes}
        self.words = nn.Embedding(30522, WIDTH)
        self.places = nn.Embedding(WINDOW, WIDTH)
        self.shapes = nn.Embedding(SHAPES, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer(inner, heads, dropout) for _ in range(layers))
        self.head = nn.Linear(WIDTH, len(LABELS))
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, shapes: torch.Tensor) -> torch.Tensor:
        x = self.words(ids) + self.places.weight[: ids.shape[1]]
        if self.settings["shapes"]:
            x = x + self.shapes(shapes)
        x = self.dropout(self.norm(x))
        seen = mask[:, None, None, :].bool()
        for layer in self.layers:
            x = layer(x, seen)
        logits: torch.Tensor = self.head(x)
        return logits


def from_minilm(folder: Path, layers: tuple[int, ...], shapes: bool) -> Tagger:
    """A tagger that starts from the given layers of all-MiniLM-L6-v2."""
    weights = load_file(folder / "model.safetensors")
    model = Tagger(len(layers), 1536, shapes=shapes)
    kind = weights["embeddings.token_type_embeddings.weight"][0]
    place = weights["embeddings.position_embeddings.weight"][:WINDOW] + kind
    state: dict[str, Any] = {
        "words.weight": weights["embeddings.word_embeddings.weight"],
        "places.weight": place,
        "shapes.weight": torch.randn(SHAPES, WIDTH, generator=torch.Generator().manual_seed(1))
        * 0.01,
        "norm.weight": weights["embeddings.LayerNorm.weight"],
        "norm.bias": weights["embeddings.LayerNorm.bias"],
        "head.weight": torch.zeros(len(LABELS), WIDTH),
        "head.bias": torch.zeros(len(LABELS)),
    }
    for new, old in enumerate(layers):
        own = f"encoder.layer.{old}"
        for part in ("weight", "bias"):
            state[f"layers.{new}.qkv.{part}"] = torch.cat(
                [weights[f"{own}.attention.self.{n}.{part}"] for n in ("query", "key", "value")]
            )
            state[f"layers.{new}.out.{part}"] = weights[f"{own}.attention.output.dense.{part}"]
            norm = f"{own}.attention.output.LayerNorm.{part}"
            state[f"layers.{new}.norm1.{part}"] = weights[norm]
            state[f"layers.{new}.up.{part}"] = weights[f"{own}.intermediate.dense.{part}"]
            state[f"layers.{new}.down.{part}"] = weights[f"{own}.output.dense.{part}"]
            state[f"layers.{new}.norm2.{part}"] = weights[f"{own}.output.LayerNorm.{part}"]
    model.load_state_dict(state)
    return model


@torch.no_grad()
def prune(model: Tagger, batches: list[tuple[torch.Tensor, ...]], inner: int, heads: int) -> Tagger:
    """Keeps the neurons and the heads of each layer that add most to its output on `batches`."""
    neurons = [torch.zeros(layer.up.out_features) for layer in model.layers]
    mixers = [torch.zeros(layer.heads) for layer in model.layers]
    hooks = []
    for number, layer in enumerate(model.layers):

        def note_up(module: nn.Module, inputs: Any, output: torch.Tensor, at: int = number) -> None:
            neurons[at] += F.gelu(output).abs().sum((0, 1))

        def note_out(module: nn.Module, inputs: Any, at: int = number) -> None:
            each = inputs[0].unflatten(-1, (-1, HEAD))
            weight = module.weight.unflatten(-1, (-1, HEAD))
            mixers[at] += torch.einsum("blhd,whd->blhw", each, weight).norm(dim=-1).sum((0, 1))

        hooks.append(layer.up.register_forward_hook(note_up))
        hooks.append(layer.out.register_forward_pre_hook(note_out))
    model.eval()
    for ids, mask, shapes in batches:
        model(ids, mask, shapes)
    for hook in hooks:
        hook.remove()
    small = Tagger(len(model.layers), inner, heads, shapes=model.settings["shapes"])
    state = model.state_dict()
    for number, layer in enumerate(model.layers):
        own = f"layers.{number}"
        kept = (neurons[number] * layer.down.weight.norm(dim=0)).topk(inner).indices.sort().values
        state[f"{own}.up.weight"] = state[f"{own}.up.weight"][kept]
        state[f"{own}.up.bias"] = state[f"{own}.up.bias"][kept]
        state[f"{own}.down.weight"] = state[f"{own}.down.weight"][:, kept]
        left = mixers[number].topk(heads).indices.sort().values
        columns = (left[:, None] * HEAD + torch.arange(HEAD)).flatten()
        state[f"{own}.out.weight"] = state[f"{own}.out.weight"][:, columns]
        rows = torch.cat([columns + part * layer.heads * HEAD for part in range(3)])
        state[f"{own}.qkv.weight"] = state[f"{own}.qkv.weight"][rows]
        state[f"{own}.qkv.bias"] = state[f"{own}.qkv.bias"][rows]
    small.load_state_dict(state)
    return small


def save(model: Tagger, path: Path) -> None:
    torch.save({"settings": model.settings, "state": model.state_dict()}, path)


def load(path: Path) -> Tagger:
    saved = torch.load(path, weights_only=True, map_location="cpu")
    model = Tagger(**saved["settings"])
    model.load_state_dict(saved["state"])
    return model
