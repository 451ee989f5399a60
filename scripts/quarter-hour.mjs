// What is a quarter of an hour of pretraining worth? A `tiny` model of each kin is trained on texts for fifteen minutes on
// one core, further on each task's own texts (without the labels) for two or three, and fine-tuned with several seeds;
// beside it the same model from random weights. Prints the table that stands in docs/finetuning.md.
//
//   npm run build
//   node scripts/quarter-hour.mjs --texts my-texts/ --tasks my-tasks/
//
// It takes some eight hours of a core. What has been run is kept below --out and not run again; whenever this is stopped,
// the next call goes on.

import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { writeFileAtomically } from '../dist/checkpoint/index.js'
import { readDataset } from '../dist/data/index.node.js'
import { compareStarts, STARTS } from '../experiments/comparison.mjs'
import { TASKS } from '../experiments/measures.mjs'
import { bertkin, inParallel, Results, wholeNumber } from '../experiments/runs.mjs'

const ADAMW = ['--optimizer', 'adamw', '--bias-correction']
const SINGLE = ['--sentence-pairs', 'none']
/** ELECTRA's: as many guesses as the others have, and the generator's are what most is learnt from. */
const MANY_REPLACED = ['--mask-probability', '0.4', '--discriminator-weight', '1']
/** The top layer begins anew; ALBERT's is all of them, and stays. */
const NEW_TOP = ['--fresh-layers', '1']

/**
 * What each kin is told besides; as many steps as a core does in the time. `further`: on the tasks' texts; `finetune`: for a
 * task, from either start.
 */
const KINS = {
  BERT: {
    tokenizer: ['wordpiece'],
    options: ['--recipe', 'bert', '--mask-probability', '0.4', '--steps', '6000'],
    further: SINGLE,
    finetune: { BANKING77: NEW_TOP, 'sentence polarity': NEW_TOP },
  },
  RoBERTa: {
    tokenizer: ['byte-level-bpe'],
    options: ['--recipe', 'roberta', '--mask-probability', '0.4', '--steps', '5400'],
    further: ['--doc-sentences'],
    finetune: { BANKING77: NEW_TOP },
  },
  ALBERT: {
    tokenizer: ['unigram'],
    options: [
      ...['--recipe', 'albert', '--mask-probability', '0.2', '--steps', '8000'],
      ...[...ADAMW, '--learning-rate', '1e-3'],
    ],
    further: [...SINGLE, ...ADAMW],
  },
  ELECTRA: {
    tokenizer: ['wordpiece'],
    options: ['--recipe', 'electra', ...MANY_REPLACED, '--steps', '4300'],
    further: [...MANY_REPLACED, '--steps', '1200'],
    finetune: { BANKING77: [...NEW_TOP, '--epochs', '12'] }, // after six it is still learning
  },
  SpanBERT: {
    tokenizer: ['wordpiece', '--cased'],
    options: ['--recipe', 'spanbert', '--mask-probability', '0.4', '--steps', '6000'],
    // Of twenty tokens, spans hide too much for so small a model.
    further: ['--recipe', 'bert', ...SINGLE],
    finetune: { BANKING77: NEW_TOP },
  },
}

/** `further`: how a model is trained on the task's texts before it is fine-tuned; `kins`: which, if not all. */
const COMPARED = {
  'WNUT-17': {
    ...TASKS.wnut17,
    options: ['--epochs', '4'],
    further: ['--steps', '600', '--batch-size', '64', '--max-length', '64'],
    kins: ['SpanBERT'], // the others are far above random weights as they are
  },
  'sentence polarity': {
    ...TASKS.polarity,
    options: ['--epochs', '3'],
    further: ['--steps', '800', '--batch-size', '64', '--max-length', '64'],
  },
  BANKING77: {
    command: 'text-classification',
    files: ['banking77/train.csv'], // every tenth row is kept to judge by
    options: ['--epochs', '6'],
    further: ['--steps', '800', '--batch-size', '64', '--max-length', '64'],
  },
  SQuAD: {
    ...TASKS.squad,
    options: ['--epochs', '3', '--learning-rate', '6e-4', '--doc-stride', '8'],
    further: ['--steps', '700', '--batch-size', '32', '--max-length', '128'],
  },
}

const COMMON = ['--threads', '1', '--seed', '1']

const program = new Command('quarter-hour')
  .requiredOption('--texts <paths...>', 'text files, or folders of .txt files')
  .requiredOption('--tasks <dir>', 'a folder with wnut17/, sentence-polarity/, banking77/ and squad/')
  .option('--out <dir>', 'where runs and results are kept', 'runs/quarter-hour')
  .option('--seeds <n>', 'how many', wholeNumber, 3)
  .option('--parallel <n>', 'runs at a time, of one thread each', wholeNumber, 2)
  .parse()
const { texts, tasks, out, seeds, parallel } = program.opts()
const missing = [...texts, tasks].find((path) => !existsSync(path))
if (missing) program.error(`error: ${missing} is not there`)

/** The files of a task to learn from and to be judged by. */
async function dataOf(name) {
  const [train, dev] = COMPARED[name].files.map((file) => join(tasks, file))
  if (dev) return [train, dev]
  const { examples } = await readDataset(COMPARED[name].command, train)
  const parts = { train: examples.filter((_, i) => i % 10 !== 7), dev: examples.filter((_, i) => i % 10 === 7) }
  return Promise.all(
    Object.entries(parts).map(async ([part, rows]) => {
      const file = join(out, `${name}-${part}.jsonl`)
      const lines = rows.map(({ text, label }) => `${JSON.stringify({ text, label })}\n`)
      await writeFileAtomically(file, [Buffer.from(lines.join(''))])
      return file
    }),
  )
}

async function main() {
  mkdirSync(out, { recursive: true })
  const results = await Results.open(join(out, 'results.jsonl'))
  /** Where the folder or file of a name lies; a command makes it, once: what a stopped one has left is made anew. */
  const make = async (name, args) => {
    const path = join(out, name)
    await results.once(name, async () => {
      rmSync(path, { recursive: true, force: true })
      await bertkin([...args, '--out', path])
      return args
    })
    return path
  }

  const data = {}
  const textsOf = {}
  for (const [name, { command }] of Object.entries(COMPARED)) {
    data[name] = await dataOf(name)
    textsOf[name] = await make(`${name}.txt`, ['texts', command, data[name][0]])
  }

  /** The model of a kin by task: of a quarter of an hour, and further. */
  const models = Object.fromEntries(Object.keys(KINS).map((kin) => [kin, {}]))
  await inParallel(Object.entries(KINS), parallel, async ([kin, { tokenizer, options, further, finetune = {} }]) => {
    const vocabulary = ['train-tokenizer', ...texts, '--vocab-size', '8000', '--type', ...tokenizer]
    const size = ['--tokenizer', await make(`${kin}-tokenizer`, vocabulary), '--size', 'tiny', ...COMMON]
    const time = ['--minutes', '15', '--evaluate-every', '500']
    const model = await make(kin, ['pretrain', ...texts, ...size, ...time, ...options])
    for (const [name, task] of Object.entries(COMPARED)) {
      const way = ['--mask-probability', '0.25', '--learning-rate', '1e-3', ...task.further, ...further]
      const args = ['pretrain', textsOf[name], '--model', model, ...COMMON, ...way]
      const goesOn = task.kins?.includes(kin) ?? true
      models[kin][name] = {
        folder: goesOn ? await make(`${kin}, ${name}`, args) : model,
        options: finetune[name],
      }
    }
  })

  const table = await compareStarts(
    {
      models,
      tasks: Object.fromEntries(
        Object.entries(COMPARED).map(([name, { command, options }]) => {
          const [train, dev] = data[name]
          return [name, [command, '--train', train, '--dev', dev, ...options]]
        }),
      ),
      seeds: Array.from({ length: seeds }, (_, i) => i + 1),
      starts: Object.keys(STARTS),
      parallel,
      options: ['--threads', '1', '--dropout', '0.1', '--layer-decay', '1'],
    },
    results,
  )
  console.log(table)
}

await main().catch((error) => {
  console.error(`error: ${error.message}`)
  process.exit(1)
})
