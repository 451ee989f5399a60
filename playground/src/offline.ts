// Registers the service worker, which keeps the page's own files: after the first visit it opens without a network.

/** On a slow network models rather start at once than wait for the page to be kept. */
const LONGEST_WAIT = 5000

/**
 * Resolves when the page's files go through the service worker, so that what is loaded then is kept, the engine first of
 * all. In development there is none: it would hide what has just been changed.
 */
export async function keepForOffline(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  const { serviceWorker } = navigator
  const controlled = new Promise<void>((resolve) => {
    if (serviceWorker.controller) resolve()
    serviceWorker.addEventListener('controllerchange', () => resolve(), { once: true })
    setTimeout(resolve, LONGEST_WAIT)
  })
  try {
    await serviceWorker.register(new URL('./serviceWorker.js', document.baseURI))
    await controlled
  } catch (error) {
    console.warn(`The page will not open offline: ${error instanceof Error ? error.message : String(error)}`)
  }
}
