// Takes a run's model into models/, in half precision, with what is known of how it was made: card, report and metrics.
//
//   npm run build
//   node scripts/ship-model.mjs RUN models/NAME

import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bertkin } from '../experiments/runs.mjs'

const [run, target] = process.argv.slice(2)
if (!run || !target) {
  console.error('usage: node scripts/ship-model.mjs RUN models/NAME')
  process.exit(1)
}
const RECORDS = ['README.md', 'report.html', 'metrics.jsonl', 'run.json']

rmSync(target, { recursive: true, force: true })
// An ELECTRA has two models.
for (const part of ['generator', 'discriminator', ''].filter((name) => existsSync(join(run, name, 'config.json')))) {
  const out = join(target, part)
  await bertkin(['export', '--safetensors', join(run, part), '--dtype', 'float16', '--out', out])
  if (existsSync(join(run, part, 'README.md'))) copyFileSync(join(run, part, 'README.md'), join(out, 'README.md'))
}
for (const file of RECORDS) {
  if (existsSync(join(run, file))) copyFileSync(join(run, file), join(target, file))
}
console.log(target)
