// The part of a page of docs/ that programs write: what they measured, between two marks, with a person's words around it.

import { readFileSync } from 'node:fs'
import { writeFileAtomically } from '../dist/checkpoint/index.js'

const [BEGIN, END] = ['<!-- measured -->', '<!-- /measured -->']

/** Puts a text between the marks, in place of what is there. */
export async function writeMeasured(page, text) {
  const present = readFileSync(page, 'utf8')
  const [before, after] = [present.indexOf(BEGIN), present.indexOf(END)]
  if (before < 0 || after < before) throw new Error(`${page} lacks the marks ${BEGIN} and ${END}, in this order`)
  await writeFileAtomically(page, [
    Buffer.from(`${present.slice(0, before)}${BEGIN}\n\n${text}\n\n${present.slice(after)}`),
  ])
}
