// What results depend on beside the code: the machine, and the versions of everything.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

/** In a line. */
export const surroundings = (python) => `${machine()}. ${versions(python)}.`

const machine = () =>
  `${cpus().length} × ${cpus()[0].model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`

function versions(python) {
  const script = 'import torch, transformers; print(torch.__version__, transformers.__version__)'
  const [torch, transformers] =
    attempt(() => execFileSync(python, ['-c', script], { encoding: 'utf8', stdio: 'pipe' }).trim().split(' ')) ?? []
  const found = {
    'onnxruntime-node': versionIn('../node_modules/onnxruntime-node/package.json'),
    PyTorch: torch,
    transformers,
    'transformers.js': versionIn('peers/node_modules/@huggingface/transformers/package.json'),
    'tokenizers (Rust)': versionIn('../node_modules/tokenizers/package.json'),
    '@huggingface/tokenizers': versionIn('peers/node_modules/@huggingface/tokenizers/package.json'),
  }
  return Object.entries(found)
    .flatMap(([name, version]) => (version ? `${name} ${version}` : []))
    .join(', ')
}

const versionIn = (path) => attempt(() => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version)

/** What is missing has no version; the table says that it is missing. */
function attempt(read) {
  try {
    return read()
  } catch {
    return undefined
  }
}
