import type { FastifyRequest } from 'fastify'
import { httpErrors } from '../../platform/http/index.ts'

/**
 * Refuses a body that is not JSON before it is read: our scripts send nothing else, and a form is what another site can
 * post. @throws {LatchkeyError} `unsupported_media_type`
 */
export async function jsonOnly(request: FastifyRequest): Promise<void> {
  const [type] = (request.headers['content-type'] ?? '').split(';')
  if (type?.trim().toLowerCase() !== 'application/json') throw httpErrors.unsupported_media_type()
}
