import type { Outcome } from './checks.ts';

/** One page with every check and its picture; needs nothing from the network. */
export function htmlReport({
  url,
  at,
  outcomes,
}: {
  url: string;
  at: Date;
  outcomes: readonly Outcome[];
}): string {
  const failed = outcomes.filter(({ faults }) => faults.length > 0).length;
  const rows = outcomes.map(
    ({ name, faults, ms, picture }) => `<tr class="${faults.length > 0 ? 'bad' : 'ok'}">
<td>${faults.length > 0 ? '✗ failed' : '✓ passed'}</td><td>${escapeHtml(name)}${
      faults.length > 0 ? `<ul>${faults.map((fault) => `<li>${escapeHtml(fault)}</li>`).join('')}</ul>` : ''
    }</td><td>${ms} ms</td><td>${picture === null ? '' : `<a href="${picture}"><img src="${picture}" alt="${escapeHtml(name)}" loading="lazy"></a>`}</td></tr>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Smoke test of ${escapeHtml(url)}</title>
<style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td{border-top:1px solid #8884;padding:.5rem;vertical-align:top}
.bad td:first-child{color:#d33}.ok td:first-child{color:#283}img{max-width:14rem;max-height:10rem;object-fit:cover;object-position:top}</style>
<h1>Smoke test of ${escapeHtml(url)}</h1><p>${at.toISOString()}: ${outcomes.length - failed} passed, ${failed} failed</p>
<table>${rows.join('\n')}</table></html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
