import { describe, expect, it } from 'vitest'
import { isWebAddress, parseHubAddress, parseHubId, resolveAddress } from './hub.js'

describe('hub ids', () => {
  it.each([
    ['bert-base-uncased', { id: 'bert-base-uncased', revision: 'main' }],
    ['FacebookAI/roberta-base', { id: 'FacebookAI/roberta-base', revision: 'main' }],
    ['a/b.c_d@v1.0', { id: 'a/b.c_d', revision: 'v1.0' }],
    ['a/b@refs/pr/3', { id: 'a/b', revision: 'refs/pr/3' }],
  ])('%s', (text, model) => expect(parseHubId(text)).toEqual(model))

  it.each([
    ...['./x', '../x', '.', '..', '/x', '~', '~/x', 'a/b/c', 'a\\b', 'C:\\x', 'a/', '/a', 'a//b', '', ' ', 'a b'],
    ...[
      '.hidden',
      'a/.hidden',
      'a/..',
      'a--b',
      'a..b',
      'a.git',
      '-a',
      'a-',
      'ä',
      'a\0',
      `a/${'b'.repeat(97)}`,
      '@main',
    ],
  ])('%j is none', (text) => expect(parseHubId(text)).toBeUndefined())

  it('take the revision of the options first', () => {
    expect(parseHubId('a/b@old', 'new')).toEqual({ id: 'a/b', revision: 'new' })
  })

  it.each(['', '..', 'a/../b', '/a', 'a//b', '-x', 'a b', 'a\\b', 'a\0', 'x.lock', 'a..b', 'x'.repeat(300)])(
    'refuse the revision %j',
    (revision) => expect(() => parseHubId('a/b', revision)).toThrow('is not a revision'),
  )

  it('are found in the address of a page', () => {
    const hub = 'https://hub.example'
    expect(parseHubAddress('https://huggingface.co/a/b', hub)).toEqual({ id: 'a/b', revision: 'main' })
    expect(parseHubAddress('https://hub.example/a/b/tree/v2', hub)).toEqual({ id: 'a/b', revision: 'v2' })
    expect(parseHubAddress('https://hf.co/gpt?x=1#y', hub)).toEqual({ id: 'gpt', revision: 'main' })
    expect(parseHubAddress('https://hf.co/a/b/tree/refs%2Fpr%2F1/', hub)).toEqual({ id: 'a/b', revision: 'refs/pr/1' })
    expect(parseHubAddress('https://huggingface.co/a/b/resolve/main', hub)).toBeUndefined()
    expect(parseHubAddress('https://huggingface.co/datasets/b', hub)).toBeUndefined()
    expect(parseHubAddress('https://elsewhere.example/a/b', hub)).toBeUndefined()
    expect(() => parseHubAddress('https://hf.co/a/b/tree/%E0%A4', hub)).not.toThrow(URIError)
  })

  it('become addresses', () => {
    expect(resolveAddress('https://x', { id: 'a/b', revision: 'refs/pr/1' })).toBe(
      'https://x/a/b/resolve/refs%2Fpr%2F1',
    )
    expect(isWebAddress('HTTPS://x')).toBe(true)
    expect(isWebAddress('a/b')).toBe(false)
  })
})
