import type { CDPSession } from 'playwright-core'

export type AuthenticatorOptions = {
  transport?: 'internal' | 'usb' | 'nfc' | 'hybrid'
  hasResidentKey?: boolean
  hasUserVerification?: boolean
  defaultBackupEligibility?: boolean
  defaultBackupState?: boolean
}

/** A passkey that a password manager brings to every device. */
export const syncedPasskeys = { defaultBackupEligibility: true, defaultBackupState: true } as const
/** A key that is plugged in. */
export const securityKey = { transport: 'usb' } as const

/**
 * What the person at the authenticator does when it asks:
 * `confirm` shows it their finger; `decline` fails to, so that the browser gives up at once; `wait` does nothing.
 *
 * A question that came during `wait` is never answered, also not later.
 */
export type Behaviour = 'confirm' | 'decline' | 'wait'

export type Authenticator = Awaited<ReturnType<typeof addAuthenticator>>

/** Gives the browser of a page an authenticator (WebAuthn §11, as Chromium's protocol has it). */
export async function addAuthenticator(cdp: CDPSession, options: AuthenticatorOptions, behaviour: Behaviour) {
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: behaviour !== 'decline',
      automaticPresenceSimulation: behaviour !== 'wait',
      ...options,
    },
  })
  return {
    async behave(next: Behaviour) {
      await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: next !== 'decline' })
      await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: next !== 'wait' })
    },
    /** Makes its answers wrong. */
    async tamper(bits: { isBogusSignature?: boolean; isBadUP?: boolean; isBadUV?: boolean }) {
      await cdp.send('WebAuthn.setResponseOverrideBits', { authenticatorId, ...bits })
    },
    async credentials() {
      return (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials
    },
  }
}
