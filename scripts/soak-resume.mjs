// Kills a small run with SIGKILL at random moments, resumes it each time, and compares what it leaves with a run that was
// never killed: models, parameters, optimizer and metrics must be the same to the last bit.
//
//   npm run soak:resume [-- kills [seed]]

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [kills = 10, seed = 1] = process.argv.slice(2).map(Number)
const root = fileURLToPath(new URL('..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'bertkin-soak-'))
const steps = 240
const settings = [
  ...['--size', 'micro', '--vocab-size', '400', '--max-length', '32', '--batch-size', '8', '--micro-batch-size', '4'],
  ...['--dropout', '0.1', '--steps', String(steps), '--evaluate-every', '30', '--save-every', '7', '--threads', '1'],
]

/** Runs `bertkin pretrain …`; kills it `wait` milliseconds after training began, if given. */
function run(args, wait) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'pretrain', ...args], { cwd: scratch })
    let output = ''
    let timer
    child.stderr.on('data', (data) => {
      output += data
      if (wait !== undefined && output.includes('building the model'))
        timer ??= setTimeout(() => child.kill('SIGKILL'), wait)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, output })
    })
  })
}

/** Uniform in [0, 1), the same for the same seed. */
let state = seed >>> 0
function draw() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}

/** Everything that a run leaves, but how fast it was and when. */
function left(run) {
  const hashes = {}
  const add = (name, content) => {
    hashes[name] = createHash('sha256').update(content).digest('hex')
  }
  const last = readdirSync(join(scratch, run, 'checkpoints')).sort()
  for (const name of last) {
    for (const file of ['parameters.safetensors', 'optimizer.safetensors']) {
      add(`${name}/${file}`, readFileSync(join(scratch, run, 'checkpoints', name, file)))
    }
  }
  for (const model of ['generator', 'discriminator']) {
    add(model, readFileSync(join(scratch, run, model, 'model.safetensors')))
  }
  const lines = readFileSync(join(scratch, run, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  add('metrics', JSON.stringify(lines.map(({ tokens_per_second: _, peak_share: __, seconds: ___, ...rest }) => rest)))
  return hashes
}

try {
  const texts = join(root, 'sample/stories.txt')
  const started = performance.now()
  const whole = await run([texts, '--out', 'whole', ...settings])
  if (whole.code !== 0) throw new Error(whole.output)
  const expected = left('whole')
  const duration = performance.now() - started

  let isStarted = false
  let done = 0
  for (let attempt = 0; done < kills; attempt++) {
    if (attempt > 10 * kills) throw new Error('the run is too short to be killed so often')
    const wait = draw() * duration * 0.25
    const ended = await run(isStarted ? ['--resume', 'killed'] : [texts, '--out', 'killed', ...settings], wait)
    if (ended.signal !== 'SIGKILL') {
      if (ended.code !== 0) throw new Error(ended.output)
      // It was done before the kill: another round, from the beginning.
      check(expected, left('killed'))
      rmSync(join(scratch, 'killed'), { recursive: true })
      isStarted = false
      continue
    }
    done++
    const at = [...ended.output.matchAll(/saved killed at step (\d+)/g)].at(-1)?.[1] ?? 'none new'
    console.log(`kill ${done}: ${Math.round(wait)} ms after building began, last checkpoint ${at}`)
    isStarted ||= ended.output.includes('saved killed')
  }
  const last = await run(isStarted ? ['--resume', 'killed'] : [texts, '--out', 'killed', ...settings])
  if (last.code !== 0) throw new Error(last.output)
  check(expected, left('killed'))
  console.log(`${kills} kills: models, checkpoints, optimizer and metrics are those of a run that was never killed`)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function check(expected, found) {
  for (const name of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    if (expected[name] !== found[name]) throw new Error(`${name} differs: ${expected[name]} and ${found[name]}`)
  }
}
