import type { ComfyStatus } from '../../core/contract/comfy.ts';
import type { SystemStatus } from '../../core/status/picture.ts';
import { isElsewhere } from './address.ts';
import { showConnection, showGuardian } from './banners.ts';
import { byId } from './dom.ts';
import { followEvents, type Hello, type Stream, type StreamHandlers } from './stream.ts';
import { pageTranslate, type Translate } from './text.ts';
import { startTicker } from './time.ts';
import { showVerdict } from './verdict.ts';

/** What a page knows at one moment. */
export interface View {
  readonly status: SystemStatus;
  readonly hello: Hello;
  /** False while the connection is lost, or for somebody who may only look. */
  readonly mayAct: boolean;
}

export interface Words {
  readonly t: Translate;
  readonly language: string;
}

export const words: Words = { t: pageTranslate(), language: document.documentElement.lang };

/** What all live pages have: the stream, the banners, the verdict, and the clock of the relative times. */
export function startPage({
  show,
  query = () => 'with=comfy,host',
  ...more
}: {
  /** Called with each new picture, and when the connection comes or goes. */
  show: (view: View) => void;
  query?: () => string;
} & Pick<StreamHandlers, 'comfy' | 'host' | 'logs'>): Stream {
  let hello: Hello = { self: null, role: 'operator', signIn: false };
  let status: SystemStatus | null = null;
  let seenAt: Date | null = null;
  let live = false;

  function refresh(): void {
    if (!status) return;
    showVerdict(status, words.t);
    showGuardian(status, words);
    show({ status, hello, mayAct: live && hello.role === 'operator' });
  }

  const stream = followEvents({
    query,
    on: {
      ...more,
      hello(next) {
        hello = next;
        byId('sign-out').hidden = !next.signIn;
      },
      status(next) {
        status = next;
        seenAt = new Date();
        refresh();
      },
      comfy(next) {
        linkComfy(next);
        more.comfy?.(next);
      },
      connected(next) {
        if (next) seenAt = new Date();
        if (next === live && seenAt) return;
        live = next;
        showConnection(live, { ...words, seenAt });
        refresh();
      },
    },
  });
  startTicker(words.language);
  return stream;
}

function linkComfy({ uiAddress }: ComfyStatus): void {
  const link = byId('nav-comfy');
  link.hidden = uiAddress === null || isElsewhere(uiAddress);
  if (uiAddress !== null) link.setAttribute('href', uiAddress);
}
