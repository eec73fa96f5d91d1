import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

export type ReceivedMail = { from: string; to: string; source: string }

export type TestMailServer = {
  url: string
  mails: ReceivedMail[]
  /** Answers RCPT with this from now on. */
  answerRecipientsWith(reply: string): void
  close(): Promise<void>
}

/** A mail server that speaks as much SMTP (RFC 5321) as it takes to be handed mail. */
export async function openMailServer(): Promise<TestMailServer> {
  const mails: ReceivedMail[] = []
  const sockets = new Set<Socket>()
  let recipientReply = '250 OK'
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    talk(socket, mails, () => recipientReply)
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `smtp://localhost:${port}`,
    mails,
    answerRecipientsWith: (reply) => {
      recipientReply = reply
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function talk(socket: Socket, mails: ReceivedMail[], recipientReply: () => string): void {
  let mail: ReceivedMail = { from: '', to: '', source: '' }
  let isData = false
  let pending = ''
  const say = (line: string) => socket.write(`${line}\r\n`)

  function hear(line: string): void {
    if (isData && line === '.') {
      isData = false
      mails.push(mail)
      say('250 OK')
    } else if (isData) mail.source += `${line}\n`
    else answer(line)
  }

  function answer(line: string): void {
    const verb = line.slice(0, 4).toUpperCase()
    const address = /<([^>]*)>/.exec(line)?.[1] ?? ''
    if (verb === 'MAIL') mail = { from: address, to: '', source: '' }
    if (verb === 'RCPT') mail.to = address
    if (verb === 'DATA') isData = true
    say(verb === 'RCPT' ? recipientReply() : verb === 'DATA' ? '354 Go on' : verb === 'QUIT' ? '221 Bye' : '250 OK')
  }

  say('220 test')
  socket.setEncoding('utf8').on('data', (chunk) => {
    const lines = (pending + chunk).split('\r\n')
    pending = lines.pop() ?? ''
    for (const line of lines) hear(line)
  })
}
