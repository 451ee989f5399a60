"""Steps of training in PyTorch with transformers' own classes: forward, backward, clipping, AdamW."""

import json
import os

import torch
import transformers
from torch.nn.functional import cross_entropy


def load(folder, name=None):
    name = name or json.load(open(os.path.join(folder, "config.json")))["architectures"][0]
    return getattr(transformers, name).from_pretrained(folder)


class Batch:
    """Sequences, padded to the longest, with what is to be said of them."""

    def __init__(self, sequences):
        longest = max(len(s["ids"]) for s in sequences)
        shape = (len(sequences), longest)
        self.ids = torch.zeros(shape, dtype=torch.long)
        self.mask = torch.zeros(shape, dtype=torch.long)
        self.types = torch.zeros(shape, dtype=torch.long)
        self.labels = torch.full(shape, -100)
        for row, s in enumerate(sequences):
            length = len(s["ids"])
            self.ids[row, :length] = torch.tensor(s["ids"])
            self.mask[row, :length] = 1
            if "typeIds" in s:
                self.types[row, :length] = torch.tensor(s["typeIds"])
            if "positions" in s:
                self.labels[row, s["positions"]] = torch.tensor(s["labels"])
        self.masked = self.labels != -100
        self.targets = self.labels[self.masked]


def masked_lm(job):
    batch, model = Batch(job["sequences"]), load(job["folder"])

    def all_rows():
        return model(input_ids=batch.ids, labels=batch.labels).loss

    def masked_rows():
        hidden = model.roberta(input_ids=batch.ids).last_hidden_state
        return cross_entropy(model.lm_head(hidden[batch.masked]), batch.targets)

    return [model], masked_rows if job.get("maskedRowsOnly") else all_rows


def sentence_order(job):
    batch, model = Batch(job["sequences"]), load(job["folder"])
    order = torch.tensor([s["label"] for s in job["sequences"]])
    inputs = {"input_ids": batch.ids, "token_type_ids": batch.types}

    def all_rows():
        return model(**inputs, labels=batch.labels, sentence_order_label=order).loss

    def masked_rows():
        hidden, pooled = model.albert(**inputs)[:2]
        words = cross_entropy(model.predictions(hidden[batch.masked]), batch.targets)
        return words + cross_entropy(model.sop_classifier(pooled), order)

    return [model], masked_rows if job.get("maskedRowsOnly") else all_rows


def replaced_token_detection(job):
    batch = Batch(job["sequences"])
    generator, discriminator = (load(folder) for folder in job["folders"])
    discriminator.electra.embeddings = generator.electra.embeddings
    originals = torch.where(batch.masked, batch.labels, batch.ids)

    def loss():
        if job.get("maskedRowsOnly"):
            hidden = generator.electra(input_ids=batch.ids).last_hidden_state[batch.masked]
            logits = generator.generator_lm_head(generator.generator_predictions(hidden))
            generated = cross_entropy(logits, batch.targets)
        else:
            output = generator(input_ids=batch.ids, labels=batch.labels)
            generated, logits = output.loss, output.logits[batch.masked]
        samples = torch.multinomial(logits.detach().softmax(-1), 1).squeeze(-1)
        corrupted = originals.masked_scatter(batch.masked, samples)
        return generated + 50 * discriminator(input_ids=corrupted, labels=(corrupted != originals).long()).loss

    return [generator, discriminator], loss


class SpanBoundaryHead(torch.nn.Module):
    """SpanBERT's: transformers has none."""

    def __init__(self, config, position_size=200, places=20):
        super().__init__()
        hidden = config.hidden_size
        self.positions = torch.nn.Embedding(places, position_size)
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(2 * hidden + position_size, hidden),
            torch.nn.GELU(),
            torch.nn.LayerNorm(hidden),
            torch.nn.Linear(hidden, hidden),
            torch.nn.GELU(),
            torch.nn.LayerNorm(hidden),
        )
        self.bias = torch.nn.Parameter(torch.zeros(config.vocab_size))

    def forward(self, left, right, places, words):
        states = self.layers(torch.cat([left, right, self.positions(places)], dim=-1))
        return torch.nn.functional.linear(states, words, self.bias)


def span_boundary(job):
    sequences = job["sequences"]
    batch, model = Batch(sequences), load(job["folder"], "BertForMaskedLM")
    head = SpanBoundaryHead(model.config)
    # All spans are of three tokens; see ../batches.mjs.
    starts = [(row, start) for row, s in enumerate(sequences) for start in s["positions"][::3]]
    rows = torch.tensor([row for row, _ in starts]).repeat_interleave(3)
    first = torch.tensor([start for _, start in starts]).repeat_interleave(3)
    places = torch.arange(3).repeat(len(starts))

    def loss():
        hidden = model.bert(input_ids=batch.ids).last_hidden_state
        if job.get("maskedRowsOnly"):
            words = cross_entropy(model.cls(hidden[batch.masked]), batch.targets)
        else:
            words = cross_entropy(model.cls(hidden).flatten(0, 1), batch.labels.flatten())
        table = model.bert.embeddings.word_embeddings.weight
        logits = head(hidden[rows, first - 1], hidden[rows, first + 3], places, table)
        return words + cross_entropy(logits, batch.targets)

    return [model, head], loss


def classification(job):
    batch, model = Batch(job["sequences"]), load(job["folder"])
    labels = torch.tensor([s["label"] for s in job["sequences"]])
    return [model], lambda: model(input_ids=batch.ids, attention_mask=batch.mask, labels=labels).loss


def answers(job):
    batch, model = Batch(job["sequences"]), load(job["folder"])
    starts = torch.tensor([s["start"] for s in job["sequences"]])
    ends = torch.tensor([s["end"] for s in job["sequences"]])
    inputs = {"input_ids": batch.ids, "attention_mask": batch.mask}
    return [model], lambda: model(**inputs, start_positions=starts, end_positions=ends).loss


OBJECTIVES = {
    "masked-lm": masked_lm,
    "sentence-order": sentence_order,
    "replaced-token-detection": replaced_token_detection,
    "span-boundary": span_boundary,
    "classification": classification,
    "answers": answers,
}


def training(job):
    models, loss_of = OBJECTIVES[job["objective"]](job)
    parameters = list({id(p): p for model in models for p in model.train().parameters()}.values())
    optimizer = torch.optim.AdamW(parameters, lr=1e-5, weight_decay=0.01, fused=True)
    if job.get("compile"):
        loss_of = torch.compile(loss_of)

    def run():
        loss = loss_of()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.item()

    return run(), run
