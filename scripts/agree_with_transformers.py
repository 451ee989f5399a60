"""Shows that Python transformers opens a checkpoint that bertkin wrote, and computes the same with it.

    npm run build
    python scripts/agree_with_transformers.py runs/tour

For each model in the run's folder (or the folder itself, if it is a checkpoint) it checks that no key is missing or
unexpected, that both tokenizers give the same ids, and that the logits agree within 1e-4. Exits with 1 if any do not.
Needs torch, transformers and safetensors.
"""

import pathlib
import subprocess
import sys
import tempfile

import torch
import transformers
from safetensors.torch import load_file

TEXTS = [
    "The keys to the old house [MASK] on the table.",
    "Leila lost her red lantern, so she went to the river and looked for it there.",
    "In 1984, Zürich's mayor said: \"Don't you dare!\" – and left (quietly).",
    "a",
]
TOLERANCE = 1e-4
ROOT = pathlib.Path(__file__).resolve().parent.parent


def bertkin_outputs(folder: pathlib.Path) -> dict[str, torch.Tensor]:
    with tempfile.TemporaryDirectory() as temporary:
        target = pathlib.Path(temporary) / "logits.safetensors"
        command = ["node", str(ROOT / "dist/conformance/logits.js"), str(folder), str(target)]
        subprocess.run(command, input="\n".join(TEXTS), text=True, check=True)
        return load_file(target)


def agrees(folder: pathlib.Path) -> bool:
    config = transformers.AutoConfig.from_pretrained(folder)
    cls = getattr(transformers, config.architectures[0])
    model, info = cls.from_pretrained(folder, output_loading_info=True)
    model.eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    stray = sorted(info["missing_keys"]) + sorted(info["unexpected_keys"]) + sorted(map(str, info["mismatched_keys"]))
    ours = bertkin_outputs(folder)
    same_ids, difference = True, 0.0
    for i, text in enumerate(TEXTS):
        most = len(ours[f"ids.{i}"])
        encoding = tokenizer(text, return_tensors="pt", truncation=True, max_length=most)
        same_ids &= encoding["input_ids"][0].tolist() == ours[f"ids.{i}"].tolist()
        with torch.no_grad():
            logits = model(input_ids=ours[f"ids.{i}"].long()[None]).logits
        difference = max(difference, (logits - ours[f"logits.{i}"]).abs().max().item())
    good = not stray and same_ids and difference <= TOLERANCE
    print(
        f"{'agrees' if good else 'DIFFERS'}  {folder}  {cls.__name__}  largest difference of logits {difference:.1e}"
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
