// The whole way from a corpus to a shuffled stream of training blocks, epoch after epoch, with a place to resume from.

import { BertkinError } from '../errors.js'
import type { Corpus, CorpusPosition } from './corpus.js'
import { type HeldOutOptions, splitHeldOut } from './heldOut.js'
import { mix } from './mix.js'
import type { Block, PackerState, Packing } from './packing.js'
import { type ShufflePosition, shuffled } from './shuffle.js'
import type { Group, Source } from './source.js'
import { type EncodeIds, tokenStream } from './tokenStream.js'

export interface BlocksOptions {
  /** Token ids of a line, without special tokens. */
  readonly encodeIds: EncodeIds
  /** How to pack: `packElectra({…})` or `packFullSentences({…})`. */
  readonly pack: Packing
  /** Seed of packing and shuffling; each epoch derives its own; default 0. */
  readonly seed?: number
  /** Blocks per shuffle window; 1 keeps the corpus's order; default 4096 (2.6 MB at 128 tokens a block). */
  readonly shuffleWindow?: number
  /**
   * Epoch e packs the documents as epoch e − copies did and marks the blocks with e mod copies: the data as if it were
   * there so many times, for `staticMasking`. The order of the blocks differs all the same. Default: every epoch packs
   * anew, and blocks have no mark.
   */
  readonly copies?: number
  /** How often to go through the corpus; default Infinity. */
  readonly epochs?: number
  /** Split off a part of the documents (see `splitHeldOut`) and use `part`, default 'train'. */
  readonly heldOut?: HeldOutOptions & { readonly part?: 'train' | 'held-out' }
  /** Where to resume: a position saved from a stream of the same corpus and options. */
  readonly position?: BlocksPosition
}

/** Where a stream of blocks stands; plain JSON. Treat as opaque, except for `epoch` (from 0). */
export interface BlocksPosition {
  readonly epoch: number
  readonly seed: number
  readonly shuffleWindow: number
  readonly copies?: number
  /** Inside the epoch; null: at its beginning. */
  readonly place: ShufflePosition<PackedPosition> | null
}

/** Between two documents: the corpus's place and the packer's state. */
export interface PackedPosition {
  readonly corpus: CorpusPosition
  readonly packer: PackerState
}

/** A stream of blocks. Read it once; to read again, make another. */
export interface BlockStream extends AsyncIterable<Block> {
  /** Right after the last block given. */
  readonly position: BlocksPosition
}

/**
 * Training blocks from a corpus: documents → token ids → packing → windowed shuffle, repeated with other draws each
 * epoch. Memory: one shuffle window and one document, whatever the corpus's size.
 *
 * Resuming is exact: a stream made with `position` gives, bit for bit, the blocks that the stream it was saved from
 * would have given next. It reads and packs the part of one shuffle window again.
 *
 * @returns a stream; reading it throws what the corpus throws, 'text-empty' if an epoch has no block
 * @throws BertkinError 'option-invalid' if an option is out of range or `position` belongs to another seed or window
 * @example
 * const corpus = await textCorpus(['sample/stories.txt'])
 * const tokenizer = await loadTokenizer('models/electra')
 * const pack = packElectra({ maxLength: 128, clsId: 101, sepId: 102 })
 * const stream = blocks(corpus, { encodeIds: (line) => tokenizer.encodeIds(line), pack, seed: 42 })
 * for await (const { ids } of stream) console.log(ids.length, JSON.stringify(stream.position))
 */
export function blocks(corpus: Corpus, options: BlocksOptions): BlockStream {
  const { encodeIds, pack, seed = 0, shuffleWindow = 4096, epochs = Number.POSITIVE_INFINITY, heldOut } = options
  const { copies } = options
  if (copies !== undefined && !(Number.isInteger(copies) && copies >= 1)) {
    throw new BertkinError('option-invalid', `copies must be a positive integer, not ${copies}.`)
  }
  const settings = { seed, shuffleWindow, ...(copies !== undefined && { copies }) }
  let position: BlocksPosition = options.position ?? { epoch: 0, ...settings, place: null }
  checkPosition(position, settings)
  const part = heldOut === undefined ? corpus : splitHeldOut(corpus, heldOut)[partName(heldOut.part)]
  const copyOf = (epoch: number): number | undefined => (copies === undefined ? undefined : epoch % copies)
  const ofEpoch = (epoch: number): Source<Block, ShufflePosition<PackedPosition>> =>
    shuffled(packed(part, encodeIds, pack, mix(seed, copyOf(epoch) ?? epoch, 0)), {
      window: shuffleWindow,
      seed: mix(seed, epoch, 1),
    })
  ofEpoch(0) // checks the options now

  async function* read(): AsyncGenerator<Block> {
    while (position.epoch < epochs) {
      const { epoch } = position
      let empty = position.place === null
      for await (const { items, position: place } of ofEpoch(epoch).read(position.place ?? undefined)) {
        empty = false
        position = { epoch, ...settings, place }
        const copy = copyOf(epoch)
        for (const block of items) yield copy === undefined ? block : { ...block, copy } // one at a time
      }
      if (empty) {
        const what = heldOut?.part === 'held-out' ? 'held-out part' : 'corpus'
        throw new BertkinError('text-empty', `The ${what} has no documents to make blocks of. Give more text.`)
      }
      position = { epoch: epoch + 1, ...settings, place: null }
    }
  }

  const iterator = read()
  return {
    get position() {
      return position
    },
    [Symbol.asyncIterator]: () => iterator,
  }
}

type StreamSettings = Pick<BlocksPosition, 'seed' | 'shuffleWindow' | 'copies'>

function checkPosition(position: StreamSettings, settings: StreamSettings): void {
  const names = { seed: 'seed', shuffleWindow: 'shuffle window', copies: 'number of copies' } as const
  for (const [key, name] of Object.entries(names) as [keyof StreamSettings, string][]) {
    if (position[key] === settings[key]) continue
    const [saved, now] = [position[key] ?? 'none', settings[key] ?? 'none']
    const message = `The saved position is of a stream with ${name} ${saved}, not ${now}.`
    throw new BertkinError('option-invalid', `${message} Resume with the same options, or start anew.`)
  }
}

function partName(part: 'train' | 'held-out' = 'train'): 'train' | 'heldOut' {
  return part === 'train' ? 'train' : 'heldOut'
}

/** The corpus's blocks in order, in groups: a document's. */
function packed(corpus: Corpus, encodeIds: EncodeIds, pack: Packing, seed: number): Source<Block, PackedPosition> {
  return {
    async *read(from?: PackedPosition): AsyncGenerator<Group<Block, PackedPosition>> {
      const packer = from === undefined ? pack.start(seed) : pack.resume(from.packer)
      let corpusPosition = from?.corpus
      for await (const { lines, position } of tokenStream(corpus, encodeIds, corpusPosition)) {
        corpusPosition = position
        yield { items: packer.add(lines), position: { corpus: position, packer: packer.state } }
      }
      const items = packer.finish()
      if (corpusPosition !== undefined && items.length > 0) {
        yield { items, position: { corpus: corpusPosition, packer: packer.state } }
      }
    },
  }
}
