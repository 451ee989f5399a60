"""Writes golden cases of other sizes and weights than the recorded ones, in the same layout.

    python freshCases.py DIR SEED

DIR gets `models/` (every head of every kin) and `train/` (masked language modelling by BERT).
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

HEADS = {
    "bert": ["Model", "ForMaskedLM", "ForPreTraining", "ForNextSentencePrediction", "ForSequenceClassification",
             "ForTokenClassification", "ForQuestionAnswering", "ForMultipleChoice"],
    "albert": ["Model", "ForMaskedLM", "ForPreTraining", "ForSequenceClassification", "ForTokenClassification",
               "ForQuestionAnswering", "ForMultipleChoice"],
    "roberta": ["Model", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering",
                "ForMultipleChoice"],
    "electra": ["Model", "ForMaskedLM", "ForPreTraining", "ForSequenceClassification", "ForTokenClassification",
                "ForQuestionAnswering", "ForMultipleChoice"],
}
BATCH, LENGTH, VOCABULARY = 4, 17, 67


PADDING = {"roberta": 3}


def config_of(kin, head):
    # transformers sizes these heads by num_labels too, and needs 2 there.
    num_labels = 2 if head in ("ForQuestionAnswering", "ForPreTraining") else 5
    sizes = dict(vocab_size=VOCABULARY, hidden_size=24, num_attention_heads=3, num_hidden_layers=3, intermediate_size=40,
                 max_position_embeddings=21, type_vocab_size=3, num_labels=num_labels, layer_norm_eps=1e-6, pad_token_id=PADDING.get(kin, 0),
                 hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    if kin == "bert":
        return transformers.BertConfig(**sizes, hidden_act="gelu_new")
    if kin == "albert":
        # 3 layers over 2 groups are dealt out unevenly; every layer has 2 blocks.
        return transformers.AlbertConfig(**sizes, embedding_size=10, num_hidden_groups=2, inner_group_num=2,
                                         hidden_act="gelu")
    if kin == "roberta":
        return transformers.RobertaConfig(**sizes, hidden_act="relu")
    return transformers.ElectraConfig(**sizes, embedding_size=10, summary_last_dropout=0.0)


def build(kin, head):
    model = getattr(transformers, kin.capitalize() + head)(config_of(kin, head)).eval()
    for name, parameter in model.named_parameters():
        centre = 1.0 if name.endswith("LayerNorm.weight") else 0.0
        torch.nn.init.normal_(parameter, centre, 0.25)
    return model


def inputs(padding=0):
    """Sequences of several lengths; one has a hole, one a padding token that is attended to."""
    mask = torch.ones(BATCH, LENGTH, dtype=torch.int64)
    for row, length in enumerate([LENGTH, 9, 2, 13]):
        mask[row, length:] = 0
    mask[3, 5] = 0
    ids = torch.where(mask == 1, torch.randint(1, VOCABULARY, (BATCH, LENGTH)), padding)
    ids[1, 4] = padding
    return dict(input_ids=ids, attention_mask=mask, token_type_ids=torch.randint(0, 3, (BATCH, LENGTH)) * mask)


def int32(tensors):
    return {name: tensor.to(torch.int32).contiguous() for name, tensor in tensors.items()}


def write_json(path, value):
    path.write_text(json.dumps(value))


def model_case(folder, kin, head):
    model = build(kin, head)
    model.save_pretrained(folder)
    fed = inputs(PADDING.get(kin, 0))
    if head == "ForMultipleChoice":
        fed = {name: tensor.reshape(2, 2, LENGTH) for name, tensor in fed.items()}
    with torch.no_grad():
        result = model(**fed, output_hidden_states=head == "Model")
    outputs = {}
    for name, value in result.items():
        if isinstance(value, tuple):
            outputs.update({f"out.{name}.{i}": x.clone() for i, x in enumerate(value)})
        else:
            outputs[f"out.{name}"] = value.clone()
    save_file({**outputs, **int32({f"in.{name}": x for name, x in fed.items()})}, folder / "io.safetensors")
    write_json(folder / "case.json", dict(architecture=type(model).__name__, outputs=list(result), atol=2e-4, rtol=1e-4))


def train_case(folder):
    model = build("bert", "ForMaskedLM")
    model.save_pretrained(folder)
    batches = []
    for _ in range(2):
        fed = inputs()
        chosen = (torch.rand(BATCH, LENGTH) < 0.3) & (fed["attention_mask"] == 1)
        chosen[0, 1] = True
        labels = torch.where(chosen, fed["input_ids"], torch.tensor(-100))
        batches.append(dict(fed, labels=labels))
    save_file({f"{k}.{name}": x for k, batch in enumerate(batches) for name, x in int32(batch).items()},
              folder / "batches.safetensors")
    expected = {}
    for k in (1, 0):
        model.zero_grad()
        loss = model(**batches[k]).loss
        loss.backward()
        expected[f"loss.{k}"] = loss.detach().reshape(1)
    expected.update({f"grad.{name}": x.grad.clone() for name, x in model.named_parameters()})
    options = dict(lr=0.003, betas=[0.8, 0.99], eps=1e-6, weight_decay=0.05, clip=0.5, warmup=1, total=6)
    decaying = [x for name, x in model.named_parameters() if not (name.endswith("bias") or "LayerNorm" in name)]
    others = [x for name, x in model.named_parameters() if name.endswith("bias") or "LayerNorm" in name]
    groups = [dict(params=decaying, weight_decay=options["weight_decay"]), dict(params=others, weight_decay=0.0)]
    optimizer = torch.optim.AdamW(groups, lr=options["lr"], betas=tuple(options["betas"]), eps=options["eps"])
    losses = []
    for step, k in enumerate([0, 1, 0, 1], start=1):
        for group in optimizer.param_groups:
            group["lr"] = options["lr"] * (step if step <= 1 else (6 - step) / 5)
        optimizer.zero_grad()
        loss = model(**batches[k]).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), options["clip"])
        optimizer.step()
        losses.append(loss.item())
    expected["adamw.losses"] = torch.tensor(losses)
    expected.update({f"adamw.param.{name}": x.detach().clone() for name, x in model.named_parameters()})
    save_file(expected, folder / "expected.safetensors")
    write_json(folder / "case.json", dict(kind="bert-mlm", optimizer=options))


def main():
    root = Path(sys.argv[1])
    torch.manual_seed(int(sys.argv[2]))
    torch.set_num_threads(1)
    for kin, heads in HEADS.items():
        for head in heads:
            folder = root / "models" / f"{kin}-{head}"
            folder.mkdir(parents=True)
            model_case(folder, kin, head)
    folder = root / "train" / "bert-mlm"
    folder.mkdir(parents=True)
    train_case(folder)


main()
