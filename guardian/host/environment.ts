import { detachedMark } from './procfs.ts';

const removed = new Set(['PORT', 'HOSTNAME', 'COMFY_URL', 'NODE_OPTIONS', detachedMark]);

/**
 * What a program sees: the host's own variables without those that belong to whoever launched it, then those of its
 * manifest entry, which win.
 */
export function programEnvironment({
  inherited,
  own,
  platform = process.platform,
}: {
  inherited: Readonly<Record<string, string | undefined>>;
  own: Readonly<Record<string, string>>;
  platform?: NodeJS.Platform;
}): Record<string, string> {
  // Windows does not tell Path from PATH: an own value must replace the inherited one whatever its case.
  const fold = (name: string) => (platform === 'win32' ? name.toUpperCase() : name);
  const replaced = new Set(Object.keys(own).map(fold));
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    if (value === undefined || removed.has(fold(name)) || /^npm_/i.test(name)) continue;
    if (!replaced.has(fold(name))) result[name] = value;
  }
  return { ...result, ...own };
}
