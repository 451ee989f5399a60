// Reading single fields of a config.json, each checked for type and range. Absent and null mean the default.

import { CheckpointError } from './error.js'

/** A config.json's fields; remembers which were asked for. */
export class FieldReader {
  private readonly asked = new Set<string>()

  constructor(
    private readonly fields: Readonly<Record<string, unknown>>,
    private readonly fileName: string,
  ) {}

  /** Whether a field is not there, or null. */
  isAbsent(name: string): boolean {
    return this.get(name) === undefined
  }

  /** An integer from 1 to `most`. */
  integer(name: string, fallback: number, most: number): number {
    const value = this.get(name) ?? fallback
    if (Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most) return Number(value)
    return this.refuse(name, `an integer from 1 to ${most}`)
  }

  /** Any integer, or `undefined` if the field is null. */
  maybeInteger(name: string, fallback: number): number | undefined {
    if (Object.hasOwn(this.fields, name) && this.isAbsent(name)) return undefined
    const value = this.get(name) ?? fallback
    return Number.isSafeInteger(value) ? Number(value) : this.refuse(name, 'an integer or null')
  }

  /** A number from `least` to `most`. */
  number(name: string, fallback: number, least: number, most: number): number {
    const value = this.get(name) ?? fallback
    if (typeof value === 'number' && value >= least && value <= most) return value
    return this.refuse(name, `a number from ${least} to ${most}`)
  }

  /** A number from 0 to just below 1: dropout of 1 would divide by zero. */
  probability(name: string, fallback: number): number {
    const value = this.get(name) ?? fallback
    if (typeof value === 'number' && value >= 0 && value < 1) return value
    return this.refuse(name, 'a number from 0 to below 1')
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.get(name) ?? fallback
    return typeof value === 'boolean' ? value : this.refuse(name, 'true or false')
  }

  text(name: string, fallback: string): string {
    const value = this.get(name) ?? fallback
    return typeof value === 'string' ? value : this.refuse(name, 'a string')
  }

  /** A string; `undefined` if the field is null, the fallback if it is not there. */
  maybeText(name: string, fallback?: string): string | undefined {
    const value = this.get(name) ?? (Object.hasOwn(this.fields, name) ? undefined : fallback)
    return value === undefined || typeof value === 'string' ? value : this.refuse(name, 'a string or null')
  }

  /** One of some strings, or `undefined` if the field is absent. */
  optional<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.get(name)
    if (value === undefined) return undefined
    return choices.find((choice) => choice === value) ?? this.refuse(name, `one of ${choices.join(', ')}`)
  }

  /** A list of strings; empty if the field is absent. */
  strings(name: string): readonly string[] {
    const value = this.get(name) ?? []
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
    return this.refuse(name, 'a list of strings')
  }

  /** `id2label` by id; without it, `num_labels` (default 2) names as transformers makes them up. */
  labels(): readonly string[] {
    const value = this.get('id2label')
    if (value === undefined) {
      return Array.from({ length: this.integer('num_labels', 2, 1_000_000) }, (_, i) => `LABEL_${i}`)
    }
    const names = isObject(value) ? new Map(Object.entries(value)) : new Map<string, unknown>()
    const labels = Array.from({ length: names.size }, (_, id) => names.get(String(id)))
    if (labels.length > 0 && labels.every((label) => typeof label === 'string')) return labels
    return this.refuse('id2label', 'an object with a string under each of "0", "1", "2", …')
  }

  /** `label2id`; without it, or if it makes no sense (published files do all sorts of things), `id2label` reversed. */
  labelIds(labels: readonly string[]): ReadonlyMap<string, number> {
    const value = this.get('label2id')
    const ids = isObject(value) ? Object.entries(value).map(([name, id]) => [name, Number(id)] as const) : []
    const isSensible = ids.length === labels.length && ids.every(([name, id]) => labels[id] === name)
    return new Map(isSensible ? ids : labels.map((name, id) => [name, id]))
  }

  /** The fields that nobody asked for, except those named. */
  unread(except: readonly string[]): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.fields).filter(([name]) => !this.asked.has(name) && !except.includes(name)),
    )
  }

  private get(name: string): unknown {
    this.asked.add(name)
    return Object.hasOwn(this.fields, name) ? (this.fields[name] ?? undefined) : undefined
  }

  private refuse(name: string, wanted: string): never {
    const value = JSON.stringify(this.fields[name]) ?? 'nothing'
    const shown = value.length > 80 ? `${value.slice(0, 80)}…` : value
    throw new CheckpointError('config-invalid', `${this.fileName}: ${name} should be ${wanted}, but is ${shown}.`)
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
