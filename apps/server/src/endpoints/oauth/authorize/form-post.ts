import { attributes, html, toText } from '../../../pages/html.ts'
import { translate } from '../../../pages/messages/index.ts'

export const formPostScriptPath = '/login/form-post.js'

/** Sends the form at once; without scripts the person presses its button. */
export const formPostScript = 'document.forms[0].submit()\n'

/** The answer as a form that posts itself to the client (OAuth 2.0 Form Post Response Mode). */
export function formPostPage(action: string, parameters: Readonly<Record<string, string>>): string {
  const { t, lang, dir } = translate('en')
  const fields = Object.entries(parameters).map(
    ([name, value]) => html`<input ${attributes({ type: 'hidden', name, value })}>`,
  )
  return toText(html`<!doctype html>
<html ${attributes({ lang, dir })}>
<head>
<meta charset="utf-8">
<title>${t('common.continue')}</title>
<script src="${formPostScriptPath}" defer></script>
</head>
<body>
<form ${attributes({ method: 'post', action })}>${fields}<button>${t('common.continue')}</button></form>
</body>
</html>
`)
}
