import type { FastifyRequest } from 'fastify'
import type { ClientId } from '../../records/clients/index.ts'
import type { UserId } from '../../records/users/index.ts'

export type Caller = { clientId?: ClientId; userId?: UserId }

const callers = new WeakMap<FastifyRequest, Caller>()

/** Notes who stands behind a request, as far as it is known by now, so that a refusal can be recorded with it. */
export function noteCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, { ...callers.get(request), ...caller })
}

/** Who stands behind a request, as far as it got before it was refused. */
export function callerOf(request: FastifyRequest): Caller {
  return callers.get(request) ?? {}
}
