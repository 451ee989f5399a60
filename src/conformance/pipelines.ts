// Golden pipelines: the answers of a task, compared with those of transformers' pipelines.

import type { Folder } from '../checkpoint/index.js'
import { BertkinError, type ErrorCode } from '../errors.js'
import { loadTokenizer, type Pipeline, pipeline, TASKS, type TaskMap, type TaskName } from '../pipeline/index.js'
import type { Runtime } from '../runtime/index.js'
import { type CaseResult, failed, readCase, within } from './case.js'

/** Allowed difference of two scores. */
const TOLERANCE = 1e-4

type AnyInput = TaskMap[TaskName]['input']
type AnyOptions = TaskMap[TaskName]['options']

interface PipelineCases {
  readonly task: string
  readonly tokenizer: string
  readonly cases: readonly {
    readonly input: AnyInput | readonly AnyInput[]
    readonly options?: AnyOptions
    readonly output?: unknown
    /** What the reference raised: then any error of bertkin's own will do. */
    readonly error?: string
  }[]
}

/** What keeps a case from being run, as against what makes it fail. */
const UNBUILT: ReadonlySet<ErrorCode> = new Set(['config-unsupported', 'tokenizer-unsupported'])

/** Runs a case, with one of the tokenizers in a folder. */
export async function pipelineCase(
  folder: Folder,
  name: string,
  tokenizers: Folder,
  runtime: Runtime,
): Promise<CaseResult> {
  const golden = await readCase<PipelineCases>(folder, 'cases.json')
  const { task } = golden
  const known = TASKS.find((one) => one === task)
  if (!known) return { name, status: 'skipped', detail: `${task} is not built yet` }
  try {
    const tokenizer = await loadTokenizer(within(tokenizers, golden.tokenizer))
    using ask: Pipeline<TaskName> = await pipeline(known, folder, { tokenizer, runtime, onWarning: () => {} })
    let error = 0
    for (const [i, { input, options, output, error: refusal }] of golden.cases.entries()) {
      const answer = await ask(input as AnyInput, options).catch(refused)
      if (answer instanceof BertkinError) {
        if (refusal === undefined) return failed(name, `case ${i}: ${answer.message}`)
        continue
      }
      if (refusal !== undefined) return failed(name, `case ${i}: the reference raises ${refusal}`)
      const compared = compare(answer, inUnits(output, input))
      if (compared.difference !== undefined) return failed(name, `case ${i}${compared.difference}`, compared.error)
      error = Math.max(error, compared.error)
    }
    return { name, status: 'passed', error, detail: `${golden.cases.length} cases` }
  } catch (problem) {
    if (!(problem instanceof BertkinError)) throw problem
    return UNBUILT.has(problem.code)
      ? { name, status: 'skipped', detail: problem.message }
      : failed(name, problem.message)
  }
}

function refused(error: unknown): BertkinError {
  if (error instanceof BertkinError) return error
  throw error
}

/** The reference's answer with `start` and `end` in UTF-16 units: it counts code points. */
function inUnits(output: unknown, input: unknown): unknown {
  const text = typeof input === 'string' ? input : isObject(input) ? input.context : undefined
  if (typeof text !== 'string') return output
  const units = [0]
  for (const character of text) units.push(units.at(-1)! + character.length)
  const convert = (value: unknown, key?: string): unknown => {
    if ((key === 'start' || key === 'end') && typeof value === 'number') return units[value]
    if (Array.isArray(value)) return value.map((item) => convert(item))
    if (!isObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, convert(item, name)]))
  }
  return convert(output)
}

/** Whether two answers are alike: scores and the numbers of vectors within the tolerance, everything else the same. */
function compare(actual: unknown, expected: unknown, path = ''): { difference?: string; error: number } {
  const name = path.slice(path.lastIndexOf('.') + 1)
  const isMeasured = name === 'score' || /^\d+$/.test(name)
  if (isMeasured && typeof actual === 'number' && typeof expected === 'number') {
    const error = Math.abs(actual - expected)
    return error <= TOLERANCE
      ? { error }
      : { error, difference: `${path} is ${actual} where the reference has ${expected}` }
  }
  if (!isObject(actual) || !isObject(expected)) {
    const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)]
    return a === e ? { error: 0 } : { error: 0, difference: `${path} is ${a} where the reference has ${e}` }
  }
  const keys = new Set([...Object.keys(actual), ...Object.keys(expected)])
  let error = 0
  for (const key of keys) {
    const inner = compare(actual[key], expected[key], `${path}.${key}`)
    if (inner.difference !== undefined) return inner
    error = Math.max(error, inner.error)
  }
  return { error }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
