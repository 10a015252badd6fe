export interface PageFacts {
  url: string;
  websocketUrl: string;
  sandboxControlUrl: string | undefined;
  network: 'live' | 'sandbox';
  workers: readonly { workerId: string; pid: number | undefined; endpoint: string }[];
}

const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
const link = (href: string, text: string) => `<a href="${escapeHtml(href)}">${escapeHtml(text)}</a>`;

function rows(facts: PageFacts): [string, string][] {
  const sandbox = facts.sandboxControlUrl;
  return [
    ['Reference', link('/api/v1/docs', '/api/v1/docs')],
    ['API description', link('/api/v1/openapi.json', 'openapi.json')],
    ['Configuration', link('/api/v1/config', '/api/v1/config')],
    ['Health', link('/api/v1/health?ready=1', '/api/v1/health?ready=1')],
    ['WebSocket', `<code>${escapeHtml(facts.websocketUrl)}?token=…</code>`],
    ['Network', facts.network === 'live' ? 'the real WhatsApp' : 'a sandbox: nothing leaves this machine'],
    ...(sandbox === undefined
      ? []
      : ([['Sandbox control', link(`${sandbox}/accounts`, sandbox)]] satisfies [string, string][])),
    [
      'Workers',
      facts.workers.map(({ workerId, endpoint }) => escapeHtml(`${workerId} (${endpoint})`)).join(', '),
    ],
  ];
}

/** The page at the gateway's address. */
export function landingPage(facts: PageFacts): string {
  const table = rows(facts)
    .map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>`)
    .join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>WhatsApp gateway</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark }
th { text-align: left; padding-right: 2rem; font-weight: 600; white-space: nowrap } th, td { padding-block: .3rem }
pre { padding: 1rem; overflow-x: auto; border: 1px solid #8884 }
</style></head><body>
<h1>WhatsApp gateway</h1>
<p>It is running on this machine. The whole story in a terminal: <code>npm run demo</code>.</p>
<table>${table}</table>
<h2>First steps</h2>
<pre>curl -s ${escapeHtml(facts.url)}/api/v1/auth/register -H 'content-type: application/json' \\
  -d '{"email":"ada@example.com","password":"correct horse","name":"Ada"}'</pre>
</body></html>
`;
}
