import type { SignedIn } from './browsers.ts'
import { type Html, html } from './html.ts'
import type { Claims } from './sign-in.ts'

/** Before anybody signed in: what will happen, and one button. */
export function welcomePage(issuer: string): Html {
  return page(
    'Demo app',
    html`<h1>Sign in with a passkey</h1>
      <p class="lead">This app keeps no passwords. It sends you to Latchkey and gets back tokens that it can check.</p>
      <p class="actions">
        <a class="button" href="/sign-in">Sign in</a>
        <a class="button quiet" href="/sign-in?create">Create an account</a>
      </p>
      <dl class="facts"><dt>Issuer</dt><dd>${issuer}</dd></dl>`,
  )
}

/** After it: who signed in, and every claim that says so. */
export function signedInPage({ idClaims, accessClaims }: SignedIn): Html {
  const name = String(idClaims.name ?? idClaims.preferred_username ?? idClaims.email ?? idClaims.sub)
  return page(
    `${name} · Demo app`,
    html`<div class="who">
        <span class="portrait" aria-hidden="true">${[...name][0]?.toUpperCase() ?? ''}</span>
        <div><h1>Hello, ${name}</h1><p class="lead">You are signed in.</p></div>
        <form method="post" action="/sign-out"><button class="button quiet">Sign out</button></form>
      </div>
      ${claimsTable('ID token', 'Who signed in, and how. Signature, issuer, audience, nonce and times were checked.', idClaims)}
      ${claimsTable('Access token', 'What this app may ask of an API. It is shown decoded; the API checks it.', accessClaims)}`,
  )
}

/** When it did not work: what to do, and the code that says why. */
export function failurePage(message: string, code: string): Html {
  return page(
    'Not signed in · Demo app',
    html`<h1>That did not work</h1>
      <p class="lead">${message}</p>
      <p class="actions"><a class="button" href="/sign-in">Try again</a><a class="button quiet" href="/">Home</a></p>
      <dl class="facts"><dt>Reason</dt><dd>${code}</dd></dl>`,
  )
}

function claimsTable(title: string, note: string, claims: Claims): Html {
  const rows = Object.entries(claims).map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${claimValue(name, value)}</td></tr>`,
  )
  return html`<section>
    <h2>${title}</h2>
    <p>${note}</p>
    <table><tbody>${rows}</tbody></table>
  </section>`
}

const times = new Set(['iat', 'exp', 'nbf', 'auth_time', 'updated_at'])

function claimValue(name: string, value: unknown): Html {
  if (times.has(name) && typeof value === 'number')
    return html`${String(value)} <small>${new Date(value * 1000).toISOString().replace('.000Z', ' UTC').replace('T', ' ')}</small>`
  return html`${typeof value === 'string' ? value : JSON.stringify(value)}`
}

function page(title: string, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title}</title>
  <link rel="stylesheet" href="/style.css">
</head>
<body>
  <header><a href="/">Demo app</a><span>an example of Latchkey</span></header>
  <main>${content}</main>
</body>
</html>
`
}
