// A tokenizer as files that transformers and the reference library read: what readFiles (files.ts) reads.
import { addedTokenToJson } from './addedTokens.js'
import { BertNormalizer } from './bertNormalizer.js'
import { bytePairFiles, isRoberta, robertaConfig } from './bytePairFiles.js'
import { ROLES } from './fileTokens.js'
import type { Json } from './json.js'
import { albertSettings } from './normalizerFiles.js'
import type { Model } from './steps.js'
import { templateToJson } from './template.js'
import type { TokenizerParts } from './tokenizer.js'
import { Unigram } from './unigram.js'
import { WordPiece } from './wordPiece.js'

/** The files' texts by name; {@link Tokenizer.toFiles} says who reads them. */
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
