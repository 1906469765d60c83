import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const mostBytes = 65_536;

export type HostLog = (message: string) => void;

/** Where a host writes its own troubles: it has no stdout. At most 64 KB; past that the older half goes. */
export function createHostLog({
  id,
  stdout,
  now = Date.now,
}: {
  id: string;
  /** The service's log file; the host's lies beside it. */
  stdout: string;
  now?: () => number;
}): HostLog {
  const file = join(dirname(stdout), `${id}-host.log`);
  return (message) => {
    try {
      appendFileSync(file, `${new Date(now()).toISOString()} ${process.pid} ${message.slice(0, 2000)}\n`);
      if (statSync(file).size > mostBytes) {
        const lines = readFileSync(file).subarray(-mostBytes / 2);
        writeFileSync(file, lines.subarray(lines.indexOf(10) + 1));
      }
    } catch {
      // A log that cannot be written must not end a running service.
    }
  };
}
