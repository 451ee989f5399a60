// One experiment: its arms are trained and measured, each with several seeds.

import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomically } from '../dist/checkpoint/index.js'
import { textCorpus } from '../dist/data/index.node.js'
import { bertkin } from './runs.mjs'

/**
 * What a file of an experiment exports.
 *
 * @typedef {{name: string, options: string[]}} Arm an arm, and what it is told besides what all are
 * @typedef {{name: string, digits?: number, of: (run: Run) => Promise<number | undefined>}} Measure a column of the table
 * @typedef {{title: string, metric: string, x?: string}} Curve what is drawn: a metric of held-out text
 * @typedef {{tokenizer: {type: string, options?: string[]}, options: string[], arms: Arm[], measures: Measure[], curves: Curve[], characters?: number}} Definition
 *   `characters`: how much of the texts is read, if not all
 * @typedef {{folder: string, metrics: object[], texts: string[], tasks?: string, arm: Arm, seed: number}} Run
 */
export class Experiment {
  /** @param {Definition} definition */
  constructor(definition, { name, folder, texts, tasks, results }) {
    Object.assign(this, { definition, name, folder, texts, tasks, results })
  }

  get tokenizer() {
    return join(this.folder, 'tokenizer')
  }

  /** The texts and the vocabulary that all arms share. */
  async prepare() {
    const { characters, tokenizer } = this.definition
    if (characters !== undefined) {
      const part = join(this.folder, 'texts.txt')
      await writeFileAtomically(part, [Buffer.from(await firstDocuments(this.texts, characters))])
      this.texts = [part]
    }
    const { type, options = [] } = tokenizer
    await this.results.once('tokenizer', async () => {
      await bertkin(['train-tokenizer', ...this.texts, '--type', type, ...options, '--out', this.tokenizer])
      return type
    })
  }

  /** What a run is called. */
  key(arm, seed) {
    return `${arm.name}, seed ${seed}`
  }

  async run(arm, seed) {
    const key = this.key(arm, seed)
    const folder = join(this.folder, key.replaceAll(/[^\w.-]+/g, '-'))
    await this.results.once(`${key}: pretraining`, async () => {
      const metrics = join(folder, 'metrics.jsonl')
      const isBegun = existsSync(join(folder, 'checkpoints'))
      if (!isBegun) rmSync(folder, { recursive: true, force: true })
      const options = [...this.definition.options, ...arm.options, '--tokenizer', this.tokenizer]
      const fresh = [...this.texts, ...options, '--seed', String(seed), '--out', folder]
      await bertkin(['pretrain', ...(isBegun ? ['--resume', folder] : fresh), '--threads', '1'])
      const lines = readFileSync(metrics, 'utf8').trim().split('\n')
      // Evaluations alone: those of training are hundreds.
      return lines.map((line) => JSON.parse(line)).filter((line) => line.loss !== undefined)
    })
    const { texts, tasks } = this
    const run = { folder, metrics: this.evaluations(arm, seed), texts, tasks, arm, seed }
    for (const measure of this.definition.measures) {
      await this.results.once(`${key}: ${measure.name}`, async () => (await measure.of(run)) ?? null)
    }
    rmSync(join(folder, 'checkpoints'), { recursive: true, force: true })
  }

  /** Of held-out text, over the steps; [] if that run has not been made. */
  evaluations(arm, seed) {
    return this.results.get(`${this.key(arm, seed)}: pretraining`) ?? []
  }

  /** A measure's values over the seeds. */
  values(arm, measure, seeds) {
    return Array.from({ length: seeds }, (_, i) => this.results.get(`${this.key(arm, i + 1)}: ${measure.name}`)).filter(
      (value) => typeof value === 'number',
    )
  }
}

/** Whole documents, until they have so many characters. */
async function firstDocuments(texts, enough) {
  const documents = []
  let length = 0
  for await (const { lines } of (await textCorpus(texts)).documents()) {
    documents.push(lines.join('\n'))
    length += documents.at(-1).length
    if (length >= enough) break
  }
  return `${documents.join('\n\n')}\n`
}
