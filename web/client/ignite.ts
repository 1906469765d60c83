import type { SystemStatus } from '../../core/status/picture.ts';
import { faultOf, post } from './api.ts';
import { startable } from './cardModel.ts';
import { byId, isDisabled, make, setDisabled, setText } from './dom.ts';
import { faultView } from './fault.ts';
import type { Translate } from './text.ts';

interface IgniteAnswer {
  readonly results: readonly {
    readonly id: string;
    readonly outcome: string;
    readonly service: { readonly displayName: string } | null;
    readonly problem: Parameters<typeof faultOf>[0] | null;
  }[];
}

/** The button that starts everything, and what came of it, service by service. */
export function createIgnite(t: Translate): { show(status: SystemStatus, mayAct: boolean): void } {
  const button = byId('ignite');
  const label = byId('ignite-label');
  const outcome = byId('ignite-outcome');
  let busy = false;
  let useful = false;

  function refresh(): void {
    setDisabled(button, busy || !useful);
    button.classList.toggle('busy', busy);
    setText(label, t(busy ? 'ignite.busy' : 'ignite.button'));
  }

  function tell(lines: readonly Node[]): void {
    outcome.hidden = lines.length === 0;
    outcome.replaceChildren(...lines);
  }

  async function ignite(): Promise<void> {
    if (busy) return;
    busy = true;
    tell([]);
    refresh();
    const answer = await post<IgniteAnswer>('/api/system/ignite', t);
    busy = false;
    refresh();
    tell(answer.ok ? resultLines(answer.body) : [faultView(answer.fault, t, () => tell([]))]);
  }

  function resultLines({ results }: IgniteAnswer): Node[] {
    const started = results.filter(({ outcome: word }) => word === 'started');
    const names = started.map(({ id, service }) => service?.displayName ?? id).join(', ');
    const failed = results.filter(({ problem }) => problem !== null);
    const lines: Node[] = failed.map(({ id, service, problem }) => {
      const fault = faultOf(problem ?? {});
      const what = t('ignite.failed', { name: service?.displayName ?? id, what: fault.what });
      return faultView({ ...fault, what }, t, () => tell([]));
    });
    if (started.length > 0) lines.unshift(make('p', {}, t('ignite.started', { names })));
    if (lines.length === 0) lines.push(make('p', {}, t('ignite.nothing')));
    return lines;
  }

  button.addEventListener('click', () => {
    if (!isDisabled(button)) void ignite();
  });

  return {
    show({ services }, mayAct) {
      useful = mayAct && services.some(startable);
      refresh();
    },
  };
}
