// What the machine can do at best, measured and not looked up: a large matrix product, the best of several.

import { input, linear } from '../graph/index.js'
import type { Runtime } from '../runtime/index.js'

/** Large enough for the best rate, and over before other programs take the processor. */
const SIZE = 512
const SECONDS = 0.25
const FEWEST = 4

/**
 * Floating-point operations a second of a product of two large matrices, on the runtime's device and threads. A
 * machine that is busy with other things shows less than it could do.
 */
export async function measurePeak(runtime: Runtime): Promise<number> {
  const matrix = (name: string) => input(name, 'float32', [SIZE, SIZE])
  using product = await runtime.compile({ c: linear(matrix('a'), matrix('b')) })
  // Not zeros: processors may be faster with them.
  const values = Float32Array.from({ length: SIZE * SIZE }, (_, i) => Math.sin(i))
  const feed = { data: values, dims: [SIZE, SIZE] }
  const started = performance.now()
  let best = 0
  for (let runs = 0; runs < FEWEST || performance.now() - started < 1000 * SECONDS; runs++) {
    const [before, begun] = [runtime.flops, performance.now()]
    await product.run({ a: feed, b: feed })
    best = Math.max(best, (1000 * (runtime.flops - before)) / (performance.now() - begun))
  }
  return best
}
