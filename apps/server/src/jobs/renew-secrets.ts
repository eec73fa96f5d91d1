import { hour } from '../platform/clock.ts'
import type { Ground } from '../platform/ground.ts'
import { renewClientSecrets } from '../records/clients/index.ts'
import { recordEvent } from '../records/events/index.ts'
import { renewPrivateKeys } from '../records/keys/index.ts'
import { listOrgs } from '../records/orgs/index.ts'
import type { Job } from './runner.ts'

/**
 * Encrypts what lies at rest with the newest of the configured secret keys, so that an older one can be taken out of
 * the settings. Mail that waits in the outbox is not looked at: it is gone within a day.
 */
export function renewSecrets({ db, vault, now }: Pick<Ground, 'db' | 'vault' | 'now'>): Job {
  return {
    name: 'renew-secrets',
    everyMs: hour,
    isExclusive: true,
    async run() {
      for (const { id: org } of await listOrgs(db)) {
        const keys = await renewPrivateKeys(db, vault, org)
        const clients = await renewClientSecrets(db, vault, org)
        if (keys + clients > 0) await recordEvent(db, org, 'secrets.renewed', { at: now(), details: { keys, clients } })
      }
      return false
    },
  }
}
