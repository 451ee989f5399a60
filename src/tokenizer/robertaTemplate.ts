// RoBERTa's post-processor: which special tokens stand around its texts, and that the white space which its tokens
// begin with is no part of their offsets. Semantics of the reference library's RobertaProcessing and ByteLevel.
import { asBoolean, type Json, type JsonObject } from './json.js'
import type { Template, TemplatePiece } from './template.js'

/** What a byte-level post-processor does to offsets; names as in tokenizer.json. */
export interface OffsetTrim {
  /** Take the white space at a token's ends out of its offsets. */
  readonly trimOffsets: boolean
  /** A space was put before the text, so the one that the first token begins with is not to be taken out. */
  readonly addPrefixSpace: boolean
}

/** The two settings of RobertaProcessing or ByteLevel; true where they are missing, as in the reference. */
export function trimFromJson(where: string, json: JsonObject): OffsetTrim {
  return {
    trimOffsets: asBoolean(`${where}.trim_offsets`, json.trim_offsets, true),
    addPrefixSpace: asBoolean(`${where}.add_prefix_space`, json.add_prefix_space, true),
  }
}

/** Lets explicit values in tokenizer_config.json win. */
export function trimFromConfig(trim: OffsetTrim, config: JsonObject): OffsetTrim {
  const value = (key: string, fallback: boolean): boolean =>
    config[key] === null ? fallback : asBoolean(`tokenizer_config.json: ${key}`, config[key], fallback)
  return {
    trimOffsets: value('trim_offsets', trim.trimOffsets),
    addPrefixSpace: value('add_prefix_space', trim.addPrefixSpace),
  }
}

/**
 * RoBERTa's template: `<s> A </s>` and `<s> A </s></s> B </s>`, all of type 0.
 *
 * @example
 * robertaTemplate(['<s>', 0], ['</s>', 2], { trimOffsets: true, addPrefixSpace: false })
 */
export function robertaTemplate(
  cls: readonly [token: string, id: number],
  sep: readonly [token: string, id: number],
  trim: OffsetTrim,
): Template {
  const first = { special: cls[0], ids: [cls[1]], typeId: 0 }
  const end = { special: sep[0], ids: [sep[1]], typeId: 0 }
  const single: TemplatePiece[] = [first, { sequence: 0, typeId: 0 }, end]
  return { single, pair: [...single, end, { sequence: 1, typeId: 0 }, end], trim, isRoberta: true }
}

/** The template as tokenizer.json holds it. */
export function robertaTemplateToJson(template: Template, trim: OffsetTrim): Json {
  const [cls, , sep] = template.single.map((piece) => ('ids' in piece ? [piece.special, piece.ids[0] ?? 0] : []))
  return { type: 'RobertaProcessing', sep: sep ?? [], cls: cls ?? [], ...trimToJson(trim) }
}

/** The ByteLevel post-processor as tokenizer.json holds it. */
export function byteLevelTrimToJson(trim: OffsetTrim): Json {
  return { type: 'ByteLevel', ...trimToJson(trim), use_regex: true }
}

function trimToJson({ trimOffsets, addPrefixSpace }: OffsetTrim): { trim_offsets: boolean; add_prefix_space: boolean } {
  return { trim_offsets: trimOffsets, add_prefix_space: addPrefixSpace }
}
