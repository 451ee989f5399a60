"""PyTorch with transformers' own classes, as a contestant; see ../contestant.mjs for what is said."""

import json
import sys
import time

try:
    import torch
    import transformers
except ImportError as error:
    print(json.dumps({"missing": f"{error}: pip install -r bench/peers/requirements.txt, and name its python in BENCH_PYTHON"}), flush=True)
    sys.exit()

from pytorch_training import training

transformers.logging.set_verbosity_error()


LONG = 3  # seconds of a run for which warming up does not matter


def fill_mask(job):
    fill = transformers.pipeline("fill-mask", model=job["folder"], device="cpu")
    batch_size = min(32, len(job["texts"]))

    def run():
        with torch.inference_mode():
            return fill(job["texts"], batch_size=batch_size)

    # A list of one text is answered as if it were the text.
    answers = run() if len(job["texts"]) > 1 else [run()]
    best = [candidates[0] for candidates in answers]
    return [{"token": one["token"], "score": one["score"]} for one in best], run


def question_answering(job):
    if "question-answering" not in transformers.pipelines.SUPPORTED_TASKS:
        raise Missing(f"transformers {transformers.__version__} has no such pipeline: name a python with 4.57 in BENCH_PYTHON_4")
    ask = transformers.pipeline("question-answering", model=job["folder"], device="cpu")

    def run():
        with torch.inference_mode():
            return ask(question=[q["question"] for q in job["questions"]], context=[q["context"] for q in job["questions"]])

    return [{"answer": one["answer"], "score": one["score"]} for one in run()], run


def embeddings(job):
    tokenizer = transformers.AutoTokenizer.from_pretrained(job["folder"])
    model = transformers.AutoModel.from_pretrained(job["folder"]).eval()
    texts = job["texts"]

    def run():
        # As sentence-transformers does it, or as they come.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i])) if job.get("sorted") else range(len(texts))
        vectors = [None] * len(texts)
        with torch.inference_mode():
            for start in range(0, len(texts), 32):
                some = list(order)[start : start + 32]
                batch = tokenizer([texts[i] for i in some], padding=True, return_tensors="pt")
                hidden = model(**batch).last_hidden_state
                mask = batch["attention_mask"].unsqueeze(-1).float()
                for i, vector in zip(some, (hidden * mask).sum(1) / mask.sum(1)):
                    vectors[i] = vector
        return vectors

    return [vector[:4].tolist() for vector in run()], run


def product(job):
    size, times = job["size"], job["times"]
    a, b, y = torch.full((3, size, size), 0.5)

    def run():
        for _ in range(times):
            torch.matmul(a, b, out=y)

    run()
    return times * 2 * size**3, run


class Missing(Exception):
    pass


WORKS = {
    "fill-mask": fill_mask,
    "question-answering": question_answering,
    "embeddings": embeddings,
    "product": product,
    "training": training,
}


def main():
    answers = sys.stdout
    sys.stdout = sys.stderr  # what libraries print is no answer
    run = None
    for line in sys.stdin:
        message = json.loads(line)
        if "prepare" in message:
            job = message["prepare"]
            torch.set_num_threads(job["threads"])
            try:
                answer, run = WORKS[job["work"]](job)
                reply = {"answer": answer}
            except Missing as error:
                reply = {"missing": str(error)}
        else:
            # Once for warming up, as in serve.mjs.
            started = time.perf_counter()
            run()
            if time.perf_counter() - started < LONG:
                started = time.perf_counter()
                run()
            reply = {"seconds": time.perf_counter() - started}
        print(json.dumps(reply), file=answers, flush=True)


main()
