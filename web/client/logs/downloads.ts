import type { LogList } from '../../../core/contract/logs.ts';
import { get } from '../api.ts';
import { byId, make } from '../dom.ts';
import { bytes } from '../time.ts';

/** Lists the files behind the logs, each as a link. */
export async function fillDownloads(nameOf: (id: string) => string): Promise<void> {
  const found = await get<LogList>('/api/logs');
  byId('log-downloads').replaceChildren(
    ...(found?.logs ?? []).flatMap(({ id, streams }) =>
      streams.flatMap(({ stream, file, size, rotated }) => [
        ...(size === null ? [] : [link({ id, stream, file: null, text: `${nameOf(id)}: ${file}`, size })]),
        ...rotated.map((old) =>
          link({ id, stream, file: old.file, text: `${nameOf(id)}: ${old.file}`, size: old.size }),
        ),
      ]),
    ),
  );
}

function link({
  id,
  stream,
  file,
  text,
  size,
}: {
  id: string;
  stream: string;
  file: string | null;
  text: string;
  size: number;
}): HTMLElement {
  const query = new URLSearchParams({ stream, ...(file === null ? {} : { file }) });
  return make(
    'li',
    {},
    make('a', { href: `/api/logs/${id}/download?${query}`, download: '' }, text),
    ' ',
    make('small', {}, bytes(size, document.documentElement.lang)),
  );
}
