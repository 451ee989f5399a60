"""Writes golden cases of pipelines on random checkpoints, in the layout of the recorded ones.

    python freshPipelines.py DIR SEED TOKENIZERS [NAME...]

TOKENIZERS is a folder with `electra`, `spanbert`, `albert` and `roberta` (NAME: which of them; default: all). DIR gets
`tokenizers`, a link to it, and `golden/pipelines/NAME-TASK/` for token-classification, feature-extraction and
sentence-similarity. There are cases of long texts in windows only with tokenizers 0.22: later releases lose windows.
"""

import json
import random
import sys
import warnings
from pathlib import Path

import tokenizers as rust
import torch
import transformers

KINS = {"electra": "Electra", "spanbert": "Bert", "albert": "Albert", "roberta": "Roberta"}
LABELS = [
    ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"],
    ["PER", "O", "LOC"],
    ["B-geo-pol", "I-geo-pol", "O", "B-", "x-y"],
    ["O", "I-A", "B-A"],
    [f"B-{i}" for i in range(9)] + [f"I-{i}" for i in range(9)],
]
PIECES = """the Angela Merkel Kathmandu O'Neill-Smith Zoë Zoe\u0308 café naïveté Straße İstanbul ﬁve ½ 東京 漢字x 👩‍👩‍👧 🙂 a🙂b e\u0301t\u00e9 … — - -- ' " , .
  . 1,234.5 $9 U.S.A. http://x.y/z?q=1 unbelievably antidisestablishmentarianism zzzzqqq \u200b \u00a0 \t x\u00a0y [SEP] [MASK] <mask> </s> [UNK] don't ÅÄÖ
  ñandú Ωmega привет مرحبا हिन्दी 𝒳𝒴 𐍈 ✈️ n't 's ,, (x) #hash @you under_score""".split(" ")


def text_of(rng, pieces):
    chosen = [rng.choice(PIECES) for _ in range(pieces)]
    return "".join(piece + rng.choice([" ", " ", " ", "", "  ", "\n"]) for piece in chosen)


def tokenizer_of(name, folder):
    config = getattr(transformers, KINS[name] + "Config")()
    return transformers.AutoTokenizer.from_pretrained(folder / name, config=config)


def model_of(name, head, tokenizer, labels=("a", "b")):
    pad = tokenizer.pad_token_id
    sizes = dict(vocab_size=len(tokenizer), hidden_size=8, num_attention_heads=2, num_hidden_layers=2, intermediate_size=12,
                 max_position_embeddings=514 if name == "roberta" else 512, pad_token_id=pad, layer_norm_eps=1e-6,
                 type_vocab_size=1 if name == "roberta" else 2, id2label=dict(enumerate(labels)))
    if name in ("electra", "albert"):
        sizes["embedding_size"] = 6
    config = getattr(transformers, KINS[name] + "Config")(**sizes)
    model = getattr(transformers, KINS[name] + head)(config).eval()
    for parameter_name, parameter in model.named_parameters():
        centre = 1.0 if parameter_name.endswith("LayerNorm.weight") else 0.0
        torch.nn.init.normal_(parameter, centre, 0.4)
    return model


def plain(value):
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value.item() if hasattr(value, "item") else value


def write(folder, model, task, name, cases):
    model.save_pretrained(folder)
    (folder / "cases.json").write_text(json.dumps(dict(task=task, tokenizer=name, cases=cases)))


def entities(folder, name, tokenizer, labels, rng):
    model = model_of(name, "ForTokenClassification", tokenizer, labels)
    ask = transformers.pipeline("token-classification", model=model, tokenizer=tokenizer, device="cpu")
    cases = []

    def add(text, **options):
        cases.append(dict(input=text, options=options, output=plain(ask(text, **options))))

    for text in ["", " ", "\n", *(text_of(rng, rng.randint(1, 25)) for _ in range(12))]:
        for strategy in ["none", "simple", "first", "average", "max"]:
            add(text, aggregation_strategy=strategy)
    some = text_of(rng, 20)
    add(some)
    add(some, ignore_labels=[])
    add(some, ignore_labels=[labels[0], labels[-1]])
    group = labels[-1].split("-", 1)[-1]
    add(some, ignore_labels=[group], aggregation_strategy="simple")
    long = text_of(rng, 700)
    add(long, aggregation_strategy="none")
    add(long, aggregation_strategy="first")
    strides = [("simple", 0), ("simple", 128), ("first", 7), ("average", 300), ("max", 480)]
    for strategy, stride in strides if rust.__version__.startswith("0.22") else []:
        add(long if stride < 400 else text_of(rng, 330), aggregation_strategy=strategy, stride=stride)
    write(folder, model, "token-classification", name, cases)


def vectors_of(model, tokenizer, text, pooling="none", normalize=False):
    with torch.no_grad():
        state = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0]  # [tokens, hidden]
    pooled = dict(none=state, cls=state[0], mean=state.mean(0))[pooling]
    return torch.nn.functional.normalize(pooled, dim=-1) if normalize else pooled


def features(folder, name, tokenizer, rng):
    model = model_of(name, "Model", tokenizer)
    ask = transformers.pipeline("feature-extraction", model=model, tokenizer=tokenizer, device="cpu")
    cases = []
    for text in ["", *(text_of(rng, rng.randint(1, 25)) for _ in range(6))]:
        cases.append(dict(input=text, options={}, output=ask(text)[0]))
        for pooling in ["none", "cls", "mean"]:
            for normalize in [False, True]:
                output = vectors_of(model, tokenizer, text, pooling, normalize).tolist()
                cases.append(dict(input=text, options=dict(pooling=pooling, normalize=normalize), output=output))
    write(folder, model, "feature-extraction", name, cases)


def similarities(folder, name, tokenizer, rng):
    model = model_of(name, "Model", tokenizer)
    cases = []
    for pooling in [None, "mean", "cls"]:
        source, *sentences = [text_of(rng, rng.randint(1, 30)) for _ in range(6)]
        options = {} if pooling is None else dict(pooling=pooling)
        vectors = [vectors_of(model, tokenizer, text, pooling or "mean", True) for text in [source, *sentences]]
        output = [torch.dot(vectors[0], vector).item() for vector in vectors[1:]]
        cases.append(dict(input=dict(source_sentence=source, sentences=sentences), options=options, output=output))
    write(folder, model, "sentence-similarity", name, cases)


def main():
    root, seed, tokenizers, *names = sys.argv[1:]
    warnings.filterwarnings("ignore")
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    golden = Path(root) / "golden" / "pipelines"
    golden.mkdir(parents=True)
    (Path(root) / "tokenizers").symlink_to(Path(tokenizers).resolve())
    for name in names or KINS:
        rng = random.Random(f"{seed} {name}")
        torch.manual_seed(int(seed))
        tokenizer = tokenizer_of(name, Path(tokenizers))
        for i, labels in enumerate(LABELS):
            entities(golden / f"{name}-token-classification-{i}", name, tokenizer, labels, rng)
        features(golden / f"{name}-feature-extraction", name, tokenizer, rng)
        similarities(golden / f"{name}-sentence-similarity", name, tokenizer, rng)


main()
