import type { ComfyStatus } from '../../core/contract/comfy.ts';
import { get } from './api.ts';
import { byId, make } from './dom.ts';
import type { Translate } from './text.ts';

interface Picture {
  readonly filename: string;
  readonly subfolder?: string;
  readonly type?: string;
}

type History = Readonly<
  Record<string, { readonly outputs?: Readonly<Record<string, { images?: readonly Picture[] }>> }>
>;

const wanted = 8;

/** The newest images of ComfyUI's own history, asked for again when its queue has moved. */
export function createImages(t: Translate): { show(comfy: ComfyStatus): void } {
  let mark = '';

  async function load(): Promise<void> {
    const history = await get<History>(`/api/comfy/history?max_items=${wanted}`);
    if (!history) return say('images.unknown');
    const pictures = Object.values(history)
      .reverse()
      .flatMap(({ outputs = {} }) => Object.values(outputs).flatMap(({ images = [] }) => images))
      .filter(({ type = 'output' }) => type === 'output')
      .slice(0, wanted);
    byId('images').replaceChildren(...pictures.map(thumbnail));
    say(pictures.length === 0 ? 'images.none' : null);
  }

  function say(key: 'images.none' | 'images.unknown' | null): void {
    const empty = byId('images-empty');
    empty.hidden = key === null;
    if (key) empty.textContent = t(key);
  }

  function thumbnail({ filename, subfolder = '', type = 'output' }: Picture): HTMLElement {
    const address = `/api/comfy/view?${new URLSearchParams({ filename, subfolder, type })}`;
    const image = make('img', {
      src: `${address}&preview=webp;80`,
      alt: '',
      loading: 'lazy',
      width: '128',
      height: '128',
    });
    return make(
      'li',
      {},
      make(
        'a',
        {
          href: address,
          target: '_blank',
          title: filename,
          'aria-label': t('images.open', { name: filename }),
        },
        image,
      ),
    );
  }

  return {
    show({ reachable, queue }) {
      const next = JSON.stringify([reachable, queue]);
      if (next === mark) return;
      mark = next;
      if (reachable) void load();
      else say('images.unknown');
    },
  };
}
