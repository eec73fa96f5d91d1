import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** For a request that was on its way when the stop was asked for. */
const graceMs = 500

/**
 * Lets no connection hold up a stop that Node would wait for although nobody waits for an answer on it.
 *
 * One whose request was open when the stop was asked for ends with its answer (RFC 9112 §9.6); proxies would keep it.
 * One that has asked for nothing yet, as browsers open them in advance, ends after a moment; Node takes it for busy.
 */
export function letGoWhenClosing(app: FastifyInstance): void {
  const silent = new Set<Socket>()
  let isClosing = false
  app.server.on('connection', (socket: Socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  app.server.on('request', ({ socket }) => silent.delete(socket))
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isClosing) reply.header('connection', 'close')
    done()
  })
  app.addHook('preClose', (done) => {
    isClosing = true
    setTimeout(() => {
      for (const socket of silent) socket.destroy()
    }, graceMs).unref()
    done()
  })
}
