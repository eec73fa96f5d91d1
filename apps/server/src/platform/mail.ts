export type Mail = { to: string; subject: string; text: string; html?: string }

/** Hands mail over to whoever delivers it. @throws when it was not accepted; the caller tries again later */
export type MailTransport = (mail: Mail) => Promise<void>

/** Opens the SMTP transport that `LATCHKEY_SMTP_URL` names; the library is loaded with the first mail. */
export function openSmtp(url: string, from: string): MailTransport & { verify(): Promise<true> } {
  const load = async () => (await import('nodemailer')).createTransport(url, { from })
  let transport: ReturnType<typeof load> | undefined
  const open = async () => {
    transport ??= load()
    return await transport
  }
  const send = async (mail: Mail) => {
    await (await open()).sendMail(mail)
  }
  return Object.assign(send, { verify: async () => await (await open()).verify() })
}
