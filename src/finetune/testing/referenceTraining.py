"""Trains a checkpoint with PyTorch on batches that were made elsewhere, and prints the loss of every step as JSON.

Usage: referenceTraining.py FOLDER TASK BATCHES.json
Every sequence is run by itself, so that there is no padding in any softmax.
"""

import json
import sys

import torch
import transformers

folder, task, batches_file = sys.argv[1:]
classes = {
    "text-classification": transformers.AutoModelForSequenceClassification,
    "token-classification": transformers.AutoModelForTokenClassification,
    "question-answering": transformers.AutoModelForQuestionAnswering,
    "multiple-choice": transformers.AutoModelForMultipleChoice,
}
model, report = classes[task].from_pretrained(folder, output_loading_info=True)
assert not report["missing_keys"] and not report["unexpected_keys"] and not report["mismatched_keys"], report
transformers.AutoTokenizer.from_pretrained(folder)
torch.set_num_threads(1)
model.train()  # the configuration has no dropout
job = json.load(open(batches_file))


def inputs(sequence):
    """One sequence as a batch of its own."""
    return {
        "input_ids": torch.tensor([sequence["ids"]]),
        "token_type_ids": torch.tensor([sequence["typeIds"]]),
    }


def loss_of(example):
    """A mean of losses, and over how many predictions it is."""
    if task == "text-classification":
        return model(**inputs(example), labels=torch.tensor([example["label"]])).loss, 1
    if task == "token-classification":
        target = torch.tensor([example["labels"]])
        return model(**inputs(example), labels=target).loss, int((target != -100).sum())
    if task == "question-answering":
        positions = {f"{side}_positions": torch.tensor([example[side]]) for side in ("start", "end")}
        return model(**inputs(example), **positions).loss, 1
    logits = [model(**{name: x[None] for name, x in inputs(choice).items()}).logits for choice in example["choices"]]
    return torch.nn.functional.cross_entropy(torch.cat(logits, dim=1), torch.tensor([example["label"]])), 1


def is_plain(name):
    return name.endswith("bias") or "layernorm" in name.lower() or "layer_norm" in name


named = list(model.named_parameters())
groups = [
    {"params": [p for name, p in named if not is_plain(name)], "weight_decay": job["weightDecay"]},
    {"params": [p for name, p in named if is_plain(name)], "weight_decay": 0.0},
]
optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.999), eps=1e-6)
losses = []
for step, batch in enumerate(job["batches"], start=1):
    parts = [loss_of(example) for example in batch]
    loss = sum(mean * count for mean, count in parts) / sum(count for _, count in parts)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    warmup, total = job["warmup"], job["steps"]
    share = step / warmup if step <= warmup else (total - step) / (total - warmup)
    for group in optimizer.param_groups:
        group["lr"] = job["learningRate"] * share
    optimizer.step()
    losses.append(loss.item())
print(json.dumps(losses))
