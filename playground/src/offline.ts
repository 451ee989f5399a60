// Registers the service worker, which keeps the page's own files: after the first visit it opens without a network.

/** In development there is none: it would hide what has just been changed. */
export async function registerServiceWorker(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  try {
    await navigator.serviceWorker.register(new URL('./serviceWorker.js', document.baseURI))
  } catch (error) {
    console.warn(`The page will not open offline: ${error instanceof Error ? error.message : String(error)}`)
  }
}
