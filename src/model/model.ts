// A model that answers: its functions, compiled as they are asked for, on a device.

import type { EncoderConfig, ResolvedParameters, Weights } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { denseWeightsOf, input, parametersOf, type Tensor } from '../graph/index.js'
import {
  type CompiledFunction,
  type Feeds,
  largestInt8,
  type Runtime,
  selectFeeds,
  type TensorData,
} from '../runtime/index.js'
import { batchFor, type LayoutOptions, maxSequenceLength } from './batch.js'
import type { ModelDefinition } from './definition.js'
import { type Head, selectRows } from './heads.js'
import { storedParameters } from './storedParameters.js'
import type { Sequence } from './tokens.js'

export interface RunOptions extends LayoutOptions {
  /** Which outputs: names of the head's, `hidden_states` or `attentions`. Default: the head's. */
  readonly outputs?: readonly string[]
  /** Only these tokens, as [sequence, column]: per-token outputs come as [tokens asked for, …]. */
  readonly at?: readonly Place[]
  /** For the head `span-boundary`: the tokens that `span_logits` [targets, vocabulary] are wanted of. */
  readonly spanTargets?: readonly SpanTarget[]
}

/** A token, as [sequence, column]. */
export type Place = readonly [sequence: number, column: number]

/** A token inside a span, for SpanBERT's boundary head. */
export interface SpanTarget {
  readonly sequence: number
  /** Column of the token before the span. */
  readonly left: number
  /** Column of the token behind the span. */
  readonly right: number
  /** The token's place in the span, from 0. */
  readonly place: number
}

/** How a model's parameters are held. */
export interface StoringOptions {
  /**
   * Rearrange weights for speed while opening: worth it in a server, not for one answer. Default: false where the
   * weights can be mapped from a file, true elsewhere and with `weights: 'int8'`.
   */
  readonly prepack?: boolean
  /**
   * `int8`: dense layers compute in eight bits (dynamic quantization: weights by a scale for each output, rows by one that
   * is found as they come). Batches are answered about twice as fast, single texts faster still, in a quarter of the
   * memory, and answers differ a little: see docs/benchmarks.md. Default: `float32`.
   */
  readonly weights?: 'float32' | 'int8'
}

/** What loading found: as transformers reports it. */
export interface LoadReport {
  /** Parameters that the checkpoint lacks; they were initialised anew, so the model needs training. */
  readonly missing: readonly string[]
  /** What the checkpoint has beyond the model, ignored. */
  readonly unexpected: readonly string[]
  /** Copies that differ from what they are usually tied to, and were kept. */
  readonly untied: readonly string[]
}

/**
 * A loaded model. Holds native memory until disposed.
 *
 * @example
 * using model: Model = await loadModel('checkpoints/electra-small')
 * const { logits } = await model.run([{ ids: [101, 7592, 102] }], { at: [[0, 1]] }) // the second token’s alone
 */
export class Model {
  readonly config: EncoderConfig
  readonly head: Head
  readonly report: LoadReport
  readonly #functions = new Map<string, Promise<CompiledFunction>>()
  #disposed = false

  constructor(
    private readonly definition: ModelDefinition,
    private readonly weights: Weights,
    private readonly resolved: ResolvedParameters,
    private readonly runtime: Runtime,
    private readonly ownRuntime: Runtime | undefined,
    private readonly storing: StoringOptions = {},
  ) {
    this.config = definition.config
    this.head = definition.head
    const { missing, unexpected, untied } = resolved
    this.report = { missing, unexpected, untied: untied.map(({ copy }) => copy) }
  }

  /**
   * Runs the model over sequences of any lengths, special tokens included.
   *
   * @returns per-token outputs as [batch, sequence, …] with zeros at padding, per-sequence ones as [batch, …];
   *   `hidden_states.0` … and `attentions.0` … where asked for
   * @throws {BertkinError} `sequence-too-long`, `token-out-of-range`, `option-invalid`, or `disposed` after `dispose()`
   */
  async run(sequences: readonly Sequence[], options: RunOptions = {}): Promise<Record<string, TensorData>> {
    if (this.#disposed) throw new BertkinError('disposed', 'this model has been disposed; load it again')
    this.#check(sequences)
    const { at, spanTargets } = options
    const { outputs = Object.keys(this.definition.outputs).filter((name) => spanTargets || name !== 'span_logits') } =
      options
    if (outputs.includes('span_logits') && !spanTargets) {
      throw new BertkinError('option-invalid', 'span_logits are those of certain tokens: name them as spanTargets')
    }
    if (outputs.length === 0) throw new BertkinError('option-invalid', 'name at least one output')
    const batch = batchFor(this.config, sequences, options)
    const compiled = await this.#function(outputs, at !== undefined)
    const rows = at && { rows: { data: rowsAt(at, batch.cells), dims: [at.length] } }
    const targets = spanTargets && this.#spanFeeds(spanTargets, batch.cells)
    return compiled.run(selectFeeds(compiled, { ...batch.feeds, ...rows, ...targets }))
  }

  /**
   * The parameters that the checkpoint lacks and that these outputs are computed from: none of them if the outputs can be
   * trusted.
   *
   * @throws {BertkinError} `option-invalid` for an output that this model does not have
   */
  missingFor(outputs: readonly string[]): string[] {
    const needed = parametersOf(Object.values(this.#outputs(outputs, false)))
    return this.report.missing.filter((name) => needed.has(name))
  }

  /** Frees the native memory, also that of a function that is still being opened; doing it twice is harmless. */
  dispose(): void {
    this.#disposed = true
    for (const opening of this.#functions.values()) {
      // One that fails to open has nothing to free, and its failure is reported by the call that asked for it.
      opening.then(
        (compiled) => compiled.dispose(),
        () => undefined,
      )
    }
    this.#functions.clear()
    this.ownRuntime?.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  /** One compiled function for each choice of outputs, opened when it is first needed. */
  #function(outputs: readonly string[], selected: boolean): Promise<CompiledFunction> {
    const key = `${selected}:${outputs.join()}`
    const known = this.#functions.get(key)
    if (known) return known
    const opening = this.#compile(outputs, selected)
    this.#functions.set(key, opening)
    // What failed once (a file that could not be read, say) is tried again at the next call.
    opening.catch(() => {
      if (this.#functions.get(key) === opening) this.#functions.delete(key)
    })
    return opening
  }

  async #compile(outputs: readonly string[], selected: boolean): Promise<CompiledFunction> {
    const tensors = this.#outputs(outputs, selected)
    const { definition, weights, resolved, runtime } = this
    const { weights: form = 'float32', prepack = form === 'int8' ? true : undefined } = this.storing
    const dense = form === 'int8' ? denseWeightsOf(Object.values(tensors)) : undefined
    const rounding = dense && { dense, largest: await largestInt8(runtime) }
    const { stored, folder } = await storedParameters(definition, weights, resolved, runtime.device, rounding)
    return runtime.compile(tensors, {
      stored: (name) => stored.get(name),
      ...(folder !== undefined && { externalDataFolder: folder }),
      ...(prepack !== undefined && { prepack }),
    })
  }

  #outputs(names: readonly string[], selected: boolean): Record<string, Tensor> {
    const { encoded, kin, head, tokens } = this.definition
    const chosen = selected ? selectRows(encoded, input('rows', 'int32', ['rows'])) : encoded
    const outputs = selected ? kin.heads[head]!.apply(chosen, this.definition) : this.definition.outputs
    const tensors: Record<string, Tensor> = {}
    for (const name of names) {
      if (name === 'hidden_states')
        encoded.hiddenStates.forEach((x, i) => {
          tensors[`${name}.${i}`] = x
        })
      else if (name === 'attentions')
        encoded.attentions.forEach((x, i) => {
          tensors[`${name}.${i}`] = x
        })
      else if (Object.hasOwn(outputs, name)) tensors[name] = outputs[name]!
      else
        throw new BertkinError(
          'option-invalid',
          `this model has no output "${name}"; it has ${Object.keys(outputs).join(', ')}`,
        )
    }
    return Object.fromEntries(
      Object.entries(tensors).map(([name, x]) => [name, x.shape[0] === 'tokens' ? tokens.toGrid(x) : x]),
    )
  }

  #spanFeeds(targets: readonly SpanTarget[], cells: Int32Array): Feeds {
    const most = this.config.maxPairTargets
    const stranger = targets.find(({ place }) => !(Number.isInteger(place) && place >= 0 && place < most))
    if (stranger) {
      const message = `place ${stranger.place} in a span is beyond the ${most} tokens that the model predicts of one`
      throw new BertkinError('option-invalid', message)
    }
    const dims = [targets.length]
    const rows = (side: 'left' | 'right') =>
      rowsAt(
        targets.map((target) => [target.sequence, target[side]]),
        cells,
      )
    return {
      leftRows: { data: rows('left'), dims },
      rightRows: { data: rows('right'), dims },
      places: { data: Int32Array.from(targets, ({ place }) => place), dims },
    }
  }

  /** Refuses what would read beyond a table. */
  #check(sequences: readonly Sequence[]): void {
    const { vocabSize, typeVocabSize } = this.config
    const most = maxSequenceLength(this.config)
    sequences.forEach(({ ids, typeIds }, b) => {
      if (ids.length > most) {
        const message = `sequence ${b} has ${ids.length} tokens, the model takes ${most}: truncate it`
        throw new BertkinError('sequence-too-long', message)
      }
      const bad = Array.from(ids).find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabSize))
      if (bad !== undefined) {
        const message = `token id ${bad} in sequence ${b} is outside the vocabulary of ${vocabSize}: is it this model's tokenizer?`
        throw new BertkinError('token-out-of-range', message)
      }
      if (typeIds && Array.from(typeIds).some((id) => !(Number.isInteger(id) && id >= 0 && id < typeVocabSize))) {
        throw new BertkinError(
          'token-out-of-range',
          `sequence ${b} has a token type beyond the model's ${typeVocabSize}`,
        )
      }
    })
  }
}

/** Row numbers of tokens given as [sequence, column]. */
function rowsAt(at: readonly Place[], cells: Int32Array): Int32Array {
  const rowOf = new Map<string, number>()
  for (let row = 0; row * 2 < cells.length; row++) rowOf.set(`${cells[row * 2]},${cells[row * 2 + 1]}`, row)
  return Int32Array.from(at, ([sequence, column]) => {
    const row = rowOf.get(`${sequence},${column}`)
    if (row === undefined) throw new BertkinError('option-invalid', `sequence ${sequence} has no token ${column}`)
    return row
  })
}
