// What can go wrong between a compiled graph and the machine.

import { BertkinError } from '../errors.js'

/** A device is missing, or a compiled function was used wrongly. */
export class RuntimeError extends BertkinError {
  override readonly name = 'RuntimeError'
}

/** For `import(…).catch`: says which package to install. */
export function missingEngine(packageName: string): (cause: unknown) => never {
  return (cause) => {
    throw new RuntimeError('engine-missing', `${packageName} could not be loaded: npm install ${packageName}`, {
      cause,
    })
  }
}

export function unknownDevice(device: string, known: readonly string[]): RuntimeError {
  return new RuntimeError('device-unavailable', `there is no device "${device}" here; choose ${known.join(' or ')}`)
}
