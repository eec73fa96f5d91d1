import { startDemoApp } from './demo-app.ts'

const port = Number(process.env.PORT ?? 8081)
const app = await startDemoApp({
  port,
  url: process.env.URL ?? `http://localhost:${port}`,
  issuer: process.env.ISSUER ?? 'http://localhost:8080/oauth2/default',
  clientId: process.env.CLIENT_ID ?? 'demo',
})
console.log(`Open ${app.url}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void app.close())
