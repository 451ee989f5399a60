// Light and dark: the system's choice, unless somebody chose here.

import { h } from './dom.js'

const KEY = 'bertkin-theme'
type Theme = 'light' | 'dark'

const isDark = (): boolean => {
  const chosen = document.documentElement.dataset.theme
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
}

/** Told when light becomes dark or back: drawings on a canvas have to be made again. */
export function onThemeChange(tell: () => void): () => void {
  const query = matchMedia('(prefers-color-scheme: dark)')
  query.addEventListener('change', tell)
  window.addEventListener('bertkin-theme', tell)
  return () => {
    query.removeEventListener('change', tell)
    window.removeEventListener('bertkin-theme', tell)
  }
}

/** The value of a colour of the style sheet, for canvases. */
export function colour(name: string): string {
  const probe = h('span', { style: `color: var(--${name}); display: none` })
  document.body.append(probe)
  const value = getComputedStyle(probe).color
  probe.remove()
  return value
}

export function themeButton(): HTMLElement {
  const stored = localStorage.getItem(KEY)
  if (stored === 'light' || stored === 'dark') apply(stored)
  const button = h('button', { type: 'button', class: 'theme', onclick: toggle }, '')
  const label = (): void => {
    const other = isDark() ? 'light' : 'dark'
    button.textContent = isDark() ? '☀' : '☾'
    button.title = `Switch to ${other} colours`
    button.setAttribute('aria-label', button.title)
  }
  function toggle(): void {
    const theme: Theme = isDark() ? 'light' : 'dark'
    localStorage.setItem(KEY, theme)
    apply(theme)
    label()
  }
  onThemeChange(label)
  label()
  return button
}

function apply(theme: Theme): void {
  document.documentElement.dataset.theme = theme
  window.dispatchEvent(new Event('bertkin-theme'))
}
