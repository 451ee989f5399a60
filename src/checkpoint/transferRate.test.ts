import { expect, it } from 'vitest'
import { TransferRate } from './transferRate.js'

it('is that of the last seconds', () => {
  const rate = new TransferRate()
  expect(rate.at(0, 10)).toBe(0)
  expect(rate.at(100, 11)).toBe(100)
  expect(rate.at(100, 12)).toBe(50)
  // What came before the last three seconds does not count any more.
  expect(rate.at(400, 14)).toBe(100)
  expect(rate.at(1000, 15)).toBe(300)
})
