// A contestant's side of the conversation; see ../contestant.mjs.

import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'

/** Milliseconds of a run for which warming up does not matter. */
const LONG = 3000

/**
 * @param {Record<string, (job: object) => Promise<{answer: unknown, run: () => Promise<unknown>}>>} works by name: each
 *   makes a job ready and says what comes of it
 */
export async function serve(works) {
  const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)
  let current
  for await (const line of createInterface({ input: process.stdin })) {
    const { prepare } = JSON.parse(line)
    if (prepare) {
      const work = works[prepare.work]
      if (!work) {
        say({ missing: `it has nothing for ${prepare.work}` })
        continue
      }
      current = await work(prepare)
      say({ answer: current.answer })
    } else {
      // Once for warming up: a processor that has idled, or done others' work, takes a while to have its memory at hand.
      let started = performance.now()
      await current.run()
      const first = performance.now() - started
      if (first < LONG) {
        started = performance.now()
        await current.run()
      }
      say({ seconds: (performance.now() - started) / 1000 })
    }
  }
}

/** A peer's library, or the end of the process, which says how to get it. */
export const libraryOf = (name, install) =>
  import(name).catch(() => {
    console.log(JSON.stringify({ missing: install }))
    process.exit(0)
  })

/** Of answers of fill-mask, what is compared: the best token of each text. */
export const bestTokens = (answers) =>
  answers.map((candidates) => ({ token: candidates[0].token, score: candidates[0].score }))

/** Of vectors, what is compared: the beginning of each. */
export const beginnings = (vectors) => vectors.map((vector) => Array.from(vector.slice(0, 4)))

/** Of answers to questions, what is compared. */
export const spans = (answers) => answers.map(({ answer, score }) => ({ answer, score }))

/** The lines of a file's beginning that say something. */
export async function linesOf({ file, megabytes }) {
  const text = await readFile(file, 'utf8')
  return text
    .slice(0, megabytes * 2 ** 20)
    .split('\n')
    .filter((line) => line.trim() !== '')
}
