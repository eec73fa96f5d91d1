import { startChild } from './child.ts'
import type { Pinning } from './machine.ts'
import type { Sizes } from './measure.ts'

/** CPU milliseconds of one operation of bare node:crypto. */
export type Floor = {
  /** RS256 with a key of 2048 bits, as a token is signed. */
  signMs: number
  /** ES256, as a passkey's answer is verified. */
  verifyMs: number
}

/** Measures the cryptography that nobody can do without, on the core and in the run of everything else. */
export async function measureFloor(pinning: Pinning, { rounds, operations }: Sizes): Promise<Floor> {
  const environment = { ROUNDS: String(rounds), OPERATIONS: String(operations) }
  const child = startChild({ program: new URL('./children/floor.ts', import.meta.url), environment, pinning })
  try {
    return await child.told(isFloor)
  } finally {
    await child.stop()
  }
}

function isFloor(message: unknown): message is Floor {
  return typeof message === 'object' && message !== null && 'signMs' in message && 'verifyMs' in message
}

/** A passkey sign-in verifies one assertion and signs an ID token and an access token. */
export const signInFloor = ({ signMs, verifyMs }: Floor) => verifyMs + 2 * signMs
/** A token exchange signs both tokens. */
export const exchangeFloor = ({ signMs }: Floor) => 2 * signMs
