// Pictures of the tour for the README: what `npm start` shows of each kin, colours and all, as SVG.
//
//     npm run build && node scripts/tour-pictures.mjs [--out docs/tour]

import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, stripVTControlCharacters as plain } from 'node:util'

const KIN = ['ALBERT', 'RoBERTa', 'ELECTRA', 'SpanBERT']
const COLUMNS = 104
const [CHARACTER, LINE, MARGIN] = [7.8, 18, 16] // pixels, of a monospaced font of 13
const [PAPER, INK, DIM] = ['#1c2128', '#cdd9e5', '#8b98a5']
const ESCAPE = '\u001b'
/** What the codes of a terminal change. */
const STYLES = {
  ...{ 1: { isBold: true }, 2: { isDim: true }, 22: { isBold: false, isDim: false } },
  ...{ 7: { isInverse: true }, 27: { isInverse: false } },
  ...{ 31: { colour: '#f47067' }, 32: { colour: '#57ab5a' }, 33: { colour: '#daaa3f' }, 34: { colour: '#539bf5' } },
  ...{ 35: { colour: '#b083f0' }, 36: { colour: '#39c5cf' }, 39: { colour: INK } },
}

/** Spaces are such as SVG does not run together. */
const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(' ', '\u00a0')

/** A line of a terminal as pieces of one style each, up to the picture's edge. */
function piecesOf(line) {
  const pieces = []
  let style = {}
  let room = COLUMNS
  for (const part of line.split(ESCAPE)) {
    const [, code, text] = /^\[(\d+)m(.*)$/.exec(part) ?? [part, '', part]
    style = { ...style, ...STYLES[code] }
    const characters = [...text]
    const cut = characters.length > room ? [...characters.slice(0, Math.max(0, room - 1)), '…'] : characters
    if (room > 0 && text !== '') pieces.push({ text: cut.join(''), ...style })
    room -= characters.length
  }
  return pieces
}

function pictureOf(lines, title) {
  const [width, height] = [COLUMNS * CHARACTER + 2 * MARGIN, lines.length * LINE + 2 * MARGIN]
  const rows = lines.map((line, row) => {
    const y = MARGIN + row * LINE
    let column = 0
    const drawn = piecesOf(line).map(({ text, colour = INK, isBold, isDim, isInverse }) => {
      const [x, columns] = [MARGIN + column * CHARACTER, [...text].length]
      column += columns
      const ink = isDim ? DIM : colour
      const field = `<rect x="${x}" y="${y}" width="${columns * CHARACTER}" height="${LINE}" fill="${ink}"/>`
      const fill = isInverse ? PAPER : ink
      const weight = isBold ? ' font-weight="bold"' : ''
      // The length is said, since the font is whichever the reader has.
      const length = ` textLength="${columns * CHARACTER}" lengthAdjust="spacingAndGlyphs"`
      return `${isInverse ? field : ''}<text x="${x}" y="${y + 13}" fill="${fill}"${weight}${length}>${escaped(text)}</text>`
    })
    return drawn.join('')
  })
  const font = 'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13"'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ${font} role="img">`,
    `<title>${escaped(title)}</title><rect width="100%" height="100%" rx="8" fill="${PAPER}"/>`,
    ...rows.filter(Boolean),
    '</svg>\n',
  ].join('\n')
}

const { values } = parseArgs({ options: { out: { type: 'string', default: 'docs/tour' } } })
const tour = fileURLToPath(new URL('../dist/cli/tour.js', import.meta.url))
const env = { ...process.env, FORCE_COLOR: '1', NO_COLOR: undefined }
const { stdout, status, stderr } = spawnSync(process.execPath, [tour], { encoding: 'utf8', env })
if (status !== 0) throw new Error(`the tour failed: ${stderr.trim().split('\n').at(-1)}`)

const sections = new Map()
let kin
for (const line of stdout.split('\n')) {
  const text = plain(line)
  kin = KIN.find((name) => text.startsWith(`${name}: `)) ?? (text.startsWith('Pretraining: ') ? undefined : kin)
  // Commands are for those who have a terminal before them.
  if (kin && !text.startsWith('  node ')) sections.set(kin, [...(sections.get(kin) ?? []), line])
}
mkdirSync(values.out, { recursive: true })
for (const [name, lines] of sections) {
  while (plain(lines.at(-1)).trim() === '') lines.pop()
  const path = join(values.out, `${name.toLowerCase()}.svg`)
  writeFileSync(path, pictureOf(lines, `npm start: ${plain(lines[0])}`))
  console.log(path)
}
