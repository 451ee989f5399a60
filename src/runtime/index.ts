// Running compiled graphs on a device.

export type { Device, DeviceChoice } from './backend.js'
export { RuntimeError } from './errors.js'
export { largestInt8 } from './largestInt8.js'
export {
  CompiledFunction,
  type Feeds,
  type FunctionOptions,
  Runtime,
  type RuntimeOptions,
  selectFeeds,
  type TensorArray,
  type TensorData,
} from './runtime.js'
