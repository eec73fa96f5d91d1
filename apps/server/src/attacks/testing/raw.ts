import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

export type RawAnswer = { status: number; headers: Readonly<Record<string, string>>; body: string }

/** Writes bytes to a server as no HTTP library would, and reads until it closes the connection. */
export async function sendRaw(port: number, request: string): Promise<RawAnswer> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.write(request, 'latin1')
  // Half-closed at once: what the server still wants to read will not come.
  socket.end()
  const [head = '', ...body] = (await text(socket)).split('\r\n\r\n')
  const [statusLine = '', ...lines] = head.split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { status: Number(statusLine.split(' ')[1]), headers: Object.fromEntries(headers), body: body.join('\r\n\r\n') }
}
