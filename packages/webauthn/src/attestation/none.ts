import { malformed, type StatementVerifier } from './statement.ts'

/** WebAuthn §8.7. */
export const verifyNone: StatementVerifier = ({ statement }) => {
  if (statement.size > 0) throw malformed('none comes with an empty statement')
  return { type: 'none', certificates: [] }
}
