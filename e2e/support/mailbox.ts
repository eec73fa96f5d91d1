import { vi } from 'vitest'

type Mail = { id: string; to: string; subject: string; text: string }

/** Reads the mail that the server would have sent. */
export function openMailbox(url: string) {
  const read = new Set<string>()
  const list = async (to: string): Promise<Mail[]> => {
    const response = await fetch(`${url}/dev/mail.json?${new URLSearchParams({ to })}`)
    const { messages }: { messages: Mail[] } = await response.json()
    return messages
  }
  return {
    list,
    /** Waits for the next mail to an address that carries a code, and gives the code. */
    async code(to: string): Promise<string> {
      return await vi.waitFor(
        async () => {
          const mail = (await list(to)).find(({ id, text }) => !read.has(id) && /\b\d{6}\b/.test(text))
          if (!mail) throw new Error(`There is no new code for ${to}`)
          read.add(mail.id)
          return /\b\d{6}\b/.exec(mail.text)?.[0] ?? ''
        },
        { timeout: 10_000, interval: 25 },
      )
    },
  }
}
