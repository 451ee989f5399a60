"""Writes onnx/model.onnx beside a checkpoint, by PyTorch's own exporter, as transformers.js wants it.

    python bench/peers/export.py FOLDER
"""

import os
import sys

import torch
import transformers

folder = sys.argv[1]
config = transformers.AutoConfig.from_pretrained(folder)
model = getattr(transformers, config.architectures[0]).from_pretrained(folder, attn_implementation="eager").eval()
names = ["input_ids", "attention_mask"] + (["token_type_ids"] if config.type_vocab_size > 1 else [])
inputs = {"input_ids": torch.randint(5, 1000, (2, 16)), "attention_mask": torch.ones(2, 16, dtype=torch.int64)}
if config.type_vocab_size > 1:
    inputs["token_type_ids"] = torch.zeros(2, 16, dtype=torch.int64)
kind = type(model).__name__
outputs = ["start_logits", "end_logits"] if "QuestionAnswering" in kind else ["logits"] if "For" in kind else ["last_hidden_state"]


class Named(torch.nn.Module):
    """Inputs by position, outputs by name."""

    def __init__(self):
        super().__init__()
        self.model = model

    def forward(self, *values):
        result = self.model(**dict(zip(names, values)), return_dict=True)
        return tuple(result[name] for name in outputs)


os.makedirs(os.path.join(folder, "onnx"), exist_ok=True)
batch, sequence = torch.export.Dim("batch", min=1, max=4096), torch.export.Dim("sequence", min=2, max=510)
with torch.no_grad():
    torch.onnx.export(
        Named(),
        tuple(inputs[name] for name in names),
        os.path.join(folder, "onnx", "model.onnx"),
        input_names=names,
        output_names=outputs,
        dynamo=True,
        external_data=False,
        dynamic_shapes=(tuple({0: batch, 1: sequence} for _ in names),),
    )
