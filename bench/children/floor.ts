/** What the cryptography alone costs: bare node:crypto with keys that are parsed already. */
import { constants, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { median } from '../measure.ts'

const rounds = Number(process.env.ROUNDS)
const operations = Number(process.env.OPERATIONS)

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
// As long as the signing input of an ID token, and as authenticator data with the hash of client data.
const jwt = randomBytes(900)
const assertion = randomBytes(69)
const signature = sign('sha256', assertion, ec.privateKey)

function costOf(operation: () => unknown): number {
  const costs = Array.from({ length: rounds + 1 }, () => {
    const before = process.cpuUsage()
    for (let done = 0; done < operations; done += 1) operation()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000 / operations
  })
  // The first is the warm-up.
  return median(costs.slice(1))
}

process.send?.({
  signMs: costOf(() => sign('sha256', jwt, { key: rsa.privateKey, padding: constants.RSA_PKCS1_PADDING })),
  verifyMs: costOf(() => verify('sha256', assertion, ec.publicKey, signature)),
})
