"""Fine-tunes the tagger. Usage, from the repository's root:

python -m training.ner.train --data DATA --minilm FOLDER --out RUN [--layers 0,1,2,3] [--inner 512]

DATA holds `pii/presidio-research`, `pii/lifebench`, `pii/wnut17` and
`support/banking77_train.csv`; FOLDER the published `model.safetensors` and
`tokenizer.json` of all-MiniLM-L6-v2. RUN gets `model.pt` and `log.txt`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import torch
from tokenizers import Tokenizer
from torch.nn import functional as F
from training.ner import augment, data
from training.ner.data import Doc
from training.ner.model import Tagger, from_minilm, load, prune, save
from training.ner.names import Names
from training.ner.templates import Templates
from training.ner.text import label_ids

from metier.privacy.ner import LABELS, WINDOW, cut

CLS, SEP, MASK = 101, 102, 103
_TOKENS = 3072  # in a batch, padding included


@dataclass(frozen=True, slots=True)
class Sample:
    ids: list[int]
    shapes: list[int]
    labels: list[int]


@dataclass(frozen=True, slots=True)
class Sets:
    wnut: list[Doc]
    presidio: list[Doc]
    lifebench: list[Doc]
    banking: list[Doc]
    source: list[Doc]

    def kept(self, back: bool) -> Sets:
        """The part that is learnt from, or the part held back for calibration."""

        def part(docs: list[Doc]) -> list[Doc]:
            return [d for d in docs if data.held_back(d.source + d.key) == back]

        sets = (self.wnut, self.presidio, self.lifebench, self.banking, self.source)
        return Sets(*map(part, sets))


def read_sets(root: Path) -> Sets:
    return Sets(
        data.wnut(root / "pii/wnut17/wnut17train.conll"),
        data.presidio(root / "pii/presidio-research", half=0),
        data.lifebench(root / "pii/lifebench", held=False),
        data.banking(root / "support/banking77_train.csv"),
        data.source(Path(__file__).parents[2]),
    )


def one_epoch(sets: Sets, templates: Templates, names: Names, rng: Random) -> Iterator[Doc]:
    """The documents of one epoch; no two epochs are the same."""
    for doc in sets.wnut * 2:
        doc = augment.untokenised(doc) if rng.random() < 0.4 else doc
        doc = augment.renamed(doc, names, rng) if rng.random() < 0.3 else doc
        yield augment.moved_elsewhere(doc, names, rng) if rng.random() < 0.2 else doc
    for doc in sets.presidio:
        doc = augment.renamed(doc, names, rng) if rng.random() < 0.4 else doc
        yield augment.moved_elsewhere(doc, names, rng) if rng.random() < 0.3 else doc
    for doc in rng.sample(sets.lifebench, len(sets.lifebench) // 2):
        doc = augment.renamed(doc, names, rng) if rng.random() < 0.6 else doc
        yield augment.moved_elsewhere(doc, names, rng) if rng.random() < 0.3 else doc
    yield from rng.sample(sets.banking, 700)
    for _ in range(5500):
        yield templates.named(rng)
    for _ in range(5500):
        yield templates.ordinary(rng)
    for _ in range(1500):
        yield templates.code(rng)
    yield from rng.sample(sets.source, min(len(sets.source), 300))


def samples(docs: Iterator[Doc], tokenizer: Any, rng: Random) -> Iterator[Sample]:
    """Recased, now and then joined, cut into windows, with some pieces hidden."""
    waiting: list[Doc] = []
    for doc in docs:
        if len(doc.text) < 300:
            waiting.append(doc)
            if len(waiting) < 64:
                continue
            rng.shuffle(waiting)
            count = rng.choice((1, 1, 1, 1, 2, 2, 3))
            doc = augment.joined([waiting.pop() for _ in range(count)], rng)
        yield from _windowed(augment.recased(doc, rng), tokenizer, rng)
    for doc in waiting:
        yield from _windowed(augment.recased(doc, rng), tokenizer, rng)


def _windowed(doc: Doc, tokenizer: Any, rng: Random) -> Iterator[Sample]:
    pieces = cut(tokenizer, doc.text)
    labels = label_ids(pieces, doc.spans, doc.ignored)
    room = WINDOW - 2
    start = 0
    while start < len(labels):
        size = room if len(labels) - start <= room else rng.randint(room // 3, room)
        part = slice(start, start + size)
        start += size
        ids = pieces.ids[part]
        # A name that can't be read must be known by what stands around it.
        hidden = [
            MASK if rng.random() < (0.08 if label > 0 else 0.02) else piece
            for piece, label in zip(ids, labels[part], strict=True)
        ]
        yield Sample([CLS, *hidden, SEP], [0, *pieces.shapes[part], 0], [-100, *labels[part], -100])


def batches(
    found: Sequence[Sample], rng: Random
) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Samples of like length together, about `_TOKENS` pieces in each batch."""
    order = sorted(range(len(found)), key=lambda i: (len(found[i].ids) // 4, rng.random()))
    groups: list[list[int]] = [[]]
    for i in order:
        if groups[-1] and len(found[i].ids) * (len(groups[-1]) + 1) > _TOKENS:
            groups.append([])
        groups[-1].append(i)
    rng.shuffle(groups)
    for group in groups:
        width = max(len(found[i].ids) for i in group)
        rows = [found[i] for i in group]
        yield (
            torch.tensor([r.ids + [0] * (width - len(r.ids)) for r in rows]),
            torch.tensor([[1] * len(r.ids) + [0] * (width - len(r.ids)) for r in rows]),
            torch.tensor([r.shapes + [0] * (width - len(r.ids)) for r in rows]),
            torch.tensor([r.labels + [-100] * (width - len(r.ids)) for r in rows]),
        )


def _texts(args: argparse.Namespace, epoch: int) -> list[Sample]:
    """What is learnt from in an epoch; it depends on the seed and the epoch alone."""
    sets = read_sets(args.data).kept(back=False)
    names = Names(args.seed)
    rng = Random(f"{args.seed}:{epoch}")  # noqa: S311
    docs = one_epoch(sets, Templates(names), names, rng)
    return list(samples(docs, word_pieces(args.minilm), rng))


def _epochs(args: argparse.Namespace) -> Iterator[list[tuple[torch.Tensor, ...]]]:
    context = torch.multiprocessing.get_context("spawn")
    with context.Pool(args.workers) as pool:
        for epoch, found in enumerate(pool.imap(partial(_texts, args), range(args.epochs))):
            yield list(batches(found, Random(f"{args.seed}:{epoch}:order")))  # noqa: S311


def word_pieces(minilm: Path) -> Any:
    tokenizer = Tokenizer.from_file(str(minilm / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def train(model: Tagger, args: argparse.Namespace, log: Any) -> None:
    teachers = [load(path).to(args.device).eval() for path in args.teacher]
    model.to(args.device)
    model.words.weight.requires_grad_(False)  # names never seen here keep their places
    fast, slow = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            (fast if name.startswith(("head", "shapes")) else slow).append(parameter)
    optimizer = torch.optim.AdamW(
        [{"params": slow, "lr": args.rate}, {"params": fast, "lr": 4 * args.rate}],
        betas=(0.9, 0.98),
        weight_decay=0.01,
    )
    bases = [group["lr"] for group in optimizer.param_groups]
    started = time.monotonic()
    for epoch, every in enumerate(_epochs(args)):
        model.train()
        total, count, pieces = 0.0, 0, 0
        for number, batch in enumerate(every):
            ids, mask, shapes, labels = (part.to(args.device) for part in batch)
            done = (epoch + number / len(every)) / args.epochs
            for group, base in zip(optimizer.param_groups, bases, strict=True):
                group["lr"] = base * min(1.0, done / 0.06, (1 - done) / 0.94 + 0.01)
            with torch.autocast(args.device, torch.bfloat16):
                logits = model(ids, mask, shapes).float()
                loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100)
                if teachers:
                    with torch.no_grad():
                        said = [t(ids, mask, shapes).float().softmax(-1) for t in teachers]
                    goal = torch.stack(said).mean(0)
                    loss = 0.4 * loss + 0.6 * _distance(logits, goal, labels)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*slow, *fast], 1.0)
            optimizer.step()
            total, count, pieces = total + loss.detach(), count + 1, pieces + mask.sum()
        note = {
            "epoch": epoch + 1,
            "loss": round(float(total) / count, 4),
            "pieces": int(pieces),
            "seconds": round(time.monotonic() - started),
        }
        print(json.dumps(note), file=log, flush=True)
        save(model, args.out / "model.pt")


def _distance(logits: torch.Tensor, goal: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """How far the tagger is from its teacher, where a label is learnt."""
    kept = labels != -100
    return F.kl_div(logits[kept].log_softmax(-1), goal[kept], reduction="batchmean")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--minilm", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--layers", default="0,1,2,3")
    parser.add_argument("--inner", type=int, default=512)
    parser.add_argument("--heads", type=int, default=12)
    parser.add_argument("--start", type=Path, help="an earlier tagger to go on from (model.pt)")
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--teacher", type=Path, nargs="*", default=[], help="larger taggers to imitate (model.pt)"
    )
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--workers", type=int, default=1, help="processes that draw the texts")
    parser.add_argument("--no-shapes", action="store_true")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer = word_pieces(args.minilm)
    layers = tuple(int(n) for n in args.layers.split(","))
    if args.start:
        model = load(args.start)
    else:
        model = from_minilm(args.minilm, layers, shapes=not args.no_shapes)
    rng = Random(args.seed)  # noqa: S311
    names = Names(args.seed)
    some = [Templates(names).named(rng) for _ in range(400)]
    seen = [b[:3] for b in batches(list(samples(iter(some), tokenizer, rng)), rng)]
    model = prune(model, seen, args.inner, args.heads)
    assert model.head.out_features == len(LABELS)
    with (args.out / "log.txt").open("a", encoding="utf-8") as log:
        print(json.dumps({**model.settings, "arguments": str(vars(args))}), file=log, flush=True)
        train(model, args, log)


if __name__ == "__main__":
    main()
