// Ctrl-C, and being asked to terminate: a run ends at once, unless it is just being saved; then right after that.

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

/** Told when saving begins and ends. */
export interface Interruption {
  hold(): void
  release(): void
  /** Lets signals do again what they usually do. */
  [Symbol.dispose](): void
}

/** @param farewell called before the process ends */
export function onInterruption(farewell: () => void): Interruption {
  let isHeld = false
  let exitCode: number | undefined
  const end = (code: number): void => {
    farewell()
    process.exit(code)
  }
  const listeners = Object.entries(SIGNALS).map(([signal, code]) => {
    const listener = (): void => {
      exitCode = code
      if (!isHeld) end(code)
    }
    process.on(signal, listener)
    return () => process.off(signal, listener)
  })
  return {
    hold() {
      isHeld = true
    },
    release() {
      isHeld = false
      if (exitCode !== undefined) end(exitCode)
    },
    [Symbol.dispose]() {
      for (const remove of listeners) remove()
    },
  }
}
