"""Shows that Python transformers opens a checkpoint that bertkin wrote, and computes the same with it.

    npm run build
    python scripts/agree_with_transformers.py runs/tour

For each model in the run's folder (or the folder itself, if it is a checkpoint) it checks that no key is missing or
unexpected, that both tokenizers give the same ids, and that all outputs agree within 1e-4. SpanBERT's boundary head is
unknown to transformers: its keys are expected, and its logits are worked out here. Exits with 1 if anything differs.
Needs torch, transformers and safetensors.
"""

import pathlib
import subprocess
import sys
import tempfile

import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import load_file

# [MASK] stands for the tokenizer's own mask token, a tab between the two texts of a pair.
TEXTS = [
    "The keys to the old house [MASK] on the table.",
    "Leila lost her red lantern, so she went to the river and looked for it there.",
    "In 1984, Zürich's mayor said: \"Don't you dare!\" – and left (quietly).",
    "a",
    "Nina stood by the river.\tThen Noah came along in a [MASK] boat.",
]
TOLERANCE = 1e-4
BOUNDARY = "cls.pair_target_predictions."
ROOT = pathlib.Path(__file__).resolve().parent.parent


def bertkin_outputs(folder: pathlib.Path, texts: list[str]) -> dict[str, torch.Tensor]:
    with tempfile.TemporaryDirectory() as temporary:
        target = pathlib.Path(temporary) / "outputs.safetensors"
        command = ["node", str(ROOT / "dist/conformance/logits.js"), str(folder), str(target)]
        subprocess.run(command, input="\n".join(texts), text=True, check=True)
        return load_file(target)


def boundary_logits(model, weights: dict[str, torch.Tensor], ids: torch.Tensor, types: torch.Tensor, count: int):
    """SpanBERT's second head, for the first `count` tokens between the first and the last."""
    part = {name.removeprefix(BOUNDARY): value for name, value in weights.items() if name.startswith(BOUNDARY)}
    state = model.bert(input_ids=ids, token_type_ids=types).last_hidden_state[0]
    boundaries = torch.cat([state[0], state[-1]]).expand(count, -1)
    x = torch.cat([boundaries, part["position_embeddings.weight"][:count]], dim=1)
    for i in (1, 2):
        x = F.gelu(F.linear(x, part[f"mlp_layer_norm.linear{i}.weight"], part[f"mlp_layer_norm.linear{i}.bias"]))
        norm = f"mlp_layer_norm.layer_norm{i}."
        x = F.layer_norm(x, x.shape[-1:], part[norm + "weight"], part[norm + "bias"], model.config.layer_norm_eps)
    return F.linear(x, model.bert.embeddings.word_embeddings.weight, part["bias"])


def agrees(folder: pathlib.Path) -> bool:
    config = transformers.AutoConfig.from_pretrained(folder)
    cls = getattr(transformers, config.architectures[0])
    model, info = cls.from_pretrained(folder, output_loading_info=True)
    model.eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    weights = {name: tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()}
    unexpected = [key for key in info["unexpected_keys"] if not key.startswith(BOUNDARY)]
    stray = sorted(info["missing_keys"]) + sorted(unexpected) + sorted(map(str, info["mismatched_keys"]))
    texts = [text.replace("[MASK]", tokenizer.mask_token) for text in TEXTS]
    ours = bertkin_outputs(folder, texts)
    same_ids, differences = True, {}
    for i, text in enumerate(texts):
        ids, types = ours[f"ids.{i}"].long()[None], ours[f"types.{i}"].long()[None]
        encoding = tokenizer(*text.split("\t"), truncation=True, max_length=ids.shape[1])
        same_ids &= encoding["input_ids"] == ids[0].tolist()
        names = [key.removesuffix(f".{i}") for key in ours if key.endswith(f".{i}") and "logits" in key]
        with torch.no_grad():
            outputs = model(input_ids=ids, token_type_ids=types)
            for name in names:
                actual = ours[f"{name}.{i}"]
                if name == "span_logits":
                    expected = boundary_logits(model, weights, ids, types, actual.shape[0])
                else:
                    expected = getattr(outputs, name)
                largest = (expected - actual).abs().max().item() if actual.shape == expected.shape else float("inf")
                differences[name] = max(differences.get(name, 0.0), largest)
    good = not stray and same_ids and bool(differences) and all(d <= TOLERANCE for d in differences.values())
    print(
        f"{'agrees' if good else 'DIFFERS'}  {folder}  {cls.__name__} with {type(tokenizer).__name__}"
        f"  largest differences: {', '.join(f'{name} {d:.1e}' for name, d in differences.items())}"
        f"  ids {'equal' if same_ids else 'UNEQUAL'}  missing or unexpected keys: {', '.join(stray) or 'none'}"
    )
    return good


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 1
    run = pathlib.Path(sys.argv[1])
    parts = [run / part for part in ("generator", "discriminator") if (run / part / "config.json").exists()]
    folders = [run] if (run / "config.json").exists() else parts
    if not folders:
        print(f"{run} holds no checkpoint")
        return 1
    transformers.logging.set_verbosity_error()
    print(f"torch {torch.__version__}, transformers {transformers.__version__}")
    return 0 if all([agrees(folder) for folder in folders]) else 1


if __name__ == "__main__":
    sys.exit(main())
