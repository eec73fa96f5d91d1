import { createServer } from 'node:http'
import type { House } from '../app.ts'
import { type Config, readConfig } from '../config.ts'
import type { OrgId } from '../records/orgs/index.ts'
import { ensureDemoClient } from './demo-client.ts'
import { openErrorLog } from './ground.ts'
import { prepareOrgs } from './prepare.ts'
import { serve } from './serve.ts'
import { issueSetupCode } from './setup-code.ts'
import { defineVerb } from './verb.ts'

/** Serves on this machine with everything made up that is missing. Three lines on standard output, logs on error. */
export const dev = defineVerb({
  name: 'dev',
  description: 'Serve on this machine, with a demo app and a mailbox page. No setting is needed.',
  async run() {
    const config = readConfig('dev', await withPorts(process.env))
    const log = openErrorLog(config.logLevel)
    let own: OrgId
    return await serve({
      config,
      log,
      async prepare({ ground }) {
        own = await prepareOrgs(ground, config)
        await ensureDemoClient(ground, own, demoUrl(config))
      },
      async onReady(house) {
        const demoApp = await startDemo(config)
        process.stdout.write(await greeting(house, own))
        return demoApp
      },
    })
  },
})

const demoUrl = ({ demoPort }: Pick<Config, 'demoPort'>) => `http://localhost:${demoPort}`

async function greeting({ ground, config }: House, org: OrgId): Promise<string> {
  const code = await issueSetupCode(ground, org)
  const administrator = code ? `${config.url}/setup with the code ${code}` : `is set up: ${config.url}/account`
  const data = config.database.includes('://') ? 'PostgreSQL' : config.database
  return [
    `Sign in        ${demoUrl(config)} (demo app) or ${config.url}`,
    `Administrator  ${administrator}`,
    `Data           ${data} (mail is at ${config.url}/dev/mail)\n`,
  ].join('\n')
}

async function startDemo(config: Config) {
  // The examples are not part of the server; this is the one place that shows one.
  const { startDemoApp } = await import('../../../../examples/demo-app/demo-app.ts')
  try {
    return await startDemoApp({
      issuer: `${config.url}/oauth2/default`,
      clientId: 'demo',
      port: config.demoPort,
      url: demoUrl(config),
    })
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure && failure.code === 'EADDRINUSE')
      failure.message = `Port ${config.demoPort} is in use. Stop what listens there, or set LATCHKEY_DEMO_PORT.`
    throw failure
  }
}

/** A port of 0 is chosen before anything starts, since addresses and redirect URIs are made of it. */
async function withPorts(environment: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const chosen = { ...environment }
  for (const name of ['PORT', 'LATCHKEY_DEMO_PORT']) if (chosen[name] === '0') chosen[name] = String(await freePort())
  return chosen
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
