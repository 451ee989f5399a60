/** Whether two numbers are within a share of each other. */
export const close = (a, b, share) => Math.abs(a - b) <= share * Math.max(Math.abs(a), Math.abs(b), 1e-3)
