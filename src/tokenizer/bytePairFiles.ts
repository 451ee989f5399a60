// The files of byte-pair tokenizers: the BPE parts of tokenizer.json, and vocab.json with merges.txt, from which
// RoBERTa's tokenizer is put together as transformers does it.
import { type AddedToken, addedTokenFromJson, specialToken } from './addedTokens.js'
import { BytePairDecoder, byteLevelDecoder } from './byteLevelDecoder.js'
import { ByteLevelPreTokenizer } from './byteLevelPreTokenizer.js'
import { BytePair, type Merge, type Merges } from './bytePair.js'
import { TokenizerError } from './error.js'
import { statedToken } from './fileTokens.js'
import {
  asArray,
  asBoolean,
  asIndex,
  asObject,
  asString,
  entriesOf,
  isObject,
  type JsonObject,
  malformed,
  parseObject,
} from './json.js'
import { robertaTemplate, trimFromConfig } from './robertaTemplate.js'
import type { Decoder, Model } from './steps.js'
import type { Template } from './template.js'
import type { SpecialTokens, TokenizerParts } from './tokenizer.js'
import { Vocabulary } from './vocabulary.js'

/** Lines that begin so are no merges. */
const VERSION = '#version'

// ── tokenizer.json ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Reads `model` of type BPE. */
export function bytePairFromJson(where: string, json: JsonObject): BytePair {
  refuseDropout(where, json.dropout)
  const text = (key: string): string | null => {
    const value = json[key] ?? null
    return value === null ? null : asString(`${where}.${key}`, value)
  }
  const flag = (key: string): boolean => asBoolean(`${where}.${key}`, json[key] ?? undefined, false)
  const vocabulary = new Vocabulary(entriesOf(asObject(`${where}.vocab`, json.vocab)), `${where}.vocab`)
  return new BytePair(vocabulary, mergesFromJson(`${where}.merges`, json.merges), {
    unkToken: text('unk_token'),
    continuingSubwordPrefix: text('continuing_subword_prefix'),
    endOfWordSuffix: text('end_of_word_suffix'),
    fuseUnk: flag('fuse_unk'),
    byteFallback: flag('byte_fallback'),
    ignoreMerges: flag('ignore_merges'),
  })
}

/** Dropout gives a text other tokens each time; that is for training, and not built. */
function refuseDropout(where: string, value: unknown): void {
  if (value === undefined || value === null || value === 0) return
  if (typeof value !== 'number') malformed(`${where}.dropout`, 'a number or null', value)
  const message = `${where}.dropout is ${value}, which makes tokens random; only null is supported: set it to null`
  throw new TokenizerError('tokenizer-unsupported', message)
}

/** Pairs as `["a", "b"]`, or as `"a b"` in files from before version 0.20 of the reference library. */
function mergesFromJson(where: string, value: unknown): Merges {
  const merges = asArray(where, value)
  if (merges.every((merge) => typeof merge === 'string')) return mergesFromLines(where, merges)
  return lazily(merges.length, function* () {
    for (const [i, merge] of merges.entries()) {
      const place = (): string => `${where}[${i}]`
      const pair = asArray(place, merge)
      if (pair.length !== 2) malformed(place, 'a pair of tokens', merge)
      yield [asString(place, pair[0]), asString(place, pair[1])]
    }
  })
}

const mergesFromLines = (where: string, lines: readonly string[]): Merges =>
  lazily(lines.length, function* () {
    for (const [i, line] of lines.entries()) {
      if (line.startsWith(VERSION)) continue
      const space = line.indexOf(' ')
      if (space < 0 || line.includes(' ', space + 1)) malformed(`${where}: line ${i + 1}`, '"token token"', line)
      yield [line.slice(0, space), line.slice(space + 1)]
    }
  })

const lazily = (length: number, read: () => Iterator<Merge>): Merges => ({ length, [Symbol.iterator]: read })

/** Reads `pre_tokenizer` of type ByteLevel; an explicit `add_prefix_space` in tokenizer_config.json wins. */
export function byteLevelFromJson(where: string, json: JsonObject, config: JsonObject): ByteLevelPreTokenizer {
  return new ByteLevelPreTokenizer({
    addPrefixSpace: asBoolean(
      'tokenizer_config.json: add_prefix_space',
      config.add_prefix_space ?? undefined,
      asBoolean(`${where}.add_prefix_space`, json.add_prefix_space, true),
    ),
    trimOffsets: asBoolean(`${where}.trim_offsets`, json.trim_offsets, true),
    useRegex: asBoolean(`${where}.use_regex`, json.use_regex, true),
  })
}

/** Lets explicit values in tokenizer_config.json win over the post-processor's. */
export function withConfiguredTrim(template: Template, config: JsonObject): Template {
  const { trim } = template
  return trim === undefined ? template : { ...template, trim: trimFromConfig(trim, config) }
}

/** Reads `decoder` of type ByteLevel or BPEDecoder; undefined for another type. */
export function bytePairDecoderFromJson(where: string, json: JsonObject): Decoder | undefined {
  if (json.type === 'ByteLevel') return byteLevelDecoder
  if (json.type !== 'BPEDecoder') return undefined
  return new BytePairDecoder(json.suffix === undefined ? '</w>' : asString(`${where}.suffix`, json.suffix))
}

// ── vocab.json and merges.txt ───────────────────────────────────────────────────────────────────────────────────────

/** The classes of transformers that put the two files together as RoBERTa's does. */
const LIKE_ROBERTA = /^(Roberta|Bart|Longformer|LED|PreTrainedTokenizer|TokenizersBackend)/

/** Reads the model from the texts of vocab.json and merges.txt. */
export function bytePairFromFiles(vocab: string, merges: string | undefined, config: JsonObject): BytePair {
  const kind = config.tokenizer_class ?? 'RobertaTokenizer'
  if (!LIKE_ROBERTA.test(asString('tokenizer_config.json: tokenizer_class', kind))) {
    const message = `vocab.json and merges.txt are of a ${kind}, and only RoBERTa's are read; save it with a tokenizer.json`
    throw new TokenizerError('tokenizer-unsupported', message)
  }
  if (merges === undefined) {
    throw new TokenizerError('tokenizer-malformed', 'there is a vocab.json but no merges.txt; both are needed')
  }
  const lines = merges.replace(/^\uFEFF/, '').split('\n')
  while (lines.length > 0 && /^\r?$/.test(lines.at(-1)!)) lines.pop()
  const trimmed = lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  const vocabulary = new Vocabulary(entriesOf(parseObject('vocab.json', vocab)), 'vocab.json')
  return new BytePair(vocabulary, mergesFromLines('merges.txt', trimmed), {
    continuingSubwordPrefix: '',
    endOfWordSuffix: '',
  })
}

/** The steps around RoBERTa's model. */
export function robertaSteps(
  specialTokens: SpecialTokens,
  config: JsonObject,
): Pick<TokenizerParts, 'normalizer' | 'preTokenizer' | 'template' | 'decoder'> {
  const { cls, sep } = specialTokens
  if (cls === undefined || sep === undefined) {
    throw new TokenizerError('tokenizer-malformed', 'a RoBERTa tokenizer needs a cls_token and a sep_token')
  }
  const trim = trimFromConfig({ trimOffsets: true, addPrefixSpace: false }, config)
  return {
    normalizer: undefined,
    preTokenizer: new ByteLevelPreTokenizer({
      addPrefixSpace: trim.addPrefixSpace,
      trimOffsets: true,
      useRegex: true,
    }),
    template: robertaTemplate([cls.token, cls.id], [sep.token, sep.id], trim),
    decoder: byteLevelDecoder,
  }
}

/** RoBERTa's special tokens in the order in which transformers gives ids to those that the vocabulary lacks. */
const ROLES: readonly (readonly [role: string, usual: string])[] = [
  ['bos', '<s>'],
  ['eos', '</s>'],
  ['unk', '<unk>'],
  ['sep', '</s>'],
  ['pad', '<pad>'],
  ['cls', '<s>'],
  ['mask', '<mask>'],
]

/** The files that may name special tokens, in the order in which they are asked. */
export interface NamingFiles {
  readonly config: JsonObject
  readonly map: JsonObject
  /** The text of added_tokens.json: an object of tokens and their ids, in folders of transformers before 4.34. */
  readonly added: string | undefined
}

/**
 * Adds what RoBERTa's tokenizer has besides its vocabulary: the tokens of added_tokens.json, the special tokens, and
 * those that the files name besides. What is in `addedTokens` already stays as it is.
 */
export function addRobertaTokens(addedTokens: AddedToken[], model: Model, files: NamingFiles): void {
  const { config, map } = files
  const named = ROLES.map(([role, usual]) => roleToken(role, usual, config, map))
  const further = [...furtherTokens('tokenizer_config.json', config), ...furtherTokens('special_tokens_map.json', map)]
  const special = [...named, ...further]
  addFromJson(addedTokens, files.added, special)
  for (const token of special) {
    if (addedTokens.some((known) => known.content === token.content)) continue
    addedTokens.push({ ...token, id: model.tokenToId(token.content) ?? nextId(addedTokens, model) })
  }
  addedTokens.sort((a, b) => a.id - b.id)
}

function addFromJson(addedTokens: AddedToken[], text: string | undefined, special: readonly AddedToken[]): void {
  if (text === undefined) return
  for (const [content, value] of entriesOf(parseObject('added_tokens.json', text))) {
    const id = asIndex(`added_tokens.json: the id of ${JSON.stringify(content)}`, value)
    if (addedTokens.some((known) => known.content === content)) continue
    const described = special.find((token) => token.content === content)
    addedTokens.push(described ? { ...described, id } : addedTokenFromJson('added_tokens.json', { content }, id))
  }
}

/** A role's token: as the files describe it, or of the usual settings; `<mask>` swallows the space before it. */
function roleToken(role: string, usual: string, config: JsonObject, map: JsonObject): AddedToken {
  const stated = statedToken(config, map, role)
  if (isObject(stated?.value)) return describedToken(stated.where, stated.value)
  return { ...specialToken(stated ? asString(stated.where, stated.value) : usual, 0), lstrip: role === 'mask' }
}

/** `additional_special_tokens`, or as newer files call them `extra_special_tokens`: a list, or an object of names. */
function furtherTokens(file: string, json: JsonObject): AddedToken[] {
  return ['additional_special_tokens', 'extra_special_tokens'].flatMap((key) => {
    const value = json[key] ?? []
    const where = `${file}: ${key}`
    const tokens = isObject(value) ? Object.values(value) : asArray(where, value)
    return tokens.map((token) => (isObject(token) ? describedToken(where, token) : plainToken(where, token)))
  })
}

const plainToken = (where: string, value: unknown): AddedToken =>
  describedToken(where, { content: asString(where, value) })

const describedToken = (where: string, json: JsonObject): AddedToken =>
  addedTokenFromJson(where, { ...json, special: true }, 0)

/** The id that the reference gives to a new token: behind the vocabulary and behind all that were added. */
function nextId(addedTokens: readonly AddedToken[], model: Model): number {
  return addedTokens.reduce((next, token) => Math.max(next, token.id + 1), model.size)
}

// ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Whether transformers' RobertaTokenizer, which makes its steps itself, makes those of `parts`. */
export function isRoberta(parts: TokenizerParts): boolean {
  const { normalizer, preTokenizer, model, template, decoder } = parts
  if (normalizer !== undefined || decoder !== byteLevelDecoder || template.isRoberta !== true) return false
  if (!(model instanceof BytePair) || !(preTokenizer instanceof ByteLevelPreTokenizer)) return false
  const { unkToken, continuingSubwordPrefix, endOfWordSuffix, fuseUnk, byteFallback, ignoreMerges } = model.options
  if (unkToken !== null || continuingSubwordPrefix || endOfWordSuffix || fuseUnk || byteFallback || ignoreMerges) {
    return false
  }
  const { addPrefixSpace, useRegex } = preTokenizer.options
  return useRegex && template.trim?.addPrefixSpace === addPrefixSpace
}

/** What tokenizer_config.json says of such a tokenizer. */
export function robertaConfig({ template }: TokenizerParts): { [key: string]: string | boolean } {
  const { trimOffsets = true, addPrefixSpace = false } = template.trim ?? {}
  return { tokenizer_class: 'RobertaTokenizer', add_prefix_space: addPrefixSpace, trim_offsets: trimOffsets }
}

/** vocab.json and merges.txt, if they can hold the merges: no spaces or line breaks in tokens. */
export function bytePairFiles(model: Model): { [name: string]: string } {
  if (!(model instanceof BytePair)) return {}
  let merges = `${VERSION}: 0.2\n`
  for (const [first, second] of model.mergedPairs()) {
    const line = `${first} ${second}`
    if (/[\r\n]| .* /.test(line) || line.startsWith(VERSION)) return {}
    merges += `${line}\n`
  }
  return { 'vocab.json': `${JSON.stringify(model.vocabulary.toJson())}\n`, 'merges.txt': merges }
}
