import { networkInterfaces, hostname as systemHostname } from 'node:os';

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];
const anyAddress = new Set(['0.0.0.0', '::', '*']);

/** A host as it stands in a URL's authority: lower case, IPv6 in brackets. */
export function urlHost(host: string): string {
  const bare = bareHost(host);
  return bare.includes(':') ? `[${bare}]` : bare;
}

/** A host as `listen` wants it. */
export function bareHost(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$/g, '');
}

export function isLoopback(host: string): boolean {
  const bare = bareHost(host);
  return bare === 'localhost' || bare === '::1' || /^127\.\d+\.\d+\.\d+$/.test(bare);
}

/**
 * Every Host header that belongs to this panel. On a wildcard address these are also the machine's own name and
 * addresses. `extra` names what a reverse proxy sends, with its port if it is not the scheme's own.
 */
export function allowedHosts({
  host,
  port,
  secure,
  extra = [],
}: {
  host: string;
  port: number;
  secure: boolean;
  extra?: readonly string[];
}): Set<string> {
  const names = [...loopbackNames, urlHost(host)];
  if (anyAddress.has(bareHost(host))) names.push(...ownNames());
  const allowed = new Set(names.map((name) => `${name}:${port}`));
  if (port === (secure ? 443 : 80)) for (const name of names) allowed.add(name);
  for (const name of extra) allowed.add(name.toLowerCase());
  return allowed;
}

/** The allowed hosts, found anew every ten seconds: a machine's addresses change while the panel runs. */
export function createHostList({
  port,
  clock = () => performance.now(),
  ...options
}: Omit<Parameters<typeof allowedHosts>[0], 'port'> & {
  port: () => number;
  clock?: () => number;
}): () => ReadonlySet<string> {
  let known: { readonly port: number; readonly at: number; readonly hosts: ReadonlySet<string> } | null =
    null;
  return () => {
    const now = clock();
    const current = port();
    if (known === null || known.port !== current || now - known.at > 10_000) {
      known = { port: current, at: now, hosts: allowedHosts({ ...options, port: current }) };
    }
    return known.hosts;
  };
}

function ownNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return [systemHostname().toLowerCase(), ...addresses.map(({ address }) => urlHost(address))];
}
