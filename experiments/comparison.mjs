// Models fine-tuned for tasks, from what they learnt and from random weights: what pretraining was worth.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mainMetric } from './measures.mjs'
import { bertkin, inParallel, markdownTable, spread } from './runs.mjs'

/** Where a model begins, and how `bertkin finetune` is told. */
export const STARTS = { pretrained: [], random: ['--from-scratch'] }

/**
 * What is compared.
 *
 * @typedef {string | {folder: string, options?: string[]}} Model a folder, and options of `bertkin finetune` for it alone
 * @typedef {{
 *   models: Record<string, Model | Record<string, Model>>, tasks: Record<string, string[]>, seeds: number[],
 *   starts: (keyof typeof STARTS)[], parallel: number, options: string[]
 * }} Comparison
 *   `models`: each for all tasks, or by the tasks that it is for; `tasks`: arguments of `bertkin finetune`;
 *   `options`: of all fine-tunings; `parallel`: how many at a time
 */

/**
 * Fine-tunes what has no result yet, and shows how well all do: a row for each model.
 *
 * @param {Comparison} comparison
 * @param {import('./runs.mjs').Results} results
 */
export async function compareStarts({ models, tasks, seeds, starts, parallel, options }, results) {
  for (const [name, model] of Object.entries(models)) checkModel(name, model, tasks)
  const scratch = mkdtempSync(join(tmpdir(), 'bertkin-compare-'))
  const keyOf = ({ task, model, start, seed }) => `${task}, ${model}, ${start}, seed ${seed}`

  /** The metrics of one fine-tuning's best epoch. */
  async function finetune({ task, model, start, seed }) {
    const out = join(scratch, [task, model, start, seed].join('-'))
    const { folder, options: own = [] } = modelFor(models[model], task)
    const args = ['finetune', ...tasks[task], '--model', folder, ...STARTS[start], '--seed', String(seed)]
    const said = await bertkin([...args, ...options, ...own, '--out', out, '--json'])
    rmSync(out, { recursive: true, force: true })
    return JSON.parse(said)
  }

  // Seeds outermost: whenever this is stopped, what there is compares like with like.
  const pairs = Object.keys(tasks).flatMap((task) => Object.keys(models).map((model) => ({ task, model })))
  const jobs = seeds.flatMap((seed) =>
    pairs
      .filter(({ task, model }) => modelFor(models[model], task))
      .flatMap((pair) => starts.map((start) => ({ ...pair, start, seed }))),
  )
  try {
    await inParallel(jobs, parallel, (job) => results.once(keyOf(job), () => finetune(job)))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }

  const cell = (job) =>
    spread(
      seeds.flatMap((seed) => {
        const metrics = results.get(keyOf({ ...job, seed }))
        return metrics ? [mainMetric(tasks[job.task][0], metrics)] : []
      }),
    )
  const columns = Object.keys(tasks).flatMap((task) => starts.map((start) => ({ task, start })))
  const rows = Object.keys(models).map((model) => [model, ...columns.map((column) => cell({ model, ...column }))])
  const heads = ['', ...columns.map(({ task, start }) => `${task}, ${start}`)]
  return markdownTable(heads, rows)
}

function checkModel(name, model, tasks) {
  if (typeof model === 'string' || (model && 'folder' in model)) return
  const stranger = Object.keys(model ?? {}).find((task) => !(task in tasks))
  if (stranger)
    throw new Error(`${name} is for "${stranger}", which is none of the tasks: ${Object.keys(tasks).join(', ')}`)
  if (!model) throw new Error(`${name} has no folder`)
}

/** A model as it is for one task; undefined if it is not for that one. */
function modelFor(model, task) {
  if (typeof model === 'string') return { folder: model }
  return 'folder' in model ? model : task in model ? modelFor(model[task], task) : undefined
}
