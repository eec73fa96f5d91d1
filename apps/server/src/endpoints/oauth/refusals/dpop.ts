import type { OAuthDeclaration } from './declaration.ts'

/** Proofs that the sender of a token has the key it is bound to (RFC 9449). */
export const dpopRefusals = {
  dpop_proof_missing: { status: 400, error: 'invalid_dpop_proof', message: 'The DPoP proof JWT header is missing.' },
  dpop_proof_repeated: {
    status: 400,
    error: 'invalid_dpop_proof',
    message: 'Multiple DPoP proof JWT headers are not allowed.',
  },
  dpop_proof_malformed: { status: 400, error: 'invalid_dpop_proof', message: 'The DPoP proof JWT cannot be parsed.' },
  dpop_type: { status: 400, error: 'invalid_dpop_proof', message: "'typ' must be 'dpop+jwt' in the DPoP proof JWT." },
  dpop_algorithm: {
    status: 400,
    error: 'invalid_dpop_proof',
    message: 'The DPoP proof JWT signature algorithm is invalid.',
  },
  dpop_key_invalid: { status: 400, error: 'invalid_dpop_proof', message: 'The DPoP proof JWT is invalid.' },
  dpop_signature: { status: 400, error: 'invalid_dpop_proof', message: 'The DPoP proof JWT signature is invalid.' },
  dpop_method: { status: 400, error: 'invalid_dpop_proof', message: "'htm' claim in the DPoP proof JWT is invalid." },
  dpop_address: { status: 400, error: 'invalid_dpop_proof', message: "'htu' claim in the DPoP proof JWT is invalid." },
  dpop_early: { status: 400, error: 'invalid_dpop_proof', message: 'The DPoP proof JWT is issued in the future.' },
  dpop_late: {
    status: 400,
    error: 'invalid_dpop_proof',
    message: 'The DPoP proof JWT is issued more than five minutes in the past.',
  },
  dpop_expired: { status: 400, error: 'invalid_dpop_proof', message: 'The DPoP proof JWT is expired.' },
  dpop_token_hash: {
    status: 400,
    error: 'invalid_dpop_proof',
    message: "'ath' claim in the DPoP proof does not match the presented access_token.",
  },
  dpop_proof_replayed: {
    status: 400,
    error: 'invalid_dpop_proof',
    message: 'The DPoP proof JWT has already been used.',
  },
  dpop_nonce_required: {
    status: 400,
    error: 'use_dpop_nonce',
    message: 'Authorization server requires nonce in DPoP proof.',
  },
  dpop_key_mismatch: {
    status: 400,
    error: 'invalid_dpop_proof',
    message: 'The access_token is not bound to the provided DPoP proof.',
  },
  dpop_token_unbound: { status: 401, error: 'invalid_token', message: 'The presented access_token is not DPoP bound.' },
  dpop_scheme_required: {
    status: 401,
    error: 'invalid_token',
    message: 'The resource request must use the DPoP authentication scheme when using a DPoP bound token.',
  },
  dpop_jkt_malformed: {
    status: 400,
    error: 'invalid_request',
    message: "The 'dpop_jkt' parameter must be the base64url form of a SHA-256 hash: 43 characters.",
  },
} as const satisfies Record<string, OAuthDeclaration>
