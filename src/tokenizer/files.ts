// Tokenizer files: tokenizer.json, vocab.txt, spiece.model, tokenizer_config.json, special_tokens_map.json, read as
// transformers and the reference library do. What is particular to Unigram is in unigramFiles.ts, to byte-pair
// encoding in bytePairFiles.ts.
import { type AddedToken, addedTokensFromJson, specialToken } from './addedTokens.js'
import { BertNormalizer, type BertNormalizerOptions } from './bertNormalizer.js'
import { BertPreTokenizer } from './bertPreTokenizer.js'
import {
  addRobertaTokens,
  byteLevelFromJson,
  bytePairDecoderFromJson,
  bytePairFromFiles,
  bytePairFromJson,
  robertaSteps,
  withConfiguredTrim,
} from './bytePairFiles.js'
import { TokenizerError } from './error.js'
import {
  addDecoderTokens,
  addRoleTokens,
  checkAddedTokens,
  describedToken,
  findSpecialTokens,
  maxLength,
  namedToken,
} from './fileTokens.js'
import { asBoolean, asIndex, asObject, asString, entriesOf, type JsonObject, malformed, parseObject } from './json.js'
import { metaspaceFromJson } from './metaspace.js'
import { normalizerFrom, withConfig } from './normalizerFiles.js'
import type { Decoder, Model, Normalizer, PreTokenizer } from './steps.js'
import { BARE_TEMPLATE, bertTemplate, templateFromJson } from './template.js'
import type { TokenizerParts } from './tokenizer.js'
import { Unigram } from './unigram.js'
import { spacePreTokenizerFromJson, stepsFromSentencePiece, unigramFromJson } from './unigramFiles.js'
import { Vocabulary } from './vocabulary.js'
import { WordPiece } from './wordPiece.js'
import { plainDecoder, WordPieceDecoder } from './wordPieceDecoder.js'

/** The contents of a tokenizer's files, by name: texts or bytes; missing ones undefined or left out. */
export type TokenizerFiles = { readonly [name: string]: string | Uint8Array | undefined }

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
  addRoleTokens(addedTokens, specialTokens, (role, special) => describedToken(role, special, config, map))
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
  addRoleTokens(addedTokens, specialTokens, (_, special) => specialToken(special.token, special.id))
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
  return new WordPiece(new Vocabulary(entriesOf(vocab), `${where}vocab`), {
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
