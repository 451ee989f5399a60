// Clipping by the global norm (Pascanu, Mikolov and Bengio, 2013).

/**
 * The Euclidean norm of all gradients together, summed in double precision; NaN or ∞ if any of them is not finite.
 *
 * @example
 * globalNorm(Float32Array.of(3, 4)) // 5
 */
export function globalNorm(gradients: Float32Array): number {
  let sum = 0
  for (let i = 0; i < gradients.length; i++) sum += gradients[i]! * gradients[i]!
  return Math.sqrt(sum)
}

/**
 * What to multiply gradients by so that their norm is at most `maximum`, as PyTorch's `clip_grad_norm_` computes it.
 *
 * @example
 * const scale = clipScale(globalNorm(Float32Array.of(3, 4)), 1) // 0.2: the last argument of `AdamW.step`
 */
export const clipScale = (norm: number, maximum: number): number => Math.min(1, maximum / (norm + 1e-6))
