// bertkin beside its peers, in the same run on the same machine.
//
//   npm run bench                 everything; writes docs/benchmarks.md
//   npm run bench -- fill-mask    only what begins so; prints, and with --write renews its rows in docs/benchmarks.md
//
// BENCH_PYTHON names the python that has bench/peers/requirements.txt (default: python3), BENCH_PYTHON_4 one with
// transformers 4.57, whose question answering is a pipeline still. `npm install --prefix bench/peers` gets the peers in
// JavaScript.

import { availableParallelism } from 'node:os'
import { contest } from './contest.mjs'
import { Contestant, Missing, StartedContestant } from './contestant.mjs'
import { resultOf, tell, writePage } from './page.mjs'
import { here } from './places.mjs'
import { surroundings } from './surroundings.mjs'
import { works } from './works.mjs'

const LIMITS = { rounds: 15, seconds: 20 }
const wanted = process.argv.slice(2).filter((word) => word !== '--write')
const isWritten = wanted.length === 0 || process.argv.includes('--write')
const python = process.env.BENCH_PYTHON ?? 'python3'
const peer = (file) => here(`peers/${file}`)

const COMMANDS = {
  bertkin: [process.execPath, peer('bertkin.mjs')],
  PyTorch: [python, peer('pytorch.py')],
  'PyTorch 4': [process.env.BENCH_PYTHON_4 ?? python, peer('pytorch.py')],
  'transformers.js': [process.execPath, peer('transformersJs.mjs')],
  tokenizers: [process.execPath, peer('tokenizers.mjs')],
  tokenizersJs: [process.execPath, peer('tokenizersJs.mjs')],
}

/** Makes a contestant ready; one that is missing says why. */
async function enter(work, { name, peer, job, target }, threads) {
  const folder = await (work.prepareFor?.[peer]?.(python) ?? work.folder()).catch((error) => error)
  if (folder instanceof Error) return { name, target, missing: folder.message.trim().split('\n').at(-1) }
  const Kind = work.isStartedAnew ? StartedContestant : Contestant
  const contestant = new Kind(name, COMMANDS[peer], {
    OMP_NUM_THREADS: String(threads),
    RAYON_NUM_THREADS: String(threads),
  })
  try {
    return { name, target, contestant, answer: await contestant.prepare({ ...work.job, ...job, folder, threads }) }
  } catch (error) {
    contestant.stop()
    if (error instanceof Missing) return { name, target, missing: error.message }
    throw error
  }
}

/** Everybody's times of a work, bertkin's first; undefined if its data is not here. */
async function compare(given) {
  const job = typeof given.job === 'function' ? await given.job() : given.job
  const work = { ...given, job }
  const threads = work.threads ?? Math.min(2, availableParallelism())
  if (!(await work.folder()) || Object.values(job).includes(undefined)) return undefined
  const entries = [await enter(work, { name: 'bertkin', peer: 'bertkin', job: work.own }, threads)]
  const [ours] = entries
  if (ours.missing) throw new Error(ours.missing)
  try {
    for (const one of work.peers) {
      const entry = await enter(work, one, threads)
      const agrees = entry.missing || work.same(ours.answer, entry.answer)
      entries.push({ ...entry, agrees })
      if (!agrees) console.error(`${one.name} differs: ${short(ours.answer)} and ${short(entry.answer)}`)
    }
    const present = entries.flatMap(({ contestant }) => contestant ?? [])
    const times = await contest(present, LIMITS)
    return { work, threads, entries: entries.map((entry) => ({ ...entry, seconds: times.get(entry.name) })) }
  } finally {
    for (const { contestant } of entries) contestant?.stop()
  }
}

const short = (answer) => JSON.stringify(answer).slice(0, 200)

const ids = works.map(({ id }) => id)
const chosen = works.filter(({ id }) => wanted.length === 0 || wanted.some((prefix) => id.startsWith(prefix)))
if (chosen.length === 0) {
  console.error(`nothing begins so; there are ${ids.join(', ')}`)
  process.exit(1)
}
const circumstances = isWritten ? surroundings(python) : '' // asked once: Python takes seconds to say
const results = []
for (const work of chosen) {
  const result = await compare(work)
  if (!result) console.log(`${work.title}: its data is not here`)
  else {
    results.push(resultOf(result))
    console.log(tell(results.at(-1)))
    if (isWritten) await writePage(results, ids, circumstances)
  }
}
