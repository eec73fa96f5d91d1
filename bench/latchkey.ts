import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Authenticator } from '@latchkey/webauthn/testing'
import { startChild } from './child.ts'
import type { Contender } from './contender.ts'
import { freePort, openSite, waitFor } from './http.ts'
import type { Pinning } from './machine.ts'
import { newVisit, signInByPasskey } from './passkey-sign-in.ts'
import { populate } from './people.ts'

export type Latchkey = Contender & {
  /** Somebody with a passkey here; everyone in turn. */
  someone(): Authenticator
  /** What its database has counted since the start. */
  database(): Promise<{ transactions: number; commits: number }>
}

export type LatchkeyOptions = { pinning: Pinning; profileFolder?: string | undefined }

/** Starts Latchkey as in production: `latchkey start` on a SQLite file, every commit on disk, its jobs running. */
export async function startLatchkey({ pinning, profileFolder }: LatchkeyOptions): Promise<Latchkey> {
  const data = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  const site = openSite(await freePort())
  const environment = {
    PORT: new URL(site.origin).port,
    LATCHKEY_URL: site.origin,
    LATCHKEY_BIND: '127.0.0.1',
    LATCHKEY_DATA: data,
    LATCHKEY_SECRET_KEY: randomBytes(32).toString('base64'),
  }
  const people = await populate(environment, 64)
  const child = startChild({
    program: ['tools/launch.cjs', 'apps/server/src/main.ts', 'start'],
    environment,
    pinning,
    profileFolder,
  })
  let turn = 0
  const someone = () => {
    turn += 1
    const person = people[turn % people.length]
    if (!person) throw new Error('nobody is here')
    return person
  }
  const paths = { authorize: '/oauth2/default/v1/authorize', token: '/oauth2/default/v1/token' }
  const close = async () => {
    site.close()
    await child.stop()
    rmSync(data, { recursive: true, force: true })
  }
  try {
    await Promise.race([waitFor(site, '/health/ready'), child.ended])
  } catch (failure) {
    await close()
    throw failure
  }
  return {
    name: 'Latchkey',
    child,
    site,
    paths,
    close,
    someone,
    async signIn() {
      const visit = newVisit({ site, paths }, someone())
      await signInByPasskey({ site, paths }, visit)
      return visit.browser
    },
    async database() {
      const { text } = await site.send('/metrics')
      const figure = (name: string) =>
        Number(new RegExp(`^latchkey_database_${name}_total (\\d+)$`, 'm').exec(text)?.[1])
      return { transactions: figure('transactions'), commits: figure('commits') }
    },
  }
}
