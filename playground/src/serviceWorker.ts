// Keeps the page's own files, so that it opens without a network after the first visit. What models are made of is kept
// by the library itself. It also adds the headers that isolate the page from other origins, so that WebAssembly has
// threads on hosts that cannot set headers (from the second visit on).
//
// A script of its own: the build compiles it and puts the list of files in.

interface LifeEvent extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface RequestEvent extends Event {
  readonly request: Request
  respondWith(response: Promise<Response>): void
}
/** What a service worker's global scope has beyond a window's; TypeScript's own types of both cannot be mixed. */
interface WorkerScope {
  skipWaiting(): Promise<void>
  readonly clients: { claim(): Promise<void> }
  readonly registration: { readonly scope: string }
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void
  addEventListener(type: 'fetch', listener: (event: RequestEvent) => void): void
}

const scope = self as unknown as WorkerScope
const version: string = '__VERSION__'
const files = '__FILES__' as unknown as readonly string[]
const NAME = `bertkin-playground-${version}`

/** The engine's binaries are large, and a browser needs one of several: they are kept once they are used. */
const isKeptWhenUsed = (file: string): boolean => file.endsWith('.wasm')

scope.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(NAME)
      await cache.addAll(
        files.filter((file) => !isKeptWhenUsed(file)).map((file) => new Request(file, { cache: 'reload' })),
      )
      await scope.skipWaiting()
    })(),
  )
})

scope.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith('bertkin-playground-') && name !== NAME) await caches.delete(name)
      }
      await scope.clients.claim()
    })(),
  )
})

scope.addEventListener('fetch', (event) => {
  const { request } = event
  const { scope: base } = scope.registration
  if (request.method !== 'GET' || !request.url.startsWith(base)) return
  const path = request.url.slice(base.length).split(/[?#]/)[0]!
  if (path.startsWith('models/')) return
  event.respondWith(answer(request, path === 'index.html' ? './' : path === '' ? './' : path))
})

async function answer(request: Request, file: string): Promise<Response> {
  const cache = await caches.open(NAME)
  const kept = await cache.match(new URL(file, scope.registration.scope).href)
  if (kept) return isolated(kept)
  const response = await fetch(request)
  if (response.ok && files.includes(file)) await cache.put(request.url, response.clone())
  return isolated(response)
}

function isolated(response: Response): Response {
  if (response.status === 0) return response
  const headers = new Headers(response.headers)
  headers.set('Cross-Origin-Opener-Policy', 'same-origin')
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp')
  const { status, statusText } = response
  return new Response(response.body, { status, statusText, headers })
}

export {}
