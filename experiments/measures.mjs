// What is measured of a run, once it has been trained.

import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bertkin, mean, run as runScript } from './runs.mjs'

/** A metric of held-out text at the last evaluation; `factor` 100 makes shares percent. */
export const heldOut = (name, metric, { digits = 3, factor = 1 } = {}) => ({
  name,
  digits,
  of: async ({ metrics }) => {
    const value = metrics.at(-1)[metric]
    return value === undefined ? undefined : factor * value
  },
})

/** Parameters of the encoder, as the paper counts them, in millions. */
export const parameters = {
  name: 'parameters (millions)',
  digits: 2,
  async of({ folder }) {
    const { encoder } = JSON.parse(await bertkin(['inspect', folder, '--json']))
    return encoder.model / 1e6
  },
}

/** How many of held-out pairs, half of them swapped, the model puts in order, in percent. */
export const sentenceOrder = {
  name: 'order of pairs (%)',
  digits: 1,
  async of({ folder, texts }) {
    const script = fileURLToPath(new URL('../scripts/sentence-order.mjs', import.meta.url))
    const said = await runScript([script, folder, ...texts])
    return Number(/: ([\d.]+) %/.exec(said)[1])
  },
}

/** Tasks by `bertkin finetune`'s names, and where their files to learn from and to be judged by lie among the tasks. */
export const TASKS = {
  squad: { command: 'question-answering', files: ['squad/train.json', 'squad/dev.json'] },
  wnut17: { command: 'token-classification', files: ['wnut17/train.conll', 'wnut17/dev.conll'] },
  polarity: {
    command: 'text-classification',
    files: ['sentence-polarity/train.jsonl', 'sentence-polarity/dev.jsonl'],
  },
}

/** What decides which epoch is best, in percent, as those of questions are already. */
export const mainMetric = (command, metrics) => (command === 'question-answering' ? 1 : 100) * metrics[metrics.main]

/** What the model is worth for a task: its main metric, in percent. */
export const finetuned = (name, task, options = []) => ({
  name,
  digits: 1,
  async of({ folder, tasks, seed }) {
    if (!tasks) return undefined
    const { command, files } = TASKS[task]
    const [train, dev] = files.map((file) => join(tasks, file))
    const data = ['--train', train, '--dev', dev]
    const out = join(folder, task)
    const args = ['finetune', command, ...data, '--model', folder, '--out', out, '--seed', String(seed), ...options]
    const said = await bertkin([...args, '--threads', '1', '--json'])
    rmSync(out, { recursive: true, force: true })
    return mainMetric(command, JSON.parse(said))
  },
})

/** Operations of the matrix products of all of training, in 10¹². */
export const operations = {
  name: 'operations (10¹²)',
  digits: 1,
  async of({ folder }) {
    const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n')
    const steps = lines.map((line) => JSON.parse(line)).filter((line) => line.step_operations !== undefined)
    return (mean(steps.map((line) => line.step_operations)) * steps.at(-1).step) / 1e12
  },
}
