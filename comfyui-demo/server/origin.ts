import { isIP } from 'node:net';

const LOOPBACK_IP = /^(?:127(?:\.\d{1,3}){3}|::1)$/;

export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '');
  return isIP(name) > 0 ? LOOPBACK_IP.test(name) : name === 'localhost' || name.endsWith('.localhost');
}

interface Place {
  all: string;
  name: string;
  port: string;
}

function placeOf(text: string): Place | null {
  const [, name, port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text) ?? [];
  return name === undefined ? null : { all: text, name, port };
}

/**
 * Whether a browser's request to a loopback address comes from another site. A port that one side leaves out is
 * not compared; an Origin without a host, such as "null", passes.
 */
export function isForeign(host: string | undefined, origin: string | undefined): boolean {
  if (host === undefined || origin === undefined) return false;
  const here = placeOf(host.toLowerCase());
  const there = placeOf(/^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(origin)?.[1]?.toLowerCase() ?? '');
  if (!here?.name || !there?.name || !isLoopback(here.name)) return false;
  const bare = here.port === '' || there.port === '';
  return bare ? here.name !== there.name : here.all !== there.all;
}
