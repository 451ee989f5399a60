// The command line's help, and what it says to a mistyped command.

import { describe, expect, it } from 'vitest'
import { bertkin } from './testing/commandLine.js'

const commands = [
  ...['train-tokenizer', 'texts'],
  ...['pretrain', 'fill-mask', 'replaced-token-detection', 'question-answering', 'text-classification'],
  ...['token-classification', 'feature-extraction', 'sentence-similarity', 'sentence-order', 'span-infilling'],
  ...['tokenize', 'inspect', 'export', 'report', 'playground'],
]

describe.concurrent('help', () => {
  it('lists the commands', async () => {
    const { code, stdout, stderr } = await bertkin(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}[ |].*\\w`, 'm'))
  })

  it.each(commands)('of %s has an example', async (command) => {
    const { code, stdout } = await bertkin([command, '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`Example:\n  bertkin ${command} `))
    expect(stdout).toContain('--debug')
  })

  it('is shown when there is no command', async () => {
    const { code, stderr } = await bertkin([])
    expect(code).toBe(1)
    expect(stderr).toContain('Usage: bertkin')
  })
})

describe.concurrent('usage', () => {
  it.each([
    ['an unknown command', ['pretrian'], 'unknown command'],
    ['a mistyped option', ['inspect', 'x', '--jsno'], 'Did you mean --json?'],
    ['a missing argument', ['inspect'], 'missing required argument'],
    ['no texts', ['pretrain', '--out', 'x'], 'missing required argument'],
    ['no --out', ['pretrain', 'x'], '--out'],
    ['an unknown recipe', ['pretrain', 'x', '--out', 'x', '--recipe', 'gpt'], 'electra, bert'],
    ['no language', ['pretrain', 'x', '--out', 'x', '--language', 'English!'], 'a code like'],
    ['an unknown type of weights', ['export', 'x', '--onnx', '--out', 'x', '--dtype', 'int3'], 'float32, float16'],
    ['an unknown head', ['export', 'x', '--onnx', '--out', 'x', '--head', 'tail'], 'masked-lm'],
    ['an unknown size', ['pretrain', 'x', '--out', 'x', '--size', 'huge'], 'tiny, mini, small, base'],
    ...['0', '-1', '1.5', 'abc', '', '1e99'].map(
      (steps) => [`--steps "${steps}"`, ['pretrain', 'x', '--out', 'x', '--steps', steps], 'whole number'] as const,
    ),
    ['too short sequences', ['pretrain', 'x', '--out', 'x', '--max-length', '5'], 'at least 8'],
    ['a vocabulary of 3', ['pretrain', 'x', '--out', 'x', '--vocab-size', '3'], 'at least 100'],
    ['a negative learning rate', ['pretrain', 'x', '--out', 'x', '--learning-rate', '-1'], 'at least 0'],
    ['a dropout of 1', ['pretrain', 'x', '--out', 'x', '--dropout', '1'], 'at most 0.99'],
    ['--top-k 0', ['fill-mask', 'x', 'a', '--top-k', '0'], 'whole number'],
    ['--top-k 1.5', ['fill-mask', 'x', 'a', '--top-k', '1.5'], 'whole number'],
    ['an unknown strategy', ['token-classification', 'x', 'a', '--aggregation-strategy', 'mean'], 'simple, first'],
    ['--stride -1', ['token-classification', 'x', 'a', '--stride', '-1'], 'at least 0'],
    ['an unknown pooling', ['feature-extraction', 'x', 'a', '--pooling', 'max'], 'none, cls, mean'],
    ['no pooling to compare', ['sentence-similarity', 'x', 'a', 'b', '--pooling', 'none'], 'mean, cls'],
    ['no source sentence', ['sentence-similarity', 'x'], 'missing required argument'],
    ['--threshold 2', ['replaced-token-detection', 'x', 'a', '--threshold', '2'], 'at most 1'],
  ] as const)('%s gives one line and a hint', async (_, args, message) => {
    const { code, stdout, stderr } = await bertkin(args)
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/^error: [^\n]+\n(\(Did you mean [^\n]+\)\n)?\(add --help for usage\)\n$/)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  })
})
