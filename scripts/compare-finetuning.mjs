// Does pretraining pay? Fine-tunes pretraining runs for tasks, from what they learnt and from random weights, with several
// seeds, and prints how well they do as a table.
//
//   npm run build
//   node scripts/compare-finetuning.mjs results.jsonl tasks.json
//
// tasks.json says what to compare, with the options of `bertkin finetune`:
//
//   { "models": { "bert": "runs/bert" }, "seeds": [1, 2, 3], "parallel": 2, "options": ["--threads", "1"],
//     "tasks": { "polarity": ["text-classification", "--train", "train.jsonl", "--dev", "dev.jsonl"] } }
//
// A model can also be {"folder": "runs/bert", "options": ["--fresh-layers", "1"], "tasks": ["polarity"]}: options of its
// own, and the only tasks it is for. "starts": ["pretrained"] leaves the random weights out.
//
// Each result is a line of results.jsonl as soon as it is there; what is there already is not run again.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mainMetric } from '../experiments/measures.mjs'
import { bertkin, inParallel, Results, spread } from '../experiments/runs.mjs'

const STARTS = { pretrained: [], random: ['--from-scratch'] }

function fail(message) {
  console.error(message)
  process.exit(1)
}

function readSettings(file) {
  try {
    const settings = {
      starts: Object.keys(STARTS),
      parallel: 1,
      options: [],
      ...JSON.parse(readFileSync(file, 'utf8')),
    }
    for (const key of ['models', 'tasks', 'seeds']) if (!settings[key]) throw new Error(`it has no "${key}"`)
    const unknown = settings.starts.find((start) => !(start in STARTS))
    if (unknown) throw new Error(`unknown start "${unknown}"; there are: ${Object.keys(STARTS).join(', ')}`)
    return settings
  } catch (error) {
    return fail(`error: ${file}: ${error.message}`)
  }
}

const [resultsFile, settingsFile] = process.argv.slice(2)
if (!settingsFile) fail('usage: node scripts/compare-finetuning.mjs RESULTS.jsonl TASKS.json')
const { models: named, tasks, seeds, starts, parallel, options } = readSettings(settingsFile)
const models = Object.fromEntries(
  Object.entries(named).map(([name, model]) => [name, typeof model === 'string' ? { folder: model } : model]),
)
const results = await Results.open(resultsFile).catch((error) => fail(`error: ${error.message}`))
const scratch = mkdtempSync(join(tmpdir(), 'bertkin-compare-'))
const keyOf = ({ task, model, start, seed }) => `${task}, ${model}, ${start}, seed ${seed}`

// Seeds outermost: whenever this is stopped, what there is compares like with like.
const jobs = seeds
  .flatMap((seed) => Object.keys(tasks).flatMap((task) => Object.keys(models).map((model) => ({ task, model, seed }))))
  .filter(({ task, model }) => models[model].tasks?.includes(task) ?? true)
  .flatMap((job) => starts.map((start) => ({ ...job, start })))

/** The metrics of one fine-tuning's best epoch. */
async function finetune({ task, model, start, seed }) {
  const out = join(scratch, [task, model, start, seed].join('-'))
  const { folder, options: own = [] } = models[model]
  const args = ['finetune', ...tasks[task], '--model', folder, ...STARTS[start], '--seed', String(seed)]
  const said = await bertkin([...args, ...options, ...own, '--out', out, '--json'])
  rmSync(out, { recursive: true, force: true })
  return JSON.parse(said)
}

await inParallel(jobs, parallel, (job) => results.once(keyOf(job), () => finetune(job)))
  .finally(() => rmSync(scratch, { recursive: true, force: true }))
  .catch((error) => fail(`error: ${error.message}`))

const names = Object.keys(tasks)
const heads = names.flatMap((task) => starts.map((start) => `${task}, ${start}`))
console.log(`| | ${heads.join(' | ')} |`)
console.log(`|${' --- |'.repeat(1 + heads.length)}`)
for (const model of Object.keys(models)) {
  const cell = (task, start) =>
    spread(
      seeds.flatMap((seed) => {
        const metrics = results.get(keyOf({ task, model, start, seed }))
        return metrics ? [mainMetric(tasks[task][0], metrics)] : []
      }),
    )
  const cells = names.flatMap((task) => starts.map((start) => cell(task, start)))
  console.log(`| ${model} | ${cells.join(' | ')} |`)
}
