import { openSmtp } from '../../platform/mail.ts'
import { type Check, type Finding, fail, ok, type Patient, warn, wordsOf } from './finding.ts'

async function checkMail({ config }: Patient): Promise<Finding> {
  const { mode, smtpUrl, mailFrom, url } = config
  if (smtpUrl === undefined && mode === 'dev') return ok(`kept at ${url}/dev/mail`)
  if (smtpUrl === undefined)
    return warn('no mail server is set', 'Set LATCHKEY_SMTP_URL: without it nobody can prove an address.')
  const { hostname, port } = new URL(smtpUrl)
  const where = `${hostname}${port === '' ? '' : `:${port}`}`
  try {
    await openSmtp(smtpUrl, mailFrom).verify()
    return ok(`${where} takes mail from us`)
  } catch (failure) {
    return fail(`${where} refuses: ${wordsOf(failure)}`, 'Check host, port, user and password in LATCHKEY_SMTP_URL.')
  }
}

export const mailChecks: readonly Check[] = [{ name: 'mail', run: checkMail }]
