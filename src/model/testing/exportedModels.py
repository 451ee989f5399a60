"""Models of transformers' making, and what their exports to ONNX compute.

    python exportedModels.py make FOLDER      a small model of every class that bertkin knows, each in a folder below
    python exportedModels.py compare FOLDER   onnx/model.onnx in each, by onnxruntime, against the class, by torch

Batches are ragged and padded; all outputs are compared at real tokens. Exits with 1 if any differ by more than 1e-4.
"""

import pathlib
import sys

import numpy
import onnx
import onnxruntime
import torch
import transformers

HEADS = ["Model", "ForMaskedLM", "ForPreTraining", "ForSequenceClassification", "ForTokenClassification"]
HEADS += ["ForQuestionAnswering", "ForMultipleChoice", "ForNextSentencePrediction"]
KINDS = ["Bert", "Albert", "Roberta", "Electra"]
TOLERANCE = 1e-4


def make(folder: pathlib.Path) -> None:
    for kind in KINDS:
        config_class = getattr(transformers, f"{kind}Config")
        for head in HEADS:
            cls = getattr(transformers, f"{kind}{head}", None)
            if cls is None:
                continue
            torch.manual_seed(len(kind) * 100 + HEADS.index(head))
            narrow = {"embedding_size": 20} if kind in ("Albert", "Electra") else {}
            # Two labels: QuestionAnswering and the classifier of sentence order are as wide as num_labels says.
            labels = 5 if "Classification" in head else 2
            config = config_class(
                vocab_size=91, hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=48,
                max_position_embeddings=40, initializer_range=0.3, num_labels=labels, **narrow,
            )  # fmt: skip
            model = cls(config).eval()
            with torch.no_grad():
                for name, parameter in model.named_parameters():
                    if parameter.dim() == 1:
                        parameter.add_(0.2 * torch.randn_like(parameter))
            model.save_pretrained(folder / f"{kind}{head}")


def batch(config, with_choices: bool) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(7)
    lengths = [23, 5, 1, 12, 17, 2]
    ids = torch.full((len(lengths), max(lengths)), config.pad_token_id)
    mask = torch.zeros_like(ids)
    types = torch.zeros_like(ids)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.randint(5, config.vocab_size, (length,), generator=generator)
        mask[row, :length] = 1
        types[row, length // 2 : length] = 1
    inputs = {"input_ids": ids, "attention_mask": mask}
    if config.model_type != "roberta":
        inputs["token_type_ids"] = types
    return {name: value.reshape(2, 3, -1) if with_choices else value for name, value in inputs.items()}


def compare(folder: pathlib.Path) -> bool:
    config = transformers.AutoConfig.from_pretrained(folder)
    cls = getattr(transformers, config.architectures[0])
    model = cls.from_pretrained(folder).eval()
    inputs = batch(config, cls.__name__.endswith("MultipleChoice"))
    path = str(folder / "onnx" / "model.onnx")
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    assert sorted(names) == sorted(inputs), (names, list(inputs))
    outputs = [value.name for value in session.get_outputs()]
    computed = dict(zip(outputs, session.run(None, {name: inputs[name].numpy() for name in names})))
    with torch.no_grad():
        expected = {name: value for name, value in model(**inputs).items() if value is not None}
    assert set(expected) == set(computed), (list(expected), outputs)
    real = inputs["attention_mask"].numpy().astype(bool)
    worst = 0.0
    for name, value in expected.items():
        ours, theirs = computed[name], value.numpy()
        assert ours.shape == theirs.shape and ours.dtype == numpy.float32, (name, ours.shape, theirs.shape)
        if ours.shape[: real.ndim] == real.shape:
            ours, theirs = ours[real], theirs[real]
        worst = max(worst, float(numpy.abs(ours - theirs).max()))
    print(f"{'agrees ' if worst <= TOLERANCE else 'DIFFERS'}  {cls.__name__}  {', '.join(outputs)}  {worst:.1e}")
    return worst <= TOLERANCE


def main() -> int:
    transformers.logging.set_verbosity_error()
    action, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if action == "make":
        make(folder)
        return 0
    results = [compare(inner) for inner in sorted(folder.iterdir())]
    print(f"{sum(results)} agree, {len(results) - sum(results)} differ")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
