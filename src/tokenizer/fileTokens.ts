// Added and special tokens as a tokenizer's files name them.
import { type AddedToken, addedTokenFromJson, specialToken } from './addedTokens.js'
import { TokenizerError } from './error.js'
import { asIndex, asObject, asString, isObject, type JsonObject, malformed } from './json.js'
import type { Model } from './steps.js'
import type { SpecialRole, SpecialToken, SpecialTokens } from './tokenizer.js'

/** The roles that tokens have, in the order in which they are written. */
export const ROLES: readonly SpecialRole[] = ['cls', 'sep', 'pad', 'unk', 'mask']
/** What the roles' tokens are called where no file says so. */
const USUAL_NAMES: { readonly [role in SpecialRole]: readonly string[] } = {
  cls: ['[CLS]', '<s>'],
  sep: ['[SEP]', '</s>'],
  pad: ['[PAD]', '<pad>'],
  unk: ['[UNK]', '<unk>'],
  mask: ['[MASK]', '<mask>'],
}

/** A role's token as the files describe it; ALBERT's [MASK] swallows the space before it unless they say otherwise. */
export function describedToken(
  role: SpecialRole,
  special: SpecialToken,
  config: JsonObject,
  map: JsonObject,
): AddedToken {
  const stated = statedToken(config, map, role)
  if (isObject(stated?.value)) return addedTokenFromJson(stated.where, { ...stated.value, special: true }, special.id)
  return { ...specialToken(special.token, special.id), lstrip: role === 'mask' }
}

/** What the files say of a role's token, and where; undefined if they say nothing. */
export function statedToken(
  config: JsonObject,
  map: JsonObject,
  role: string,
): { readonly where: string; readonly value: unknown } | undefined {
  for (const [file, json] of [['tokenizer_config.json', config] as const, ['special_tokens_map.json', map] as const]) {
    const value = json[`${role}_token`]
    if (value !== undefined && value !== null) return { where: `${file}: ${role}_token`, value }
  }
  return undefined
}

/** Adds the tokens with a role that are not among the added ones yet. */
export function addRoleTokens(
  addedTokens: AddedToken[],
  specialTokens: SpecialTokens,
  describe: (role: SpecialRole, special: SpecialToken) => AddedToken,
): void {
  for (const role of ROLES) {
    const special = specialTokens[role]
    if (special === undefined || addedTokens.some((token) => token.content === special.token)) continue
    addedTokens.push(describe(role, special))
  }
}

/** Adds what only `added_tokens_decoder` lists: files without tokenizer.json keep their added tokens there. */
export function addDecoderTokens(addedTokens: AddedToken[], config: JsonObject): void {
  const where = 'tokenizer_config.json: added_tokens_decoder'
  if (config.added_tokens_decoder === undefined || config.added_tokens_decoder === null) return
  for (const [key, value] of Object.entries(asObject(where, config.added_tokens_decoder))) {
    const id = asIndex(`${where}: the id ${JSON.stringify(key)}`, Number(key))
    const token = addedTokenFromJson(`${where}[${key}]`, value, id)
    if (!addedTokens.some((known) => known.content === token.content)) addedTokens.push(token)
  }
}

/** Refuses ids that two tokens have. */
export function checkAddedTokens(addedTokens: readonly AddedToken[], model: Model): void {
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
export function namedToken(config: JsonObject, map: JsonObject, role: SpecialRole): string | undefined {
  const stated = statedToken(config, map, role)
  return stated && asString(stated.where, isObject(stated.value) ? stated.value.content : stated.value)
}

/** The tokens with a role: those that the files name, else those that are usually called so. */
export function findSpecialTokens(
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

/** The most tokens the model takes, by tokenizer_config.json: transformers writes 1e30 where there is no limit. */
export function maxLength(config: JsonObject): number | undefined {
  const value = config.model_max_length
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !(value > 0)) {
    malformed('tokenizer_config.json: model_max_length', 'a number above 0', value)
  }
  return value < 1e12 ? Math.floor(value) : undefined
}
