// Reads what is particular to Unigram tokenizers: the model and the pre-tokenizers of tokenizer.json, and spiece.model.
import { Charsmap } from './charsmap.js'
import { asArray, asBoolean, asIndex, asObject, asString, type JsonObject, malformed } from './json.js'
import { Metaspace, metaspaceFromJson } from './metaspace.js'
import { withConfig } from './normalizerFiles.js'
import { StepNormalizer } from './normalizerSequence.js'
import { lowercase, normalForm, precompiled, replace, stripAccents } from './normalizerSteps.js'
import { patternFromJson } from './pattern.js'
import { readSentencePiece } from './sentencePiece.js'
import type { Decoder, Model, Normalizer, PreTokenizer } from './steps.js'
import { Unigram } from './unigram.js'
import { PreTokenizerSequence, whitespace, whitespaceSplit } from './whitespaceSplit.js'

/** Sequences within sequences; nobody needs more than two. */
const DEEPEST = 4

/** Reads `model` of type Unigram. */
export function unigramFromJson(where: string, json: JsonObject): Unigram {
  const vocabulary = asArray(`${where}.vocab`, json.vocab).map((entry, id) => {
    const place = `${where}.vocab[${id}]`
    const pair = asArray(place, entry)
    const score = pair[1]
    if (typeof score !== 'number' || !Number.isFinite(score)) malformed(`${place}[1]`, 'a finite number', score)
    return [asString(`${place}[0]`, pair[0]), score] as const
  })
  const unkId = json.unk_id ?? undefined
  return new Unigram(vocabulary, {
    ...(unkId === undefined ? {} : { unkId: asIndex(`${where}.unk_id`, unkId) }),
    byteFallback: asBoolean(`${where}.byte_fallback`, json.byte_fallback, false),
  })
}

/**
 * Reads a pre-tokenizer of the kinds that come with Unigram, or a sequence of any; undefined if it is another.
 * `read` reads the members of a sequence.
 */
export function spacePreTokenizerFromJson(
  where: string,
  json: JsonObject,
  read: (where: string, json: JsonObject, depth: number) => PreTokenizer,
  depth: number,
): PreTokenizer | undefined {
  switch (json.type) {
    case 'WhitespaceSplit':
      return whitespaceSplit
    case 'Whitespace':
      return whitespace
    case 'Metaspace':
      return metaspaceFromJson(where, json)
    case 'Sequence': {
      if (depth > DEEPEST) malformed(where, `a sequence in at most ${DEEPEST} others`, 'more')
      const steps = asArray(`${where}.pretokenizers`, json.pretokenizers).map((step, i) => {
        const place = `${where}.pretokenizers[${i}]`
        return read(place, asObject(place, step), depth + 1)
      })
      return new PreTokenizerSequence(steps)
    }
  }
  return undefined
}

/** The steps that a spiece.model stands for. */
export interface SentencePieceSteps {
  readonly normalizer: Normalizer | undefined
  readonly preTokenizer: PreTokenizer
  readonly model: Model
  readonly decoder: Decoder
}

/**
 * ALBERT's tokenizer from its spiece.model and tokenizer_config.json, as transformers 4 converts it and as ALBERT's
 * published tokenizer.json is: pieces of a digit and a comma ("2019,") all but never win.
 *
 * A known difference: transformers 5.17 reads a spiece.model that stands alone in another way. It leaves those pieces'
 * scores as they are, makes added tokens of the user-defined symbols `( ) " - . – £ €` (and so puts a ▁ before what
 * follows one), and lets [MASK] keep the space before it. One checkpoint then has two sets of ids, depending on which of
 * its files are there; here every form gives the ids of tokenizer.json.
 */
export function stepsFromSentencePiece(file: string, bytes: Uint8Array, config: JsonObject): SentencePieceSteps {
  const { pieces, unkId, byteFallback, charsmap } = readSentencePiece(file, bytes)
  const quote = (text: string) => replace(patternFromJson(file, { String: text }), '"')
  const normalizer = new StepNormalizer(
    [
      quote('``'),
      quote("''"),
      normalForm('NFKD'),
      stripAccents,
      lowercase,
      ...(charsmap.length > 0 ? [precompiled(new Charsmap(charsmap))] : []),
      replace(patternFromJson(file, { Regex: ' {2,}' }), ' '),
    ],
    true,
  )
  const metaspace = new Metaspace()
  return {
    normalizer: withConfig(normalizer, config),
    preTokenizer: new PreTokenizerSequence([whitespaceSplit, metaspace]),
    model: new Unigram(
      pieces.map(({ piece, score }) => [piece, endsInDigitAndComma(piece) ? score - 100 : score] as const),
      { unkId, byteFallback },
    ),
    decoder: metaspace,
  }
}

function endsInDigitAndComma(piece: string): boolean {
  return /\p{Nd},$/u.test(piece)
}
