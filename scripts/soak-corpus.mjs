// Trains on a corpus of a gigabyte, made for it in a temporary folder, and measures the most memory that was resident. It
// must stay below 500 MB beyond that of the same model on a megabyte.
//
//   npm run soak:corpus [-- megabytes]        Linux only: it reads /proc

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [megabytes = 1000] = process.argv.slice(2).map(Number)
const root = fileURLToPath(new URL('..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'bertkin-corpus-'))
const settings = [
  ...['--size', 'tiny', '--vocab-size', '8000', '--max-length', '128', '--batch-size', '16', '--threads', '2'],
  ...['--steps', '60', '--evaluate-every', '30', '--save-every', '20', '--held-out-every', '1000'],
]

let state = 1
const draw = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}

/** Words of a language of its own, as frequent as Zipf has it. */
const WORDS = Array.from({ length: 200_000 }, () => {
  const letters = 'etaoinshrdlucmfwypvbgkjqxz'
  return Array.from({ length: 2 + Math.floor(draw() * 9) }, () => letters[Math.floor(26 * draw() ** 2)]).join('')
})
const word = () => WORDS[Math.min(WORDS.length - 1, Math.floor(WORDS.length ** draw()) - 1)] ?? WORDS[0]

async function writeCorpus(path, size) {
  const file = createWriteStream(path)
  for (let written = 0; written < size; ) {
    const document = Array.from({ length: 3 + Math.floor(30 * draw()) }, () =>
      Array.from({ length: 4 + Math.floor(20 * draw()) }, word).join(' '),
    )
    const text = `${document.join('.\n')}.\n\n`
    written += text.length
    if (!file.write(text)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'finish')
}

/** Pretrains; returns the most memory that was resident, in MB. */
async function train(texts, out) {
  const child = spawn(
    process.execPath,
    [join(root, 'dist/cli/main.js'), 'pretrain', texts, '--out', out, ...settings],
    {
      cwd: scratch,
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  )
  let peak = 0
  const timer = setInterval(() => {
    try {
      const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]
      peak = Math.max(peak, Number(kilobytes ?? 0) / 1024)
    } catch {
      // it has ended
    }
  }, 100)
  const [code] = await once(child, 'close')
  clearInterval(timer)
  if (code !== 0) throw new Error(`training ended with exit code ${code}`)
  return peak
}

try {
  await writeCorpus(join(scratch, 'small.txt'), 2 ** 20)
  const small = await train('small.txt', 'small')
  console.log(`writing ${megabytes} MB of text to ${scratch}`)
  await writeCorpus(join(scratch, 'large.txt'), megabytes * 1e6)
  const started = performance.now()
  const large = await train('large.txt', 'large')
  const seconds = Math.round((performance.now() - started) / 1000)
  console.log(
    `resident at most: ${small.toFixed(0)} MB on 1 MB, ${large.toFixed(0)} MB on ${megabytes} MB (${seconds} s)`,
  )
  if (large - small > 500) throw new Error(`${(large - small).toFixed(0)} MB more than on a small corpus`)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
