import type { ErrorDeclaration } from '../../../platform/errors.ts'

export type OAuthDeclaration = ErrorDeclaration & {
  /** What RFC 6749, OpenID Connect and their kin call it. */
  error: string
}
