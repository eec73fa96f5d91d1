import { createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { openSmtp } from './mail.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** As much of a mail server as one message needs (RFC 5321). */
async function mailServer(answerToRecipient = '250 ok') {
  const received: string[] = []
  const server = createServer((socket: Socket) => {
    let isData = false
    socket.write('220 test\r\n')
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split(/(?<=\r\n)/)) {
        received.push(line.trimEnd())
        if (isData) {
          if (line !== '.\r\n') continue
          isData = false
          socket.write('250 taken\r\n')
        } else if (line.startsWith('DATA')) {
          isData = true
          socket.write('354 go on\r\n')
        } else if (line.startsWith('RCPT')) socket.write(`${answerToRecipient}\r\n`)
        else if (line.startsWith('QUIT')) socket.end('221 bye\r\n')
        else socket.write('250 ok\r\n')
      }
    })
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  closing.push(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { url: `smtp://127.0.0.1:${port}`, received }
}

const mail = { to: 'ada@example.com', subject: '123456 is your code', text: 'Your code is 123456\n' }

test('Mail is handed to the server from its sender, to its reader', async () => {
  const { url, received } = await mailServer()
  await openSmtp(url, 'Latchkey <no-reply@id.example.com>')(mail)
  expect(received).toContain('MAIL FROM:<no-reply@id.example.com>')
  expect(received).toContain('RCPT TO:<ada@example.com>')
  expect(received).toContain('Subject: 123456 is your code')
  expect(received).toContain('Your code is 123456')
})

test('A line break in a subject begins no header of its own', async () => {
  const { url, received } = await mailServer()
  await openSmtp(url, 'no-reply@id.example.com')({ ...mail, subject: 'Hello\r\nBcc: everybody@example.com' })
  expect(received.filter((line) => /^Bcc:/i.test(line))).toEqual([])
  expect(received.filter((line) => line.startsWith('RCPT'))).toEqual(['RCPT TO:<ada@example.com>'])
})

test('Mail that the server refuses is not said to be sent', async () => {
  const { url } = await mailServer('550 no such mailbox')
  await expect(openSmtp(url, 'no-reply@id.example.com')(mail)).rejects.toMatchObject({ responseCode: 550 })
})

test('A mail server is checked before it is needed', async () => {
  const { url } = await mailServer()
  await expect(openSmtp(url, 'no-reply@id.example.com').verify()).resolves.toBe(true)
  await expect(openSmtp('smtp://127.0.0.1:1', 'no-reply@id.example.com').verify()).rejects.toThrow()
})
