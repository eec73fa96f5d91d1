import { createTransport } from 'nodemailer'

export type Mail = { to: string; subject: string; text: string; html?: string }

/** Hands mail over to whoever delivers it. @throws when it was not accepted; the caller tries again later */
export type MailTransport = (mail: Mail) => Promise<void>

/** Opens the SMTP transport that `LATCHKEY_SMTP_URL` names. */
export function openSmtp(url: string, from: string): MailTransport & { verify(): Promise<true> } {
  const transport = createTransport(url, { from })
  const send = async (mail: Mail) => {
    await transport.sendMail(mail)
  }
  return Object.assign(send, { verify: () => transport.verify() })
}
