// Runs of the command line, each once: what a run has come to is kept as a line of results.jsonl, and not done again.

import { spawn } from 'node:child_process'
import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InvalidArgumentError } from 'commander'
import { wholeLines } from '../dist/cli/metricsLog.js'

const BERTKIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))

/** What a command writes to standard output; if it fails, its error is the reason. */
export function bertkin(args) {
  return run([BERTKIN, ...args])
}

/** As {@link bertkin}, of another script. */
export function run(args) {
  const child = spawn(process.execPath, args)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (data) => {
    stdout += data
  })
  child.stderr.on('data', (data) => {
    stderr += data
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(stdout)
      else reject(new Error(`${args.join(' ')}: ${reasonIn(stderr)}`))
    })
  })
}

function reasonIn(stderr) {
  const lines = stderr.trim().split('\n')
  return lines.findLast((line) => line.startsWith('error: ')) ?? lines.at(-1)
}

/** The results of an experiment so far, each under a key. */
export class Results {
  #file
  #byKey = new Map()

  constructor(file) {
    this.#file = file
  }

  /** Those in a file, which need not be there yet. A last one that was cut off by a kill is run again. */
  static async open(file) {
    mkdirSync(dirname(file), { recursive: true })
    const results = new Results(file)
    for (const [i, line] of (await wholeLines(file)).entries()) {
      if (line === '') continue
      try {
        const { key, value } = JSON.parse(line)
        results.#byKey.set(key, value)
      } catch {
        throw new Error(`${file}, line ${i + 1}: not a result; without that line, its run is done again`)
      }
    }
    return results
  }

  get(key) {
    return this.#byKey.get(key)
  }

  /** The result of that name: the one there is, else what `work` comes to. */
  async once(key, work) {
    if (this.#byKey.has(key)) return this.#byKey.get(key)
    const started = performance.now()
    const value = await work()
    this.#byKey.set(key, value)
    appendFileSync(this.#file, `${JSON.stringify({ key, value })}\n`)
    console.error(`${key}: ${Math.round((performance.now() - started) / 1000)} s`)
    return value
  }
}

/** Works through jobs, so many at a time; what is left when one fails is not begun. */
export async function inParallel(jobs, count, work) {
  const left = [...jobs]
  let failed = false
  const worker = async () => {
    for (let job = left.shift(); job !== undefined && !failed; job = left.shift()) {
      await work(job).catch((error) => {
        failed = true
        throw error
      })
    }
  }
  await Promise.all(Array.from({ length: count }, worker))
}

/** An option's value, as commander reads it. */
export function wholeNumber(text) {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It must be a whole number of at least 1.')
  return Number(text)
}

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Mean and the distance of the farthest seed from it: `12.3 ± 0.4`. */
export function spread(values, digits = 1) {
  if (values.length === 0) return '–'
  const middle = mean(values)
  const farthest = Math.max(...values.map((value) => Math.abs(value - middle)))
  return `${middle.toFixed(digits)} ± ${farthest.toFixed(digits)}`
}

export const markdownTable = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
