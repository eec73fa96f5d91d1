import type { FastifyReply, FastifyRequest } from 'fastify'
import { isLatchkeyError, LatchkeyError } from '../../platform/errors.ts'
import type { ClientId } from '../../records/clients/index.ts'
import type { UserId } from '../../records/users/index.ts'

export type Caller = { clientId?: ClientId; userId?: UserId }

const callers = new WeakMap<FastifyRequest, Caller>()

/** Notes who stands behind a request, as far as it is known by now. */
export function noteCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, { ...callers.get(request), ...caller })
}

type Handler<Deps> = (deps: Deps, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

/** Makes a handler whose refusals are recorded with whoever was noted by then: rooms below know codes, not callers. */
export function auditing<Deps>(deps: Deps, handler: Handler<Deps>) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    try {
      return await handler(deps, request, reply)
    } catch (thrown) {
      const caller = callers.get(request)
      throw caller && isLatchkeyError(thrown) ? withCaller(thrown, caller) : thrown
    }
  }
}

function withCaller(error: LatchkeyError, caller: Caller): LatchkeyError {
  const { code, status, message, details, cause, audit } = error
  return new LatchkeyError(code, status, message, { details, cause, audit: { ...caller, ...audit } })
}
