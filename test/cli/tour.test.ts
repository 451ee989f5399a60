// What `npm start` runs, in a few seconds and on a text of one's own.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { bertkin, scratch, text20 } from './testing/commandLine.js'

it('trains, loads back, shows what was learnt, and says how to go on', async () => {
  writeFileSync(join(scratch, 'mine.txt'), text20)
  const args = ['mine.txt', '--out', 'runs/mine', '--minutes', '0.03']
  const { code, stdout, stderr } = await bertkin(args, { entry: 'tour' })
  expect(stderr).not.toContain('error')
  expect(code).toBe(0)
  expect(stdout).toContain('the generator fills masks')
  expect(stdout).toContain('the discriminator finds replaced words')
  const commands = stdout.slice(stdout.indexOf('Go on')).match(/^ {2}node dist\/cli\/main\.js .+$/gm)
  expect(commands).toHaveLength(4)
  // The commands are such as a shell takes, whatever the text.
  const [fill] = commands!.map((command) => command.replace(/^ {2}node dist\/cli\/main\.js /, ''))
  const words = [...fill!.matchAll(/'((?:[^']|'\\'')*)'|(\S+)/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll("'\\''", "'") ?? bare!,
  )
  expect(await bertkin(words)).toMatchObject({ code: 0 })
})
