// The page: navigation on top, a room below, which the address chooses.

import './styles/base.css'
import './styles/parts.css'
import { fill, h } from './dom.js'
import { Engine } from './engine.js'
import { keepForOffline } from './offline.js'
import { type RoomContext, rooms } from './room.js'
import { themeButton } from './theme.js'
import { readAddress } from './urlState.js'

const announcer = h('p', { class: 'visually-hidden', 'aria-live': 'polite', id: 'announcer' })
const page = h('main', { id: 'page', tabindex: -1 })
const links = rooms.map(({ id, title, kin }) => h('a', { href: `#/${id}`, class: `kin-${kin}` }, title))
const engine = new Engine(keepForOffline())
const context: RoomContext = {
  engine,
  announce: (text) => {
    announcer.textContent = text
  },
}

document.body.append(
  h('a', { href: '#page', class: 'skip', onclick: skipToPage }, 'Skip to the room'),
  h(
    'header',
    { class: 'top' },
    h('a', { href: '#/', class: 'brand' }, 'bertkin', h('span', {}, ' playground')),
    h('nav', { 'aria-label': 'Rooms' }, links),
    themeButton(),
  ),
  page,
  h('footer', { class: 'bottom' }, engine.statusLine),
  announcer,
)

let leave: (() => void) | undefined
let shown: string | undefined

/** Shows the room in the address; an unknown one is the start. */
async function enter(): Promise<void> {
  const address = location.hash
  shown = address
  const entry = rooms.find(({ id }) => id === readAddress().room) ?? rooms[0]!
  leave?.()
  leave = undefined
  rooms.forEach(({ id }, i) => {
    if (id === entry.id) links[i]!.setAttribute('aria-current', 'page')
    else links[i]!.removeAttribute('aria-current')
  })
  document.title = entry.id === '' ? 'bertkin playground' : `${entry.title} · bertkin playground`
  page.className = `room kin-${entry.kin}`
  try {
    const { mount } = await entry.load()
    if (shown !== address) return // another room was chosen meanwhile
    page.replaceChildren()
    leave = mount(page, context)
  } catch (error) {
    fill(page, h('h1', {}, entry.title), h('p', { class: 'problem', role: 'alert' }, problemOf(error)))
  }
  page.dataset.room = entry.id || 'home'
}

const problemOf = (error: unknown): string =>
  `This room could not be opened: ${error instanceof Error ? error.message : String(error)} Reload the page to try again.`

function skipToPage(event: MouseEvent): void {
  event.preventDefault() // the address is the room's
  page.focus()
}

window.addEventListener('hashchange', async () => {
  await enter()
  window.scrollTo(0, 0)
  page.focus({ preventScroll: true })
})
await enter()
