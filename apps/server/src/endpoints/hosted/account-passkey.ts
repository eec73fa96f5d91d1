import type { FastifyRequest } from 'fastify'
import { addPasskey } from '../../directory/index.ts'
import { inTransaction } from '../../platform/database/index.ts'
import { contextOf, parseInput } from '../../platform/http/index.ts'
import { listCredentials } from '../../records/credentials/index.ts'
import { finishRegistration, startRegistration } from '../../sign-in/index.ts'
import { signalsFor } from './account-facts.ts'
import type { House } from './house.ts'
import { finishBody, jsonBody } from './schema.ts'
import { csrfSubject, getRecentlySignedIn, type SignedIn } from './signed-in.ts'

/** Starts to add a passkey on the account page: of any kind, security keys included. */
export async function startOwnPasskey(house: House, request: FastifyRequest) {
  const signedIn = await getRecentlySignedIn(house, request, request.headers['x-csrf-token'])
  parseInput(jsonBody, request.body)
  return await startRegistration(registrationOf(house, request, signedIn))
}

/** Keeps the new passkey and tells the page what the provider should know. */
export async function finishOwnPasskey(house: House, request: FastifyRequest) {
  const signedIn = await getRecentlySignedIn(house, request, request.headers['x-csrf-token'])
  const registration = registrationOf(house, request, signedIn)
  const { credential } = await finishRegistration(registration, parseInput(finishBody, request.body))
  const { user } = signedIn
  const change = {
    vault: house.vault,
    org: request.org,
    userId: user.id,
    at: registration.at,
    context: contextOf(request),
  }
  await inTransaction(house.db, (tx) => addPasskey(tx, change, credential))
  const all = await listCredentials(house.db, request.org.id, user.id)
  return { next: '/account?done=passkey_added', signal: signalsFor(request.org.rpId, user, all) }
}

function registrationOf(house: House, request: FastifyRequest, { user, session }: SignedIn) {
  return { deps: house, org: request.org, userId: user.id, boundTo: csrfSubject(session), at: house.now() }
}
