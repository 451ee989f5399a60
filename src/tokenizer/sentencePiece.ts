// SentencePiece's own file (spiece.model): a protocol buffer `ModelProto` with the pieces, what the trainer was told and
// how text is normalised. Read here: what is needed to cut text as ALBERT does.
import { TokenizerError } from './error.js'
import { malformed } from './json.js'
import { type ProtoField, protoFields } from './protobuf.js'

/** What a piece is; the numbers are the file's. */
export const PIECE_TYPE = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const

/** A token of the model. */
export interface SentencePiece {
  readonly piece: string
  readonly score: number
  /** One of {@link PIECE_TYPE}. */
  readonly type: number
}

/** What a spiece.model says. */
export interface SentencePieceModel {
  readonly pieces: readonly SentencePiece[]
  /** The id for what no piece covers. */
  readonly unkId: number
  readonly byteFallback: boolean
  /** The table of replacements; empty if there is none. */
  readonly charsmap: Uint8Array
}

const ALGORITHMS: readonly string[] = ['', 'Unigram', 'BPE', 'words', 'characters']

/** Reads a Unigram spiece.model. Throws `tokenizer-malformed`, or `tokenizer-unsupported` for another algorithm. */
export function readSentencePiece(file: string, bytes: Uint8Array): SentencePieceModel {
  const pieces: SentencePiece[] = []
  let algorithm = 1
  let unkId = 0
  let byteFallback = false
  let charsmap = new Uint8Array(0)
  for (const field of protoFields(file, bytes)) {
    if (field.number === 1) pieces.push(readPiece(`${file}: piece ${pieces.length}`, inner(file, field)))
    else if (field.number === 2) {
      for (const setting of protoFields(`${file}: trainer_spec`, inner(file, field))) {
        if (setting.int === undefined) continue
        if (setting.number === 3) algorithm = setting.int
        else if (setting.number === 35) byteFallback = setting.int !== 0
        else if (setting.number === 40) unkId = setting.int
      }
    } else if (field.number === 3) {
      for (const setting of protoFields(`${file}: normalizer_spec`, inner(file, field))) {
        if (setting.number === 2 && setting.bytes !== undefined) charsmap = setting.bytes.slice()
      }
    }
  }
  if (algorithm !== 1) {
    throw new TokenizerError(
      'tokenizer-unsupported',
      `${file} holds a model of type ${ALGORITHMS[algorithm] ?? algorithm}; supported: Unigram`,
    )
  }
  if (pieces.length === 0) malformed(`${file}: pieces`, 'a list of at least one piece', [])
  if (unkId < 0 || unkId >= pieces.length) malformed(`${file}: unk_id`, `an id below ${pieces.length}`, unkId)
  return { pieces, unkId, byteFallback, charsmap }
}

function readPiece(where: string, bytes: Uint8Array): SentencePiece {
  let piece: string | undefined
  let score = 0
  let type: number = PIECE_TYPE.normal
  for (const field of protoFields(where, bytes)) {
    if (field.number === 1) piece = text(where, inner(where, field))
    else if (field.number === 2) score = field.float ?? malformed(`${where}.score`, 'a float', field.int)
    else if (field.number === 3) type = field.int ?? type
  }
  if (piece === undefined || piece === '') malformed(where, 'a text of at least one character', piece)
  if (!Number.isFinite(score)) malformed(`${where}.score`, 'a finite number', String(score))
  return { piece, score, type }
}

function inner(where: string, field: ProtoField): Uint8Array {
  return field.bytes ?? malformed(`${where}: field ${field.number}`, 'a message or text', field.int ?? field.float)
}

function text(where: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return malformed(where, 'UTF-8', 'something else')
  }
}
