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
// Each result is a line of results.jsonl as soon as it is there; what is there already is not run again.

import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [resultsFile, settingsFile] = process.argv.slice(2)
if (!resultsFile || !settingsFile) {
  console.error('usage: node scripts/compare-finetuning.mjs RESULTS.jsonl TASKS.json')
  process.exit(1)
}
const { models, tasks, seeds, parallel = 1, options = [] } = JSON.parse(readFileSync(settingsFile, 'utf8'))
const STARTS = { pretrained: [], random: ['--from-scratch'] }
const bertkin = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'bertkin-compare-'))

const results = existsSync(resultsFile)
  ? readFileSync(resultsFile, 'utf8')
      .split('\n')
      .flatMap((line) => (line ? JSON.parse(line) : []))
  : []
const sameRun = (a) => (b) => ['task', 'model', 'start', 'seed'].every((key) => a[key] === b[key])

// Seeds outermost: whenever this is stopped, what there is compares like with like.
const jobs = seeds
  .flatMap((seed) => Object.keys(tasks).flatMap((task) => Object.keys(models).map((model) => ({ task, model, seed }))))
  .flatMap((job) => Object.keys(STARTS).map((start) => ({ ...job, start })))
  .filter((job) => !results.some(sameRun(job)))

/** The metrics of one fine-tuning's best epoch. */
function finetune({ task, model, start, seed }) {
  const out = join(scratch, [task, model, start, seed].join('-'))
  const args = ['finetune', ...tasks[task], '--model', models[model], ...STARTS[start], '--seed', String(seed)]
  const child = spawn(process.execPath, [bertkin, ...args, ...options, '--out', out, '--json'])
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (data) => {
    stdout += data
  })
  child.stderr.on('data', (data) => {
    stderr += data
  })
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      rmSync(out, { recursive: true, force: true })
      if (code !== 0) reject(new Error(`${args.join(' ')}: ${stderr.trim().split('\n').at(-1)}`))
      else resolve(JSON.parse(stdout))
    })
  })
}

async function work() {
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    const started = performance.now()
    const metrics = await finetune(job)
    const [[metric, value]] = Object.entries(metrics) // the first decides
    const result = { ...job, metric, value, metrics }
    results.push(result)
    appendFileSync(resultsFile, `${JSON.stringify(result)}\n`)
    const seconds = Math.round((performance.now() - started) / 1000)
    const { task, model, start, seed } = job
    console.error(
      `${task} ${model} ${start} ${seed}: ${metric} ${value.toFixed(4)}, ${seconds} s; ${jobs.length} to go`,
    )
  }
}

/** Of a result, in percent: SQuAD's metrics are so already. */
const percent = ({ task, value }) => (tasks[task][0] === 'question-answering' ? value : 100 * value)

/** Mean and the distance of the farthest seed from it. */
function cell(values) {
  if (values.length === 0) return '–'
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const spread = Math.max(...values.map((value) => Math.abs(value - mean)))
  return `${mean.toFixed(1)} ± ${spread.toFixed(1)}`
}

try {
  await Promise.all(Array.from({ length: parallel }, work))
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
const names = Object.keys(tasks)
console.log(`| | ${names.flatMap((task) => Object.keys(STARTS).map((start) => `${task}, ${start}`)).join(' | ')} |`)
console.log(`|${' --- |'.repeat(1 + 2 * names.length)}`)
for (const model of Object.keys(models)) {
  const of = (task, start) => results.filter((r) => r.task === task && r.model === model && r.start === start)
  const cells = names.flatMap((task) => Object.keys(STARTS).map((start) => cell(of(task, start).map(percent))))
  console.log(`| ${model} | ${cells.join(' | ')} |`)
}
