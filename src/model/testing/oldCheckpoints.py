"""Writes one model as checkpoints of many forms, with what transformers makes of each.

    python oldCheckpoints.py DIR SEED

Each DIR/<form>/ is a checkpoint; its expected.json has the sequence, its logits, and what loading reported.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

WORDS = "bert.embeddings.word_embeddings.weight"
DECODER = "cls.predictions.decoder"


def build():
    config = transformers.BertConfig(vocab_size=29, hidden_size=12, num_attention_heads=3, num_hidden_layers=2,
                                     intermediate_size=20, max_position_embeddings=17, pad_token_id=0)
    model = transformers.BertForMaskedLM(config).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, 0.1, 0.4)
    return model


def old_names(state):
    """As Google's conversions and early versions of transformers wrote them, with parts of a pretraining model."""
    rename = lambda name: name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
    old = {rename(name): x for name, x in state.items()}
    old["bert.embeddings.position_ids"] = torch.arange(17).expand((1, -1))
    old["bert.pooler.dense.bias"] = torch.randn(12)
    old["cls.seq_relationship.weight"] = torch.randn(2, 12)
    return old


def strided(state):
    """Matrices as transposed views, vectors as columns of one storage."""
    table = torch.stack([x for x in state.values() if x.shape == (12,)], dim=1)
    columns = iter(table.unbind(dim=1))
    return {name: next(columns) if x.shape == (12,) else x.t().contiguous().t() if x.dim() == 2 else x
            for name, x in state.items()}


def untied(state):
    return {**state, DECODER + ".weight": torch.randn_like(state[WORDS])}


def only_copies(state):
    return {name: x for name, x in state.items() if name not in (WORDS, "cls.predictions.bias")}


def bare(state):
    return {name.removeprefix("bert."): x for name, x in state.items()}


def both_names(state):
    copies = {name.replace("LayerNorm.weight", "LayerNorm.gamma"): torch.randn_like(x)
              for name, x in state.items() if name.endswith("LayerNorm.weight")}
    return {**state, **copies, WORDS.removeprefix("bert."): torch.randn_like(state[WORDS])}


def parallel(state):
    return {"module." + name: x for name, x in state.items()}


def as_parameters(state):
    return {name: torch.nn.Parameter(x) for name, x in state.items()}


def shards(state, folder, name, save):
    """Two files and their index."""
    names = sorted(state)
    stem, extension = name.split(".")
    files = {name: f"{stem}-0000{1 + (i % 2)}-of-00002.{extension}" for i, name in enumerate(names)}
    for file in set(files.values()):
        save({name: state[name] for name in names if files[name] == file}, folder / file)
    index = dict(metadata=dict(total_size=sum(x.nbytes for x in state.values())), weight_map=files)
    (folder / f"{stem}.{extension}.index.json").write_text(json.dumps(index))


def safetensors_file(state, path):
    save_file(state, path, dict(format="pt"))


def zip_file(state, path):
    torch.save(state, path)


def without_sums(state, path):
    torch.serialization.set_crc32_options(False)
    torch.save(state, path)
    torch.serialization.set_crc32_options(True)


def legacy_file(state, path):
    torch.save(state, path, _use_new_zipfile_serialization=False)


def main():
    root = Path(sys.argv[1])
    torch.manual_seed(int(sys.argv[2]))
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    model = build()
    state = model.state_dict()
    apart = {name: x.clone() for name, x in state.items()}
    cast = lambda dtype: {name: x.to(dtype) for name, x in state.items()}
    single = {
        "zip": (zip_file, state), "zip-without-sums": (without_sums, state), "legacy": (legacy_file, state),
        "zip-old-names": (zip_file, old_names(state)), "legacy-old-names": (legacy_file, old_names(state)),
        "zip-strided": (zip_file, strided(state)), "legacy-strided": (legacy_file, strided(state)),
        "zip-bfloat16": (zip_file, cast(torch.bfloat16)), "legacy-float16": (legacy_file, cast(torch.float16)),
        "zip-float64": (zip_file, cast(torch.float64)), "zip-untied": (zip_file, untied(state)),
        "legacy-only-copies": (legacy_file, only_copies(state)), "zip-bare": (zip_file, bare(state)),
        "zip-both-names": (zip_file, both_names(state)), "zip-parallel": (zip_file, parallel(state)),
        "zip-parameters": (zip_file, as_parameters(apart)), "legacy-parameters": (legacy_file, as_parameters(apart)),
    }
    folders = []
    for form, (save, tensors) in single.items():
        folders.append(root / form)
        folders[-1].mkdir(parents=True)
        save(tensors, folders[-1] / "pytorch_model.bin")
    for form, name, save in [("shards", "model.safetensors", safetensors_file),
                             ("shards-zip", "pytorch_model.bin", zip_file),
                             ("shards-legacy", "pytorch_model.bin", legacy_file)]:
        folders.append(root / form)
        folders[-1].mkdir(parents=True)
        shards(apart, folders[-1], name, save)

    ids = torch.randint(1, 29, (1, 11))
    for folder in folders:
        model.config.save_pretrained(folder)
        loaded, report = transformers.BertForMaskedLM.from_pretrained(folder, output_loading_info=True, dtype=torch.float32)
        with torch.no_grad():
            logits = loaded.eval()(ids).logits[0]
        expected = dict(ids=ids[0].tolist(), logits=logits.tolist(), missing=sorted(report["missing_keys"]),
                        unexpected=sorted(report["unexpected_keys"]))
        (folder / "expected.json").write_text(json.dumps(expected))


main()
