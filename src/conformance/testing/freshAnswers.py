"""Writes golden cases of question-answering and text-classification on random checkpoints, in the layout of the recorded ones.

    python freshAnswers.py DIR SEED TOKENIZERS [NAME...]

TOKENIZERS is a folder with `electra`, `spanbert`, `albert` and `roberta` (NAME: which of them; default: all). DIR gets
`tokenizers`, a link to it, and `golden/pipelines/NAME-TASK/`. Needs transformers 4.57.6, the last release with
question-answering, and tokenizers 0.22: later releases lose windows.
"""

import json
import random
import sys
from pathlib import Path

import torch
import transformers

KINS = {"electra": "Electra", "spanbert": "Bert", "albert": "Albert", "roberta": "Roberta"}
LABELS = [dict(num_labels=5), dict(num_labels=1), dict(num_labels=3, problem_type="multi_label_classification"),
          dict(num_labels=2, problem_type="regression")]
WORDS = """the a of in Kathmandu city temples gods café naïve coöperation 東京 한국 Straße İstanbul résumé 🙂 👩‍👩‍👧 🇳🇵 e\u0301 don't
1,400 metres 3.14 U.S. state-of-the-art unbelievable antidisestablishmentarianism machine learning is was river mountain
snow … — «quoted» (bracketed) [CLS] [SEP] <s> </s> \U00010348 ﬁne ½ x \u200b \u00a0 PARIS paris Paris""".split(" ")


def text_of(words):
    return "".join(random.choice(WORDS) + random.choice([" ", " ", " ", ", ", ". ", "", "\n", "  "]) for _ in range(words))


def build(tokenizers, name, head, changes):
    configuration = getattr(transformers, KINS[name] + "Config")
    tokenizer = transformers.AutoTokenizer.from_pretrained(tokenizers / name, config=configuration())
    sizes = dict(vocab_size=len(tokenizer), hidden_size=12, num_attention_heads=2, num_hidden_layers=2, intermediate_size=20,
                 max_position_embeddings=514 if name == "roberta" else 512, pad_token_id=tokenizer.pad_token_id,
                 type_vocab_size=1 if name == "roberta" else 2, **changes)
    if name in ("electra", "albert"):
        sizes["embedding_size"] = 8
    model = getattr(transformers, f"{KINS[name]}For{head}")(configuration(**sizes)).eval()
    for parameter_name, parameter in model.named_parameters():
        centre = 1.0 if "LayerNorm.weight" in parameter_name or "layer_norm.weight" in parameter_name else 0.0
        torch.nn.init.normal_(parameter, centre, 0.8 if parameter_name.startswith("qa_outputs") else 0.3)
    return tokenizer, model


def question_case():
    options = {}
    if random.random() < 0.8:
        options["top_k"] = random.randint(1, 20)
    if random.random() < 0.6:
        options["max_seq_len"] = random.randint(24, 400)
        options["doc_stride"] = random.randint(0, options["max_seq_len"] - 18)
    choices = dict(max_answer_len=[1, 2, 5, 30, 1000], align_to_words=[True, False], handle_impossible_answer=[True, False])
    for name, values in choices.items():
        if random.random() < 0.5:
            options[name] = random.choice(values)
    # Where a question spells out [CLS], the reference takes it for a place in the context.
    question = text_of(random.randint(1, 4)).replace("[CLS]", "cls").replace("<s>", "s") + "?"
    return dict(question=question, context=text_of(random.choice([6, 30, 120, 600]))), options


def label_case():
    options = {"top_k": random.choice([None, 1, 2, 7])}
    if random.random() < 0.4:
        options["function_to_apply"] = random.choice(["sigmoid", "softmax", "none"])
    text = text_of(random.randint(0, 40))
    if random.random() < 0.5:
        return text, options
    if random.random() < 0.3:
        options["truncation"] = True
        return dict(text=text_of(random.choice([5, 300])), text_pair=text_of(random.choice([5, 300]))), options
    return dict(text=text, text_pair=random.choice(["", text_of(9)])), options


def has_answers_by_chance(output):
    """Where candidates run out, the reference fills up with spans of no probability, whichever its sorting leaves."""
    return any(answer["score"] == 0 for answer in (output if isinstance(output, list) else [output]))


def write(folder, task, tokenizers, name, head, make, count, changes):
    tokenizer, model = build(tokenizers, name, head, changes)
    model.save_pretrained(folder)
    ask = transformers.pipeline(task, model=model, tokenizer=tokenizer, device="cpu")
    cases = []
    while len(cases) < count:
        value, options = make()
        case = dict(input=value, options=options)
        try:
            case["output"] = ask(**value, **options) if task == "question-answering" else ask(value, **options)
        except BaseException as error:  # what comes from Rust is no Exception
            if isinstance(error, KeyboardInterrupt):
                raise
            case["error"] = repr(error)[:200]
        if task != "question-answering" or "error" in case or not has_answers_by_chance(case["output"]):
            cases.append(case)
    (folder / "cases.json").write_text(json.dumps(dict(task=task, tokenizer=name, cases=cases)))


def main():
    root, seed, tokenizers, *names = sys.argv[1:]
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    golden = Path(root) / "golden" / "pipelines"
    golden.mkdir(parents=True)
    tokenizers = Path(tokenizers).resolve()
    (Path(root) / "tokenizers").symlink_to(tokenizers)
    for name in names or KINS:
        random.seed(f"{seed} {name}")
        torch.manual_seed(int(seed))
        write(golden / f"{name}-question-answering", "question-answering", tokenizers, name, "QuestionAnswering",
              question_case, 100, {})
        for i, changes in enumerate(LABELS):
            write(golden / f"{name}-text-classification-{i}", "text-classification", tokenizers, name,
                  "SequenceClassification", label_case, 25, changes)


main()
