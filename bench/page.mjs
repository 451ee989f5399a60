// Results in words: for the terminal, and as docs/benchmarks.md.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { writeFileAtomically } from '../dist/checkpoint/index.js'
import { median, quantile } from './contest.mjs'
import { here } from './places.mjs'

const PAGE = here('../docs/benchmarks.md')
/** The page's own words stand before and behind what is measured. */
const [BEGIN, END] = ['<!-- measured -->', '<!-- /measured -->']

const milliseconds = (seconds) => {
  const ms = 1000 * seconds
  return ms < 100 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en-US')
}

/**
 * How many times as long a contestant takes, of medians; where both say how many operations they do, in how much of the
 * peer's speed bertkin does its own.
 */
function ratioOf({ work, entries: [ours] }, { seconds, answer }) {
  const times = median(seconds) / median(ours.seconds)
  return work.isShare ? (times * ours.answer) / answer : times
}

const titleOf = ({ work, threads }) => `${work.title}, ${threads} thread${threads === 1 ? '' : 's'}`

/** A result for the terminal. */
export function tell(result) {
  const rows = result.entries.map((entry) => {
    const { name, seconds, missing, target, agrees } = entry
    if (missing) return `  ${name.padEnd(28)} missing: ${missing}`
    const spread = `${milliseconds(quantile(seconds, 0.25))}–${milliseconds(quantile(seconds, 0.75))}`
    const verdict = target ? `  ${ratioOf(result, entry).toFixed(2)} × (target ${target})` : ''
    const warning = agrees === false ? '  ANSWERS DIFFER' : ''
    return `  ${name.padEnd(28)} ${milliseconds(median(seconds)).padStart(8)} ms (${spread}, ${seconds.length} runs)${verdict}${warning}`
  })
  return [titleOf(result), ...rows, ''].join('\n')
}

/** Puts the results into docs/benchmarks.md. */
export async function writePage(results, python) {
  const rows = results.flatMap((result) =>
    result.entries.slice(1).map((entry) => {
      const { name, seconds, missing, target, agrees } = entry
      const [ours] = result.entries
      const own = `${milliseconds(median(ours.seconds))} ms`
      if (missing) return `| ${titleOf(result)} | ${own} | ${name} | missing | – | ${target} |`
      const ratio = ratioOf(result, entry)
      const told = `${ratio >= target ? '**' : ''}${ratio.toFixed(2)}${ratio >= target ? '**' : ''}`
      const theirs = `${milliseconds(median(seconds))} ms`
      return `| ${titleOf(result)} | ${own} | ${name} | ${theirs} | ${told}${agrees ? '' : ' (answers differ)'} | ${target} |`
    }),
  )
  const measured = [
    `${new Date().toISOString().slice(0, 10)}, ${machine()}. ${versions(python)}.`,
    '',
    '| work | bertkin | peer | the peer’s time | times as fast | target |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
  const page = readFileSync(PAGE, 'utf8')
  const [before, rest] = page.split(BEGIN)
  await writeFileAtomically(PAGE, [Buffer.from(`${before}${BEGIN}\n\n${measured}\n\n${END}${rest.split(END)[1]}`)])
}

const machine = () =>
  `${cpus().length} × ${cpus()[0].model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`

function versions(python) {
  const own = (path) => {
    try {
      return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version
    } catch {
      return undefined
    }
  }
  const script = 'import torch, transformers; print(torch.__version__, transformers.__version__)'
  let torch, transformers
  try {
    ;[torch, transformers] = execFileSync(python, ['-c', script], { encoding: 'utf8', stdio: 'pipe' }).trim().split(' ')
  } catch {} // it is missing, and the table says so
  const found = {
    'onnxruntime-node': own('../node_modules/onnxruntime-node/package.json'),
    PyTorch: torch,
    transformers,
    'transformers.js': own('peers/node_modules/@huggingface/transformers/package.json'),
    'tokenizers (Rust)': own('../node_modules/tokenizers/package.json'),
    '@huggingface/tokenizers': own('peers/node_modules/@huggingface/tokenizers/package.json'),
  }
  return Object.entries(found)
    .flatMap(([name, version]) => (version ? `${name} ${version}` : []))
    .join(', ')
}
