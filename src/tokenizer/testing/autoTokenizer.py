"""Whether transformers reads tokenizers as they were written, with AutoTokenizer and with the model's own class.

    python autoTokenizer.py FOLDER

Each folder below FOLDER has a tokenizer's files, config.json, and cases.json: a list of {text, ids, pair, types}. Prints
a line for each folder and class that disagrees; exits with 1 if there is any.
"""

import json
import pathlib
import sys

import transformers

OWN = {"bert": "BertTokenizer", "electra": "ElectraTokenizer", "albert": "AlbertTokenizer", "roberta": "RobertaTokenizer"}


def main() -> int:
    transformers.logging.set_verbosity_error()
    wrong = 0
    for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
        model_type = json.loads((folder / "config.json").read_text())["model_type"]
        for name in ["AutoTokenizer", OWN[model_type]]:
            tokenizer = getattr(transformers, name).from_pretrained(folder)
            bad = []
            for case in json.loads((folder / "cases.json").read_text()):
                alone = tokenizer(case["text"])["input_ids"]
                both = tokenizer(case["text"], "and another", return_token_type_ids=True) if case["text"] else None
                same = alone == case["ids"]
                if both is not None:
                    same = same and both["input_ids"] == case["pair"] and both["token_type_ids"] == case["types"]
                if not same:
                    bad.append(case["text"])
            if bad:
                wrong += 1
                print(f"{folder.name} by {name}: {len(bad)} texts differ, {bad[:3]}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
