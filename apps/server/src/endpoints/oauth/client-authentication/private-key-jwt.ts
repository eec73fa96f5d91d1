import { secretAlgorithms, verifyForeignJwt } from '../../../authorization/index.ts'
import { findAssertion, refuseAssertion } from './assertion.ts'
import type { AuthenticationMethod } from './method.ts'

/**
 * An assertion that the client's private key signs. Which of the two kinds an assertion is, its algorithm says; which
 * one a client may use, its registration does: so a public key never serves as a secret.
 */
export const privateKeyJwt: AuthenticationMethod = {
  name: 'private_key_jwt',
  find(request) {
    const presented = findAssertion(request)
    return presented?.assertion && !secretAlgorithms.includes(presented.assertion.header.alg) ? presented : undefined
  },
  refuse: (proving) =>
    refuseAssertion(proving, async (assertion) => {
      const { clientKeys, client } = proving
      const problem = verifyForeignJwt(assertion, await clientKeys.of(client))
      // A key that is new since we looked.
      return problem === 'key' ? verifyForeignJwt(assertion, await clientKeys.renewed(client)) : problem
    }),
}
