import { existsSync, readdirSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Service } from '../../core/contract/manifest.ts';
import { until } from '../until.ts';
import { WindowsBox } from './box.ts';
import { Installation } from './installation.ts';

const lines = 62_000;
const rotateBytes = 1_048_576;
/** Enough for a follower on a busy machine: what is pruned before it is read is lost. */
const keepBytes = 16 * rotateBytes;

/** Numbered lines of half a kilobyte, 30 MB in all, two megabytes a second: more than ComfyUI ever says. */
const chatter = `
const last = ${lines};
const pad = 'ж'.repeat(240);
let next = 1;
const timer = setInterval(() => {
  let text = '';
  for (let i = 0; i < 80 && next <= last; i += 1, next += 1) text += String(next).padStart(7, '0') + ' ' + pad + '\\n';
  process.stdout.write(text);
  if (next > last) clearInterval(timer);
}, 20);
setInterval(() => {}, 1000);
process.on('SIGINT', () => process.exit(0));
`;

/** The numbers of the lines that an event stream brings, to the last one. */
async function followStream(port: number, path: string): Promise<number[]> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { accept: 'text/event-stream' },
    signal: AbortSignal.timeout(115_000),
  });
  const numbers: number[] = [];
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, data] = /^event: logs\ndata: (.*)$/m.exec(block) ?? [];
      const batches = JSON.parse(data ?? '[]') as { lines: string[] }[];
      for (const { lines: texts } of batches)
        for (const text of texts) if (!text.includes('before')) numbers.push(Number(text.slice(0, 7)));
      if (numbers.at(-1) === lines) return numbers;
    }
  }
  return numbers;
}

describe('a log that NSSM rotates while it is written and read', () => {
  let box: WindowsBox;
  let stack: Installation;

  beforeAll(async () => {
    box = await WindowsBox.create();
    stack = await Installation.create(box, {
      backend: 'Nssm',
      folder: 'Болтун',
      change: (manifest) => {
        const [panel] = manifest.services as [Service];
        const guardian = manifest.services.find(({ id }) => id === 'guardian') as Service;
        const logs = { ...panel.logs, rotateBytes, keepBytes };
        const command = { file: 'node', args: ['F:\\chatter.cjs'] };
        const health = { kind: 'process', startupGraceMs: 1000 } as const;
        const chatterer: Service = {
          ...panel,
          id: 'chatter',
          serviceName: 'OrchestratorChatter',
          displayName: 'Chatter',
          command,
          logs: {
            ...logs,
            stdout: logs.stdout.replace('panel-', 'chatter-'),
            stderr: logs.stderr.replace('panel-', 'chatter-'),
          },
          health,
          port: null,
          startType: 'manual',
        };
        manifest.services = [{ ...panel, startType: 'manual' }, chatterer, guardian];
      },
    });
    await writeFile(box.toLinux('F:\\chatter.cjs'), chatter);
  });

  afterAll(() => box?.dispose());

  const rotated = () => {
    const live = box.toLinux(stack.service('chatter').logs.stdout);
    const folder = live.slice(0, live.lastIndexOf('/'));
    return readdirSync(folder)
      .filter((name) => /^chatter-stdout-\d{8}T\d{6}\.\d{3}\.log$/.test(name))
      .map((name) => ({ name, bytes: statSync(`${folder}/${name}`).size }));
  };

  test('30 MB: every line is seen once, in order, and the files are pruned to their limit', async () => {
    const end = await stack.pwsh(
      'Install-Orchestrator -NoStart | Out-Null; Start-Orchestrator panel, guardian -Wait | Out-Null',
      {
        timeoutMs: 90_000,
      },
    );
    expect(end.error, end.output).toBeNull();
    // The line that is there already tells when the follower has begun.
    await writeFile(box.toLinux(stack.service('chatter').logs.stdout), '0000000 before\n');
    const begun = box.toLinux('F:\\begun');
    const follow = stack.pwsh(
      `$seen = [Collections.Generic.List[int]]::new()
       try {
         Get-OrchestratorLog chatter -Stream stdout -Tail 1 -Follow | ForEach-Object {
           if ($_.Text -eq '0000000 before') { [IO.File]::WriteAllText('F:\\begun', ''); return }
           $seen.Add([int] $_.Text.Substring(0, 7))
           if ($seen[-1] -eq ${lines}) { throw 'all seen' }
         }
       } catch { if ("$_" -ne 'all seen') { throw } }
       $odd = 0
       for ($i = 0; $i -lt $seen.Count; $i++) { if ($seen[$i] -ne $i + 1) { $odd++ } }
       $result = @([pscustomobject]@{ Count = $seen.Count; First = $seen[0]; Odd = $odd })`,
      { fresh: true, timeoutMs: 115_000 },
    );
    await until('the follower has begun', () => existsSync(begun), { timeoutMs: 60_000 });
    const onThePage = followStream(
      stack.service('panel').port ?? 0,
      '/api/logs/chatter?stream=stdout&tail=0',
    );
    const start = await stack.pwsh('Start-Orchestrator chatter | Out-Null');
    expect(start.error, start.output).toBeNull();
    const seen = await follow;
    expect(seen.error, seen.output).toBeNull();
    expect(seen.data).toEqual([{ Count: lines, First: 1, Odd: 0 }]);
    // The panel, a program of Windows too, had the files open while NSSM renamed them.
    const streamed = await onThePage;
    expect({ count: streamed.length, odd: streamed.filter((number, index) => number !== index + 1) }).toEqual(
      {
        count: lines,
        odd: [],
      },
    );
    await until('the files fit', () => rotated().reduce((sum, { bytes }) => sum + bytes, 0) <= keepBytes, {
      timeoutMs: 15_000,
    });
    expect(rotated().length).toBeGreaterThan(3);
    for (const { bytes } of rotated()) expect(bytes).toBeLessThan(rotateBytes * 1.1);
  });

  test('its last lines are read back over the rotated files', async () => {
    const [first] = await stack.objects<{ Text: string }>(
      'Get-OrchestratorLog chatter -Stream stdout -Tail 6000 | Select-Object -First 1 Text',
    );
    expect(first?.Text.slice(0, 7)).toBe(String(lines - 6_000 + 1).padStart(7, '0'));
  });

  test('a stop does not hang with rotation on', async () => {
    const since = Date.now();
    const end = await stack.pwsh('Stop-Orchestrator chatter | Out-Null');
    expect(end.error, end.output).toBeNull();
    expect(Date.now() - since).toBeLessThan(8000);
    expect(box.processes().filter(({ command }) => command.includes('chatter'))).toEqual([]);
  });
});
