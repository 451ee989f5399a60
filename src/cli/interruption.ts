// Ctrl-C, and being asked to terminate. Before training has begun a run ends at once. Then the first signal is a request,
// which the run grants after its step, when it has saved; the second one ends it at once.

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

/** Whether somebody wants the run to end. */
export interface Interruption {
  /** From now on the run itself answers to the first signal. */
  defer(): void
  /** The exit code of the signal that came, once one has. */
  readonly exitCode: number | undefined
  /** Lets signals do again what they usually do. */
  [Symbol.dispose](): void
}

export interface InterruptionListener {
  /** The run was asked to end, and will. */
  asked(): void
  /** The process ends now. */
  ended(): void
}

export function onInterruption(listener: InterruptionListener): Interruption {
  let isDeferred = false
  let exitCode: number | undefined
  const listeners = Object.entries(SIGNALS).map(([signal, code]) => {
    const answer = (): void => {
      if (isDeferred && exitCode === undefined) {
        exitCode = code
        listener.asked()
        return
      }
      listener.ended()
      process.exit(code)
    }
    process.on(signal, answer)
    return () => process.off(signal, answer)
  })
  return {
    defer() {
      isDeferred = true
    },
    get exitCode() {
      return exitCode
    },
    [Symbol.dispose]() {
      for (const remove of listeners) remove()
    },
  }
}

/** How an interrupted run is told to go on, in a shell's words. */
export const goOnWith = (command: 'pretrain' | 'finetune', out: string): string =>
  `go on with: bertkin ${command} --resume ${/^[\w./-]+$/.test(out) ? out : `"${out}"`}`
