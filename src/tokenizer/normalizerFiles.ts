// Reads the normalizers of tokenizer.json that are made of steps, and lets tokenizer_config.json have its say.
import { Charsmap, fromBase64 } from './charsmap.js'
import { TokenizerError } from './error.js'
import { asArray, asBoolean, asObject, asString, type JsonObject, malformed } from './json.js'
import { StepNormalizer } from './normalizerSequence.js'
import {
  lowercase,
  type NormalizerStep,
  nmt,
  normalForm,
  precompiled,
  prepend,
  replace,
  strip,
  stripAccents,
  wrapped,
} from './normalizerSteps.js'
import { patternFromJson } from './pattern.js'
import type { Normalizer } from './steps.js'

/** Sequences within sequences; nobody needs more than two. */
const DEEPEST = 4
const SUPPORTED =
  'BertNormalizer, Sequence, NFC, NFD, NFKC, NFKD, StripAccents, Lowercase, Nmt, Strip, Prepend, Replace, Precompiled'

/**
 * Reads any normalizer but null. `readBert` reads a `BertNormalizer`, alone or in a sequence.
 * Throws `tokenizer-malformed`, or `tokenizer-unsupported` for another type.
 */
export function normalizerFrom(
  where: string,
  json: JsonObject,
  readBert: (where: string, json: JsonObject) => Normalizer,
): Normalizer {
  if (json.type === 'BertNormalizer') return readBert(where, json)
  return new StepNormalizer(stepsFrom(where, json, readBert, 0), json.type === 'Sequence')
}

function stepsFrom(
  where: string,
  json: JsonObject,
  readBert: (where: string, json: JsonObject) => Normalizer,
  depth: number,
): NormalizerStep[] {
  if (depth > DEEPEST) malformed(where, `a sequence in at most ${DEEPEST} others`, 'more')
  switch (json.type) {
    case 'Sequence':
      return asArray(`${where}.normalizers`, json.normalizers).flatMap((step, i) => {
        const place = `${where}.normalizers[${i}]`
        return stepsFrom(place, asObject(place, step), readBert, depth + 1)
      })
    case 'BertNormalizer':
      return [wrapped(readBert(where, json))]
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return [normalForm(json.type)]
    case 'StripAccents':
      return [stripAccents]
    case 'Lowercase':
      return [lowercase]
    case 'Nmt':
      return [nmt]
    case 'Strip':
      return [stripFrom(where, json)]
    case 'Prepend':
      return [prepend(asString(`${where}.prepend`, json.prepend))]
    case 'Replace':
      return [replace(patternFromJson(`${where}.pattern`, json.pattern), asString(`${where}.content`, json.content))]
    case 'Precompiled':
      return [charsmapStep(`${where}.precompiled_charsmap`, json.precompiled_charsmap)]
  }
  throw new TokenizerError(
    'tokenizer-unsupported',
    `${where}.type is ${JSON.stringify(json.type) ?? 'missing'}; supported: ${SUPPORTED}`,
  )
}

function stripFrom(where: string, json: JsonObject): NormalizerStep {
  const side = (key: string): boolean => {
    if (json[key] === undefined) malformed(`${where}.${key}`, 'true or false', undefined)
    return asBoolean(`${where}.${key}`, json[key], false)
  }
  return strip(side('strip_left'), side('strip_right'))
}

function charsmapStep(where: string, value: unknown): NormalizerStep {
  const base64 = asString(where, value)
  const bytes = fromBase64(base64) ?? malformed(where, 'base64', base64)
  return precompiled(new Charsmap(bytes), base64)
}

const typeOf = (step: NormalizerStep): unknown => (step.toJson() as { readonly type?: unknown }).type

/**
 * A Unigram tokenizer's normalizer with the explicit values of tokenizer_config.json: `do_lower_case` puts the
 * lower-casing in or takes it out, `keep_accents` takes out the dropping of accents or puts it in.
 */
export function withConfig(normalizer: Normalizer | undefined, config: JsonObject): Normalizer | undefined {
  if (!(normalizer instanceof StepNormalizer)) return normalizer
  const where = 'tokenizer_config.json: '
  const given = normalizer.steps
  let steps: readonly NormalizerStep[] = given
  const has = (...types: string[]): boolean => steps.some((step) => types.includes(String(typeOf(step))))
  const without = (...types: string[]): NormalizerStep[] =>
    steps.filter((step) => !types.includes(String(typeOf(step))))
  const withBefore = (added: readonly NormalizerStep[], ...types: string[]): NormalizerStep[] => {
    const index = steps.findIndex((step) => types.includes(String(typeOf(step))))
    return index < 0 ? [...steps, ...added] : [...steps.slice(0, index), ...added, ...steps.slice(index)]
  }
  const keep = config.keep_accents ?? undefined
  if (keep !== undefined) {
    if (asBoolean(`${where}keep_accents`, keep, false)) steps = without('NFKD', 'StripAccents')
    else if (!has('StripAccents')) steps = withBefore([normalForm('NFKD'), stripAccents], 'Lowercase', 'Precompiled')
  }
  const lower = config.do_lower_case ?? undefined
  if (lower !== undefined) {
    if (!asBoolean(`${where}do_lower_case`, lower, true)) steps = without('Lowercase')
    else if (!has('Lowercase')) steps = withBefore([lowercase], 'Precompiled')
  }
  return steps === given ? normalizer : new StepNormalizer(steps, true)
}

/**
 * The settings from which transformers' AlbertTokenizer builds its normalizer, whatever tokenizer.json says; none where no
 * setting gives this normalizer. The opposite of {@link withConfig}.
 */
export function albertSettings(normalizer: Normalizer | undefined): Record<string, boolean> {
  if (!(normalizer instanceof StepNormalizer)) return {}
  const has = (type: string): boolean => normalizer.steps.some((step) => typeOf(step) === type)
  if (has('NFKD') !== has('StripAccents')) return {}
  return { do_lower_case: has('Lowercase'), keep_accents: !has('StripAccents') }
}
