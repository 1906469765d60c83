import type { Service } from '../contract/manifest.ts';

/** The address under which this machine reaches a service, without a path; null for a service without a port. */
export function serviceAddress(service: Pick<Service, 'scheme' | 'host' | 'port'>): string | null {
  if (service.port === null) return null;
  return `${service.scheme}://${reachableHost(service.host)}:${service.port}`;
}

/** `localhost` and the wildcard addresses are reached over loopback; a bare IPv6 address gets its brackets. */
function reachableHost(host: string): string {
  if (host === 'localhost' || host === '0.0.0.0') return '127.0.0.1';
  if (host === '::' || host === '[::]') return '[::1]';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
