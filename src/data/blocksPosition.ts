// A stream's position as it comes back from a file: looked at before anything is read by it.

import { BertkinError } from '../errors.js'
import { savedJson } from '../savedJson.js'
import type { BlocksPosition } from './blocks.js'

/**
 * A position of `blocks` that was saved as JSON.
 *
 * @param name what messages call the file
 * @throws BertkinError 'file-malformed' if it cannot be one
 * @example
 * const position = parseBlocksPosition(JSON.parse('{"epoch":0,"seed":42,"shuffleWindow":4096,"place":null}'), 'trainer.json')
 */
export function parseBlocksPosition(value: unknown, name: string): BlocksPosition {
  const wrong = (what: string): never => {
    throw new BertkinError('file-malformed', `${name} holds no place in the texts to resume from: ${what} is wrong`)
  }
  const { object, count } = savedJson(wrong)
  const whole = object(value, 'the position')
  for (const key of ['epoch', 'shuffleWindow']) count(whole[key], key)
  if (!Number.isFinite(whole.seed)) wrong('seed')
  if (whole.copies !== undefined) count(whole.copies, 'copies')
  if (whole.place === null) return value as BlocksPosition

  const place = object(whole.place, 'place')
  for (const key of ['window', 'index']) count(place[key], key)
  if (place.start === null) return value as BlocksPosition
  const start = object(place.start, 'start')
  checkCorpus(start.corpus)
  const { random, pending, target } = object(start.packer, 'packer')
  const isWord = (n: unknown): boolean => Number.isInteger(n) && Number(n) >= 0 && Number(n) < 2 ** 32
  if (!Array.isArray(random) || random.length !== 4 || !random.every(isWord)) wrong('random')
  if (!Array.isArray(pending) || !pending.every(isWord)) wrong('pending')
  count(target, 'target')
  return value as BlocksPosition

  function checkCorpus(candidate: unknown): void {
    const { file, offset, document, parts } = object(candidate, 'corpus')
    if (typeof file !== 'string') wrong('file')
    count(offset, 'offset')
    count(document, 'document')
    if (parts === undefined) return
    for (const part of Array.isArray(parts) ? parts : wrong('parts')) {
      const { position, bytes } = object(part, 'parts')
      count(bytes, 'parts')
      // Parts of parts there are none.
      if (position !== null) checkCorpus({ ...object(position, 'parts'), parts: undefined })
    }
  }
}
