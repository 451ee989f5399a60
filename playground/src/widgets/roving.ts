// Many small buttons in a row are one stop of the Tab key; the arrow keys go from one to the next.

/** Makes the elements that match one stop. Call it again when they were replaced. */
export function makeRoving(container: HTMLElement, selector: string): void {
  const items = (): HTMLElement[] => [...container.querySelectorAll<HTMLElement>(selector)]
  items().forEach((item, i) => {
    item.tabIndex = i === 0 ? 0 : -1
  })
  if (container.dataset.roving === selector) return
  container.dataset.roving = selector
  const stopAt = (item: HTMLElement): void => {
    for (const other of items()) other.tabIndex = other === item ? 0 : -1
  }
  container.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLElement && target.matches(selector)) stopAt(target)
  })
  container.addEventListener('keydown', (event) => {
    const all = items()
    const at = all.indexOf(document.activeElement as HTMLElement)
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return
    const to = destination(event.key, at, all.length)
    if (to === undefined) return
    event.preventDefault()
    all[to]!.focus()
  })
}

function destination(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowDown':
      return Math.min(count - 1, at + 1)
    case 'ArrowLeft':
    case 'ArrowUp':
      return Math.max(0, at - 1)
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}
