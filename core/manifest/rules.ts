import type { DetailKey } from '../contract/details.ts';
import type { Fault } from './fault.ts';
import { type JsonNode, pointer } from './tree.ts';

/**
 * The rules that a schema cannot say. They look only at values of the right kind, so that a fault of shape elsewhere
 * hides none of them. ps/Private/Manifest/Rules.ps1 is their twin.
 */
export function judgeRules(root: JsonNode): Fault[] {
  const list = member(root, 'services');
  if (list?.kind !== 'array') return [];
  const services = list.items;
  return [
    ...repeatedNames(services),
    ...laterDependencies(services),
    ...repeatedPorts(services),
    ...services.flatMap((service, index) => [...modeFaults(service, index), ...envFaults(service, index)]),
  ];
}

function member(node: JsonNode | undefined, key: string): JsonNode | undefined {
  return node?.kind === 'object' ? node.members.get(key)?.node : undefined;
}

function textOf(node: JsonNode | undefined): string | undefined {
  return node?.kind === 'string' ? node.value : undefined;
}

function texts(node: JsonNode | undefined): { value: string; offset: number; index: number }[] {
  if (node?.kind !== 'array') return [];
  return node.items.flatMap((item, index) =>
    item.kind === 'string' ? [{ value: item.value, offset: item.offset, index }] : [],
  );
}

/** PowerShell and Windows compare names without case. */
const folded = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function repeatedNames(services: readonly JsonNode[]): Fault[] {
  const seen = new Set<string>();
  const faults: Fault[] = [];
  const take = (value: string, offset: number, path: (string | number)[]) => {
    const name = folded(value);
    if (seen.has(name)) faults.push({ code: 'ORC1007', pointer: pointer(path), offset, data: { value } });
    seen.add(name);
  };
  services.forEach((service, index) => {
    const id = member(service, 'id');
    const name = member(service, 'serviceName');
    if (id?.kind === 'string') take(id.value, id.offset, ['services', index, 'id']);
    // A service called alike in both ways is still one service.
    if (name?.kind === 'string' && folded(name.value) !== folded(textOf(id) ?? '')) {
      take(name.value, name.offset, ['services', index, 'serviceName']);
    }
    for (const alias of texts(member(service, 'aliases'))) {
      take(alias.value, alias.offset, ['services', index, 'aliases', alias.index]);
    }
  });
  return faults;
}

function laterDependencies(services: readonly JsonNode[]): Fault[] {
  const earlier = new Set<string>();
  return services.flatMap((service, index) => {
    const faults = texts(member(service, 'dependsOn'))
      .filter(({ value }) => !earlier.has(value))
      .map(
        (entry): Fault => ({
          code: 'ORC1008',
          pointer: pointer(['services', index, 'dependsOn', entry.index]),
          offset: entry.offset,
          data: { value: entry.value },
        }),
      );
    const id = textOf(member(service, 'id'));
    if (id !== undefined) earlier.add(id);
    return faults;
  });
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly external: boolean;
}

/** Everything that `localhost` means; a wildcard address means all of this machine's. */
const loopback = ['127.0.0.1', '::1'];
const wildcards = ['0.0.0.0', '::'];

function sameHost(a: Endpoint, b: Endpoint): boolean {
  const addresses = ({ host }: Endpoint) => (host === 'localhost' ? loopback : [host]);
  if (addresses(a).some((one) => addresses(b).includes(one))) return true;
  const covers = (one: Endpoint, other: Endpoint) =>
    wildcards.includes(one.host) &&
    (!other.external || [...addresses(other)].some((host) => [...loopback, ...wildcards].includes(host)));
  return covers(a, b) || covers(b, a);
}

function repeatedPorts(services: readonly JsonNode[]): Fault[] {
  const taken: Endpoint[] = [];
  return services.flatMap((service, index) => {
    const port = member(service, 'port');
    const host = textOf(member(service, 'host'));
    if (port?.kind !== 'number' || host === undefined) return [];
    const endpoint = {
      host: folded(host.replace(/^\[(.*)\]$/, '$1')),
      port: port.value,
      external: textOf(member(service, 'mode')) === 'external',
    };
    const clash = taken.some((other) => other.port === endpoint.port && sameHost(other, endpoint));
    taken.push(endpoint);
    if (!clash) return [];
    const place = pointer(['services', index, 'port']);
    return [{ code: 'ORC1009', pointer: place, offset: port.offset, data: { value: port.value } }];
  });
}

function modeFaults(service: JsonNode, index: number): Fault[] {
  const external = textOf(member(service, 'mode')) === 'external';
  const kind = member(member(service, 'health'), 'kind');
  const faults: Fault[] = [];
  const refuse = (node: JsonNode | undefined, path: string[], key: DetailKey) => {
    if (!node) return;
    const place = pointer(['services', index, ...path]);
    faults.push({ code: 'ORC1005', pointer: place, offset: node.offset, detail: { key } });
  };
  const command = member(service, 'command');
  const port = member(service, 'port');
  if (!external && member(service, 'mode')?.kind === 'string' && command?.kind === 'null') {
    refuse(command, ['command'], 'commandNull');
  }
  if (port?.kind === 'null' && external) refuse(port, ['port'], 'externalPort');
  else if (port?.kind === 'null' && textOf(kind) === 'http') refuse(port, ['port'], 'httpPort');
  if (external && kind?.kind === 'string' && kind.value !== 'http') {
    refuse(kind, ['health', 'kind'], 'externalHealth');
  }
  return faults;
}

/** Windows takes `Path` and `PATH` for one variable. Keys that are equal to the letter were found while reading. */
function envFaults(service: JsonNode, index: number): Fault[] {
  const env = member(service, 'env');
  if (env?.kind !== 'object') return [];
  const seen = new Set<string>();
  const members = [...env.members].sort(([, a], [, b]) => a.offset - b.offset);
  return members.flatMap(([key, { offset }]): Fault[] => {
    const name = folded(key);
    if (seen.has(name))
      return [{ code: 'ORC1006', pointer: pointer(['services', index, 'env', key]), offset }];
    seen.add(name);
    return [];
  });
}
