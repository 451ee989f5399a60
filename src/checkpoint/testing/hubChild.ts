// A process that opens a file of a model on the hub: node CHILD MODEL FILE. It tells of its progress on standard error,
// and at the end of the file's length and SHA-256 on standard output.

import { createHash } from 'node:crypto'
import { openCheckpoint } from '../files.node.js'

const [model = '', file = ''] = process.argv.slice(2)
const folder = await openCheckpoint(model, {
  onProgress: ({ bytes, total }) => void process.stderr.write(`${bytes} of ${total}\n`),
  onWarning: (message) => void process.stderr.write(`${message}\n`),
})
const source = await folder.open(file)
const bytes = (await source?.slice(0, source.byteLength)) ?? new Uint8Array(0)
process.stdout.write(`${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}\n`)
