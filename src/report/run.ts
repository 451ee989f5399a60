// run.json: what a run is, written when it starts, so that its report can be made at any time after.

import type { ParameterGroup } from './parameterGroups.js'

/** A model that a run leaves. */
export interface RunModel {
  /** Below the run's folder; '' is that folder itself. */
  readonly folder: string
  /** The class that transformers has for it. */
  readonly architecture: string
  readonly parameters: readonly ParameterGroup[]
}

/** What a run is trained on. */
export interface RunData {
  readonly files: number
  readonly documents: number
  readonly words: number
  /** One document in so many is kept for evaluation; 0: none is. */
  readonly heldOutEvery: number
}

/** What is known of a run from its start. */
export interface RunFacts {
  /** What it is called: `electra, mini`. */
  readonly title: string
  /** The command, word by word. */
  readonly command: readonly string[]
  /** ISO 8601. */
  readonly started: string
  /** Every setting by its name. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly data: RunData
  /** Versions and the machine. */
  readonly environment: Readonly<Record<string, string>>
  readonly models: readonly RunModel[]
}

/**
 * Reads run.json; whatever it lacks, or has of another kind than expected, is empty.
 *
 * @example
 * parseRunFacts('{"title": "electra, mini"}').models // []
 */
export function parseRunFacts(text: string): RunFacts {
  const fields = recordOf(parsed(text))
  const data = recordOf(fields.data)
  const count = (name: string): number => (typeof data[name] === 'number' ? data[name] : 0)
  return {
    title: textOf(fields.title),
    command: listOf(fields.command).map(textOf),
    started: textOf(fields.started),
    settings: recordOf(fields.settings),
    data: {
      files: count('files'),
      documents: count('documents'),
      words: count('words'),
      heldOutEvery: count('heldOutEvery'),
    },
    environment: Object.fromEntries(Object.entries(recordOf(fields.environment)).map(([k, v]) => [k, textOf(v)])),
    models: listOf(fields.models).map((model) => {
      const { folder, architecture, parameters } = recordOf(model)
      return { folder: textOf(folder), architecture: textOf(architecture), parameters: listOf(parameters).map(groupOf) }
    }),
  }
}

function groupOf(value: unknown): ParameterGroup {
  const { name, tensors, parameters } = recordOf(value)
  return { name: textOf(name), tensors: Number(tensors) || 0, parameters: Number(parameters) || 0 }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}

/**
 * A command as a shell takes it back.
 *
 * @example
 * shellCommand(['bertkin', 'pretrain', "it's.txt"]) // "bertkin pretrain 'it'\\''s.txt'"
 */
export const shellCommand = (words: readonly string[]): string =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')

/** Of a long list, so many items are shown. */
const MOST_ITEMS = 10

/** A setting's value in words. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) {
    const more = value.length > MOST_ITEMS ? ` and ${value.length - MOST_ITEMS} more` : ''
    return value.slice(0, MOST_ITEMS).map(describeValue).join(', ') + more
  }
  if (typeof value === 'number') {
    // What a product is off by in its last digits says nothing.
    return Number.isInteger(value) ? value.toLocaleString('en-US') : String(Number(value.toPrecision(12)))
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}
