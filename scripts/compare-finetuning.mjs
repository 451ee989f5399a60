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
// A model can also be {"folder": "runs/bert", "options": ["--fresh-layers", "1"]}, with options of its own, or another one
// for each task: {"polarity": "runs/bert-reviews"}; then it is for these tasks only. "starts": ["pretrained"] leaves the
// random weights out.
//
// Each result is a line of results.jsonl as soon as it is there; what is there already is not run again.

import { readFileSync } from 'node:fs'
import { compareStarts, STARTS } from '../experiments/comparison.mjs'
import { Results } from '../experiments/runs.mjs'

function fail(message) {
  console.error(`error: ${message}`)
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
    return fail(`${file}: ${error.message}`)
  }
}

const [resultsFile, settingsFile] = process.argv.slice(2)
if (!settingsFile) {
  console.error('usage: node scripts/compare-finetuning.mjs RESULTS.jsonl TASKS.json')
  process.exit(1)
}
const settings = readSettings(settingsFile)
try {
  console.log(await compareStarts(settings, await Results.open(resultsFile)))
} catch (error) {
  fail(error.message)
}
