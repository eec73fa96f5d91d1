import { readConfig } from '../config.ts'
import { openLog } from '../platform/log.ts'
import { prepareOrgs } from './prepare.ts'
import { serve } from './serve.ts'
import { issueSetupCode } from './setup-code.ts'
import { defineVerb } from './verb.ts'

/** Serves people. Logs go to standard output, one JSON object a line; only the set-up code goes to standard error. */
export const start = defineVerb({
  name: 'start',
  description: 'Serve in production. Refuses unsafe settings and says what to do about them.',
  async run() {
    const config = readConfig('start')
    const log = openLog({ level: config.logLevel })
    return await serve({
      config,
      log,
      async prepare({ ground }) {
        const org = await prepareOrgs(ground, config)
        if (config.smtpUrl === undefined)
          log.warn('LATCHKEY_SMTP_URL is not set: nobody gets a code by e-mail until it is')
        const code = await issueSetupCode(ground, org)
        // Not through the log, which is shipped to places where a code that makes an administrator does not belong.
        if (code !== undefined)
          process.stderr.write(`Set up the administrator at ${config.url}/setup with the code ${code} (one day)\n`)
      },
      onReady: async () => undefined,
    })
  },
})
