// What the tours write: headings, lines, and the commands that do a step again.

import pc from 'picocolors'

/** A line of the tour, on standard output. */
export function say(text = ''): void {
  process.stdout.write(`${text}\n`)
}

export function heading(text: string): void {
  say(`\n${pc.bold(pc.cyan(text))}`)
}

/** A step within a heading, named by what it shows. */
export function step(text: string): void {
  say(`\n${pc.bold(text)}`)
}

/** A command to go on with. */
export function tell(command: string): void {
  say(`  ${pc.cyan(command)}`)
}

/** A call of bertkin as a shell takes it, in a clone. */
export function bertkin(...args: readonly string[]): string {
  return ['node dist/cli/main.js', ...args.map(quoted)].join(' ')
}

/** As it is where a shell sees one plain word, else in quotation marks. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
