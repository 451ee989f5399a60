// The post-processor: puts the special tokens around one sequence or two and says which type id each part has.
// Semantics of the reference library's TemplateProcessing.
import { TokenizerError } from './error.js'
import { asArray, asIndex, asObject, asString, type Json, malformed } from './json.js'
import {
  byteLevelTrimToJson,
  type OffsetTrim,
  robertaTemplate,
  robertaTemplateToJson,
  trimFromJson,
} from './robertaTemplate.js'

/** A part of a template: one of the two sequences, or special tokens. */
export type TemplatePiece =
  | { readonly sequence: 0 | 1; readonly typeId: number }
  | { readonly special: string; readonly ids: readonly number[]; readonly typeId: number }

/** What stands around one sequence, and around two. */
export interface Template {
  readonly single: readonly TemplatePiece[]
  readonly pair: readonly TemplatePiece[]
  /** What happens to offsets, in tokenizers whose tokens hold the white space before a word. */
  readonly trim?: OffsetTrim
  /** Whether it is RobertaProcessing. */
  readonly isRoberta?: boolean
}

/** The template of a tokenizer without post-processor: nothing is added, the second sequence has type 1. */
export const BARE_TEMPLATE: Template = {
  single: [{ sequence: 0, typeId: 0 }],
  pair: [
    { sequence: 0, typeId: 0 },
    { sequence: 1, typeId: 1 },
  ],
}

/**
 * BERT's template: `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`, the second sequence and its `[SEP]` with type 1.
 *
 * @example
 * bertTemplate(['[CLS]', 101], ['[SEP]', 102])
 */
export function bertTemplate(
  cls: readonly [token: string, id: number],
  sep: readonly [token: string, id: number],
): Template {
  const first = { special: cls[0], ids: [cls[1]], typeId: 0 }
  const end = (typeId: number): TemplatePiece => ({ special: sep[0], ids: [sep[1]], typeId })
  const single: TemplatePiece[] = [first, { sequence: 0, typeId: 0 }, end(0)]
  return { single, pair: [...single, { sequence: 1, typeId: 1 }, end(1)] }
}

/** How many special tokens a template adds. */
export function addedCount(pieces: readonly TemplatePiece[]): number {
  return pieces.reduce((sum, piece) => sum + ('ids' in piece ? piece.ids.length : 0), 0)
}

/**
 * Reads `post_processor`: TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel, a Sequence of ByteLevel and
 * one of the others, or null.
 * Throws `tokenizer-malformed`, or `tokenizer-unsupported` for another type.
 */
export function templateFromJson(where: string, value: unknown): Template {
  if (value === undefined || value === null) return BARE_TEMPLATE
  const json = asObject(where, value)
  const type = asString(`${where}.type`, json.type)
  if (type === 'BertProcessing') {
    return bertTemplate(tokenAndId(`${where}.cls`, json.cls), tokenAndId(`${where}.sep`, json.sep))
  }
  if (type === 'RobertaProcessing') {
    const [cls, sep] = [tokenAndId(`${where}.cls`, json.cls), tokenAndId(`${where}.sep`, json.sep)]
    return robertaTemplate(cls, sep, trimFromJson(where, json))
  }
  if (type === 'ByteLevel') return { ...BARE_TEMPLATE, trim: trimFromJson(where, json) }
  if (type === 'Sequence') return sequenceFromJson(where, json)
  if (type !== 'TemplateProcessing') {
    throw new TokenizerError(
      'tokenizer-unsupported',
      `${where}.type is ${JSON.stringify(type)}; supported are TemplateProcessing, BertProcessing, RobertaProcessing and ByteLevel`,
    )
  }
  const specials = asObject(`${where}.special_tokens`, json.special_tokens ?? {})
  const pieces = (key: 'single' | 'pair'): TemplatePiece[] =>
    asArray(`${where}.${key}`, json[key]).map((piece, i) => pieceFromJson(`${where}.${key}[${i}]`, piece, specials))
  const template = { single: pieces('single'), pair: pieces('pair') }
  const uses = (list: TemplatePiece[], sequence: number): number =>
    list.filter((piece) => 'sequence' in piece && piece.sequence === sequence).length
  if (uses(template.single, 0) !== 1 || uses(template.single, 1) !== 0) {
    malformed(`${where}.single`, 'a template with sequence A once and no B', json.single)
  }
  if (uses(template.pair, 0) !== 1 || uses(template.pair, 1) !== 1) {
    malformed(`${where}.pair`, 'a template with sequences A and B once each', json.pair)
  }
  return template
}

/** ByteLevel, which is for offsets only, and then what puts the special tokens there. */
function sequenceFromJson(where: string, json: { readonly [key: string]: unknown }): Template {
  const steps = asArray(`${where}.processors`, json.processors).map((step, i) =>
    templateFromJson(`${where}.processors[${i}]`, step),
  )
  const [first = BARE_TEMPLATE, second, ...more] = steps
  if (second === undefined) return first
  if (first.trim === undefined || first.isRoberta === true || second.trim !== undefined || more.length > 0) {
    throw new TokenizerError(
      'tokenizer-unsupported',
      `${where} is a Sequence; supported is one of ByteLevel and then TemplateProcessing or BertProcessing`,
    )
  }
  return { ...second, trim: first.trim }
}

function tokenAndId(where: string, value: unknown): [string, number] {
  const pair = asArray(where, value)
  return [asString(`${where}[0]`, pair[0]), asIndex(`${where}[1]`, pair[1])]
}

function pieceFromJson(where: string, value: unknown, specials: { readonly [key: string]: unknown }): TemplatePiece {
  const json = asObject(where, value)
  if (json.Sequence !== undefined) {
    const piece = asObject(`${where}.Sequence`, json.Sequence)
    const id = piece.id
    if (id !== 'A' && id !== 'B') malformed(`${where}.Sequence.id`, '"A" or "B"', id)
    return { sequence: id === 'A' ? 0 : 1, typeId: asIndex(`${where}.Sequence.type_id`, piece.type_id) }
  }
  const piece = asObject(`${where}.SpecialToken`, json.SpecialToken)
  const special = asString(`${where}.SpecialToken.id`, piece.id)
  const entry = Object.hasOwn(specials, special) ? specials[special] : undefined
  const ids = asArray(
    `special_tokens[${JSON.stringify(special)}].ids`,
    asObject(`special_tokens[${JSON.stringify(special)}]`, entry).ids,
  )
  return {
    special,
    ids: ids.map((id, i) => asIndex(`special_tokens[${JSON.stringify(special)}].ids[${i}]`, id)),
    typeId: asIndex(`${where}.SpecialToken.type_id`, piece.type_id),
  }
}

/** The template as tokenizer.json holds it; `tokenOf` gives an id's token. */
export function templateToJson(template: Template, tokenOf: (id: number) => string | undefined): Json {
  const { trim } = template
  if (trim !== undefined) {
    if (template.isRoberta === true) return robertaTemplateToJson(template, trim)
    const byteLevel = byteLevelTrimToJson(trim)
    if (template.pair === BARE_TEMPLATE.pair) return byteLevel
    return { type: 'Sequence', processors: [byteLevel, piecesToJson(template, tokenOf)] }
  }
  return template === BARE_TEMPLATE ? null : piecesToJson(template, tokenOf)
}

function piecesToJson(template: Template, tokenOf: (id: number) => string | undefined): Json {
  const specials: Record<string, Json> = Object.create(null)
  const piece = (part: TemplatePiece): Json => {
    if ('sequence' in part) return { Sequence: { id: part.sequence === 0 ? 'A' : 'B', type_id: part.typeId } }
    specials[part.special] = {
      id: part.special,
      ids: part.ids,
      tokens: part.ids.map((id) => tokenOf(id) ?? part.special),
    }
    return { SpecialToken: { id: part.special, type_id: part.typeId } }
  }
  const single = template.single.map(piece)
  const pair = template.pair.map(piece)
  return { type: 'TemplateProcessing', single, pair, special_tokens: specials }
}
