import { secretAlgorithms, verifySecretJwt } from '../../../authorization/index.ts'
import { loadClientSecrets } from '../../../records/clients/index.ts'
import { findAssertion, refuseAssertion } from './assertion.ts'
import type { AuthenticationMethod } from './method.ts'

/** An assertion that the client's secret signs, which thereby stays at home. */
export const clientSecretJwt: AuthenticationMethod = {
  name: 'client_secret_jwt',
  find(request) {
    const presented = findAssertion(request)
    return presented?.assertion && secretAlgorithms.includes(presented.assertion.header.alg) ? presented : undefined
  },
  refuse: (proving) =>
    refuseAssertion(proving, async (assertion) => {
      const { db, vault, issuer, client } = proving
      return verifySecretJwt(assertion, await loadClientSecrets(db, vault, issuer.org.id, client.id))
    }),
}
