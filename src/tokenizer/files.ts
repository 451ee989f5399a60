// Tokenizer files: tokenizer.json, vocab.txt, spiece.model, tokenizer_config.json, special_tokens_map.json, read and
// written as transformers and the reference library do. What is particular to Unigram is in unigramFiles.ts, to byte-pair
// encoding in bytePairFiles.ts.
import {
  type AddedToken,
  addedTokenFromJson,
  addedTokensFromJson,
  addedTokenToJson,
  specialToken,
} from './addedTokens.js'
import { BertNormalizer, type BertNormalizerOptions } from './bertNormalizer.js'
import { BertPreTokenizer } from './bertPreTokenizer.js'
import {
  addRobertaTokens,
  byteLevelFromJson,
  bytePairDecoderFromJson,
  bytePairFiles,
  bytePairFromFiles,
  bytePairFromJson,
  isRoberta,
  robertaConfig,
  robertaSteps,
  withConfiguredTrim,
} from './bytePairFiles.js'
import { TokenizerError } from './error.js'
import {
  asBoolean,
  asIndex,
  asObject,
  asString,
  isObject,
  type Json,
  type JsonObject,
  malformed,
  parseObject,
} from './json.js'
import { metaspaceFromJson } from './metaspace.js'
import { albertSettings, normalizerFrom, withConfig } from './normalizerFiles.js'
import type { Decoder, Model, Normalizer, PreTokenizer } from './steps.js'
import { BARE_TEMPLATE, bertTemplate, templateFromJson, templateToJson } from './template.js'
import type { SpecialRole, SpecialToken, SpecialTokens, TokenizerParts } from './tokenizer.js'
import { Unigram } from './unigram.js'
import { spacePreTokenizerFromJson, stepsFromSentencePiece, unigramFromJson } from './unigramFiles.js'
import { Vocabulary } from './vocabulary.js'
import { WordPiece } from './wordPiece.js'
import { plainDecoder, WordPieceDecoder } from './wordPieceDecoder.js'

/** The contents of a tokenizer's files, by name: texts or bytes; missing ones undefined or left out. */
export type TokenizerFiles = { readonly [name: string]: string | Uint8Array | undefined }

const ROLES: readonly SpecialRole[] = ['cls', 'sep', 'pad', 'unk', 'mask']
/** What the roles' tokens are called where no file says so. */
const USUAL_NAMES: { readonly [role in SpecialRole]: readonly string[] } = {
  cls: ['[CLS]', '<s>'],
  sep: ['[SEP]', '</s>'],
  pad: ['[PAD]', '<pad>'],
  unk: ['[UNK]', '<unk>'],
  mask: ['[MASK]', '<mask>'],
}

/** Reads a tokenizer's files; {@link Tokenizer.fromFiles} says which and how they are weighed. */
export function readFiles(files: TokenizerFiles): TokenizerParts {
  const texts = textsOf(files)
  const parse = (name: string): JsonObject => (texts[name] === undefined ? {} : parseObject(name, texts[name]))
  const config = parse('tokenizer_config.json')
  const map = parse('special_tokens_map.json')
  if (texts['tokenizer.json'] !== undefined) return fromTokenizerJson(parse('tokenizer.json'), config, map)
  if (texts['vocab.txt'] !== undefined) return fromVocabulary(texts['vocab.txt'], config, map)
  if (texts['vocab.json'] !== undefined) return fromVocabularyAndMerges(texts['vocab.json'], texts, config, map)
  const sentencePiece = files[SENTENCE_PIECE]
  if (sentencePiece !== undefined) return fromSentencePiece(sentencePiece, config, map)
  throw new TokenizerError(
    'tokenizer-malformed',
    'no tokenizer.json, vocab.txt, vocab.json or spiece.model among the files; one of them must be there',
  )
}

const SENTENCE_PIECE = 'spiece.model'

type Texts = { readonly [name: string]: string | undefined }

/** The files that are texts. */
function textsOf(files: TokenizerFiles): Texts {
  const texts: Record<string, string> = {}
  for (const [name, content] of Object.entries(files)) {
    if (typeof content === 'string') texts[name] = content
    else if (content !== undefined && name !== SENTENCE_PIECE) texts[name] = utf8Text(name, content)
  }
  return texts
}

function utf8Text(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new TokenizerError('tokenizer-malformed', `${name} is not UTF-8; download or save it again`, { cause })
  }
}

function fromSentencePiece(content: string | Uint8Array, config: JsonObject, map: JsonObject): TokenizerParts {
  if (typeof content === 'string') malformed(SENTENCE_PIECE, 'given as bytes: it is no text', content)
  const steps = stepsFromSentencePiece(SENTENCE_PIECE, content, config)
  const addedTokens: AddedToken[] = []
  addDecoderTokens(addedTokens, config)
  const specialTokens = findSpecialTokens(steps.model, addedTokens, config, map)
  for (const role of ROLES) {
    const special = specialTokens[role]
    if (special === undefined || addedTokens.some((token) => token.content === special.token)) continue
    addedTokens.push(describedToken(role, special, config, map))
  }
  checkAddedTokens(addedTokens, steps.model)
  const { cls, sep } = specialTokens
  return {
    ...steps,
    template: cls && sep ? bertTemplate([cls.token, cls.id], [sep.token, sep.id]) : BARE_TEMPLATE,
    addedTokens: addedTokens.sort((a, b) => a.id - b.id),
    specialTokens,
    modelMaxLength: maxLength(config),
  }
}

/** A role's token as the files describe it; ALBERT's [MASK] swallows the space before it unless they say otherwise. */
function describedToken(role: SpecialRole, special: SpecialToken, config: JsonObject, map: JsonObject): AddedToken {
  for (const [file, json] of [['tokenizer_config.json', config] as const, ['special_tokens_map.json', map] as const]) {
    const value = json[`${role}_token`]
    if (value === undefined || value === null) continue
    if (!isObject(value)) break
    return addedTokenFromJson(`${file}: ${role}_token`, { ...value, special: true }, special.id)
  }
  return { ...specialToken(special.token, special.id), lstrip: role === 'mask' }
}

function fromTokenizerJson(json: JsonObject, config: JsonObject, map: JsonObject): TokenizerParts {
  const model = modelFromJson(json.model)
  const addedTokens = addedTokensFromJson('tokenizer.json: added_tokens', json.added_tokens)
  addDecoderTokens(addedTokens, config)
  checkAddedTokens(addedTokens, model)
  return {
    normalizer: normalizerFromJson(json.normalizer, config, model instanceof Unigram),
    preTokenizer: preTokenizerFromJson(json.pre_tokenizer, config),
    model,
    template: withConfiguredTrim(templateFromJson('tokenizer.json: post_processor', json.post_processor), config),
    decoder: decoderFromJson(json.decoder),
    addedTokens,
    specialTokens: findSpecialTokens(model, addedTokens, config, map),
    modelMaxLength: maxLength(config),
  }
}

function fromVocabulary(text: string, config: JsonObject, map: JsonObject): TokenizerParts {
  const unkToken = namedToken(config, map, 'unk') ?? '[UNK]'
  const model = new WordPiece(new Vocabulary(vocabularyLines(text), 'vocab.txt'), { unkToken })
  const addedTokens: AddedToken[] = []
  addDecoderTokens(addedTokens, config)
  const specialTokens = findSpecialTokens(model, addedTokens, config, map)
  for (const role of ROLES) {
    const special = specialTokens[role]
    if (special === undefined || addedTokens.some((token) => token.content === special.token)) continue
    addedTokens.push(specialToken(special.token, special.id))
  }
  checkAddedTokens(addedTokens, model)
  const { cls, sep } = specialTokens
  return {
    normalizer: new BertNormalizer(overridden(BERT_DEFAULTS, config)),
    preTokenizer: new BertPreTokenizer(),
    model,
    template: cls && sep ? bertTemplate([cls.token, cls.id], [sep.token, sep.id]) : BARE_TEMPLATE,
    decoder: new WordPieceDecoder(),
    addedTokens: addedTokens.sort((a, b) => a.id - b.id),
    specialTokens,
    modelMaxLength: maxLength(config),
  }
}

function fromVocabularyAndMerges(vocab: string, files: Texts, config: JsonObject, map: JsonObject): TokenizerParts {
  const model = bytePairFromFiles(vocab, files['merges.txt'], config)
  const addedTokens: AddedToken[] = []
  addDecoderTokens(addedTokens, config)
  addRobertaTokens(addedTokens, model, { config, map, added: files['added_tokens.json'] })
  checkAddedTokens(addedTokens, model)
  const specialTokens = findSpecialTokens(model, addedTokens, config, map)
  return {
    ...robertaSteps(specialTokens, config),
    model,
    addedTokens,
    specialTokens,
    modelMaxLength: maxLength(config),
  }
}

const BERT_DEFAULTS: BertNormalizerOptions = {
  cleanText: true,
  handleChineseChars: true,
  stripAccents: null,
  lowercase: true,
}

/** One token a line, the line's number its id; if a token stands twice, the later line counts, as in transformers. */
function vocabularyLines(text: string): Map<string, number> {
  const lines = text.replace(/^\uFEFF/, '').split('\n')
  if (lines.at(-1) === '') lines.pop()
  return new Map(lines.map((line, id) => [line.endsWith('\r') ? line.slice(0, -1) : line, id]))
}

/** Lets explicit values in tokenizer_config.json win. */
function overridden(options: BertNormalizerOptions, config: JsonObject): BertNormalizerOptions {
  const where = 'tokenizer_config.json: '
  const accents = config.strip_accents
  return {
    cleanText: options.cleanText,
    handleChineseChars: asBoolean(
      `${where}tokenize_chinese_chars`,
      config.tokenize_chinese_chars,
      options.handleChineseChars,
    ),
    stripAccents: accents === null ? null : readAccents(`${where}strip_accents`, accents, options.stripAccents),
    lowercase: asBoolean(`${where}do_lower_case`, config.do_lower_case, options.lowercase),
  }
}

function readAccents(where: string, value: unknown, fallback: boolean | null): boolean | null {
  return value === undefined || value === null ? fallback : asBoolean(where, value, false)
}

function unsupported(where: string, type: unknown, supported: string): never {
  throw new TokenizerError(
    'tokenizer-unsupported',
    `tokenizer.json: ${where}.type is ${JSON.stringify(type) ?? 'missing'}; supported: ${supported}`,
  )
}

function modelFromJson(value: unknown): Model {
  const json = asObject('tokenizer.json: model', value)
  const untyped = json.continuing_subword_prefix === undefined ? undefined : 'WordPiece'
  const type = json.type ?? (json.merges === undefined ? untyped : 'BPE')
  if (type === 'BPE') return bytePairFromJson('tokenizer.json: model', json)
  if (type === 'Unigram') return unigramFromJson('tokenizer.json: model', json)
  if (type !== 'WordPiece') unsupported('model', type, 'WordPiece, BPE, Unigram')
  const where = 'tokenizer.json: model.'
  const vocab = asObject(`${where}vocab`, json.vocab)
  const optional = <T>(key: string, read: (where: string, value: unknown) => T, fallback: T): T =>
    json[key] === undefined ? fallback : read(where + key, json[key])
  return new WordPiece(new Vocabulary(Object.entries(vocab), `${where}vocab`), {
    unkToken: optional('unk_token', asString, '[UNK]'),
    continuingSubwordPrefix: optional('continuing_subword_prefix', asString, '##'),
    maxInputCharsPerWord: optional('max_input_chars_per_word', asIndex, 100),
  })
}

function normalizerFromJson(value: unknown, config: JsonObject, isUnigram: boolean): Normalizer | undefined {
  if (value === undefined || value === null) return undefined
  const where = 'tokenizer.json: normalizer'
  const normalizer = normalizerFrom(where, asObject(where, value), (place, json) => bertNormalizer(place, json, config))
  return isUnigram ? withConfig(normalizer, config) : normalizer
}

function bertNormalizer(where: string, json: JsonObject, config: JsonObject): BertNormalizer {
  const options = {
    cleanText: asBoolean(`${where}.clean_text`, json.clean_text, true),
    handleChineseChars: asBoolean(`${where}.handle_chinese_chars`, json.handle_chinese_chars, true),
    stripAccents: readAccents(`${where}.strip_accents`, json.strip_accents, null),
    lowercase: asBoolean(`${where}.lowercase`, json.lowercase, true),
  }
  return new BertNormalizer(overridden(options, config))
}

const PRE_TOKENIZERS = 'BertPreTokenizer, ByteLevel, WhitespaceSplit, Whitespace, Metaspace, Sequence'

function preTokenizerFromJson(value: unknown, config: JsonObject): PreTokenizer | undefined {
  if (value === undefined || value === null) return undefined
  const read = (where: string, json: JsonObject, depth: number): PreTokenizer => {
    if (json.type === 'BertPreTokenizer') return new BertPreTokenizer()
    if (json.type === 'ByteLevel') return byteLevelFromJson(where, json, config)
    return (
      spacePreTokenizerFromJson(where, json, read, depth) ?? unsupported('pre_tokenizer', json.type, PRE_TOKENIZERS)
    )
  }
  return read('tokenizer.json: pre_tokenizer', asObject('tokenizer.json: pre_tokenizer', value), 0)
}

function decoderFromJson(value: unknown): Decoder {
  if (value === undefined || value === null) return plainDecoder
  const where = 'tokenizer.json: decoder'
  const json = asObject(where, value)
  const bytePair = bytePairDecoderFromJson(where, json)
  if (bytePair !== undefined) return bytePair
  if (json.type === 'Metaspace') return metaspaceFromJson(where, json)
  if (json.type !== 'WordPiece') unsupported('decoder', json.type, 'WordPiece, ByteLevel, BPEDecoder, Metaspace')
  return new WordPieceDecoder(
    json.prefix === undefined ? '##' : asString(`${where}.prefix`, json.prefix),
    asBoolean(`${where}.cleanup`, json.cleanup, true),
  )
}

/** Adds what only `added_tokens_decoder` lists: files without tokenizer.json keep their added tokens there. */
function addDecoderTokens(addedTokens: AddedToken[], config: JsonObject): void {
  const where = 'tokenizer_config.json: added_tokens_decoder'
  if (config.added_tokens_decoder === undefined || config.added_tokens_decoder === null) return
  for (const [key, value] of Object.entries(asObject(where, config.added_tokens_decoder))) {
    const id = asIndex(`${where}: the id ${JSON.stringify(key)}`, Number(key))
    const token = addedTokenFromJson(`${where}[${key}]`, value, id)
    if (!addedTokens.some((known) => known.content === token.content)) addedTokens.push(token)
  }
}

function checkAddedTokens(addedTokens: readonly AddedToken[], model: Model): void {
  const byId = new Map<number, string>()
  for (const { id, content } of addedTokens) {
    const other = byId.get(id) ?? model.idToToken(id)
    if (other !== undefined && other !== content) {
      throw new TokenizerError(
        'tokenizer-malformed',
        `the id ${id} of the added token ${JSON.stringify(content)} is also that of ${JSON.stringify(other)}; each needs its own`,
      )
    }
    byId.set(id, content)
  }
}

/** The name a file gives to a role: a string, or an object with the string as `content`. */
function namedToken(config: JsonObject, map: JsonObject, role: SpecialRole): string | undefined {
  for (const [file, json] of [['tokenizer_config.json', config] as const, ['special_tokens_map.json', map] as const]) {
    const value = json[`${role}_token`]
    if (value === undefined || value === null) continue
    return asString(`${file}: ${role}_token`, isObject(value) ? value.content : value)
  }
  return undefined
}

function findSpecialTokens(
  model: Model,
  addedTokens: readonly AddedToken[],
  config: JsonObject,
  map: JsonObject,
): SpecialTokens {
  const find = (token: string): SpecialToken | undefined => {
    const id = addedTokens.find((added) => added.content === token)?.id ?? model.tokenToId(token)
    return id === undefined ? undefined : { token, id }
  }
  const role = (name: SpecialRole): SpecialToken | undefined => {
    const named = namedToken(config, map, name)
    if (named !== undefined) return find(named)
    for (const usual of USUAL_NAMES[name]) {
      const found = find(usual)
      if (found !== undefined) return found
    }
    return undefined
  }
  return { cls: role('cls'), sep: role('sep'), pad: role('pad'), unk: role('unk'), mask: role('mask') }
}

/** transformers writes 1e30 where there is no limit. */
function maxLength(config: JsonObject): number | undefined {
  const value = config.model_max_length
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !(value > 0)) {
    malformed('tokenizer_config.json: model_max_length', 'a number above 0', value)
  }
  return value < 1e12 ? Math.floor(value) : undefined
}

/** Writes what {@link readFiles} reads. */
export function writeFiles(parts: TokenizerParts): Record<string, string> {
  const { normalizer, preTokenizer, model, template, decoder, addedTokens, specialTokens } = parts
  const tokenOf = (id: number): string | undefined =>
    addedTokens.find((token) => token.id === id)?.content ?? model.idToToken(id)
  const json: Json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [...addedTokens].sort((a, b) => a.id - b.id).map(addedTokenToJson),
    normalizer: normalizer?.toJson() ?? null,
    pre_tokenizer: preTokenizer?.toJson() ?? null,
    post_processor: templateToJson(template, tokenOf),
    decoder: decoder.toJson(),
    model: model.toJson(),
  }
  const roles: Record<string, string> = {}
  for (const role of ROLES) {
    const special = specialTokens[role]
    if (special !== undefined) roles[`${role}_token`] = special.token
  }
  const files: Record<string, string> = {
    'tokenizer.json': `${JSON.stringify(json, null, 2)}\n`,
    'tokenizer_config.json': `${JSON.stringify({ ...tokenizerConfig(parts), ...roles }, null, 2)}\n`,
    'special_tokens_map.json': `${JSON.stringify(roles, null, 2)}\n`,
  }
  const vocabulary = vocabularyText(model)
  if (vocabulary !== undefined) files['vocab.txt'] = vocabulary
  return isRoberta(parts) ? { ...files, ...bytePairFiles(model) } : files
}

/** transformers builds a BertTokenizer's steps from these settings, and a PreTrainedTokenizerFast's from tokenizer.json. */
function tokenizerConfig(parts: TokenizerParts): Record<string, Json> {
  const { normalizer, model, modelMaxLength, addedTokens } = parts
  const decoderJson: Record<string, Json> = {}
  for (const token of addedTokens) {
    const { id, ...json } = addedTokenToJson(token)
    decoderJson[String(id)] = json
  }
  const config: Record<string, Json> = { added_tokens_decoder: decoderJson, tokenizer_class: 'PreTrainedTokenizerFast' }
  if (modelMaxLength !== undefined) config.model_max_length = modelMaxLength
  // ALBERT tells two texts apart by their types, but transformers 5 does not hand them to a Unigram model by itself.
  if (model instanceof Unigram) config.model_input_names = ['input_ids', 'token_type_ids', 'attention_mask']
  if (model instanceof Unigram) Object.assign(config, albertSettings(normalizer))
  if (normalizer instanceof BertNormalizer) {
    config.do_lower_case = normalizer.options.lowercase
    config.strip_accents = normalizer.options.stripAccents
    config.tokenize_chinese_chars = normalizer.options.handleChineseChars
    const plain =
      model instanceof WordPiece && model.continuingSubwordPrefix === '##' && model.maxInputCharsPerWord === 100
    if (plain && normalizer.options.cleanText) config.tokenizer_class = 'BertTokenizer'
  }
  return isRoberta(parts) ? { ...config, ...robertaConfig(parts) } : config
}

/** vocab.txt, if the model is one that such a file can hold: no gaps among the ids, no line breaks in tokens. */
function vocabularyText(model: Model): string | undefined {
  if (!(model instanceof WordPiece)) return undefined
  let text = ''
  for (let id = 0; id < model.size; id++) {
    const token = model.idToToken(id)
    if (token === undefined || /[\r\n]/.test(token)) return undefined
    text += `${token}\n`
  }
  return text
}
