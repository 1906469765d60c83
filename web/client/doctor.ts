import type { DoctorState } from '../../core/contract/doctor.ts';
import { get, post } from './api.ts';
import { byId, isDisabled, make, part, setDisabled, setText } from './dom.ts';
import { faultView } from './fault.ts';
import type { Words } from './frame.ts';
import { moment } from './time.ts';

type Check = NonNullable<DoctorState['report']>['checks'][number];

const tones = { pass: 'ok', warn: 'warn', fail: 'bad', skip: 'off' } as const;

/** The doctor's last report, what needs attention first, and the button that asks it again. */
export function createDoctor({ t, language }: Words): { allow(mayAct: boolean): void } {
  const button = byId('doctor-run');
  const standing = byId('doctor-standing');
  const fault = byId('doctor-fault');
  const fine = byId('doctor-fine');
  let busy = false;
  let allowed = false;

  function refresh(): void {
    setText(button, t(busy ? 'doctor.busy' : 'doctor.run'));
    button.classList.toggle('busy', busy);
    setDisabled(button, busy || !allowed);
  }

  function show({ report }: DoctorState): void {
    if (!report) return;
    const of = (...wanted: Check['status'][]) =>
      report.checks.filter(({ status }) => wanted.includes(status));
    const count = (status: Check['status']) => of(status).length;
    const counts = { pass: count('pass'), warn: count('warn'), fail: count('fail'), skip: count('skip') };
    standing.replaceChildren(
      t('doctor.at'),
      ' ',
      moment(report.at, language),
      ': ',
      t('doctor.count', counts),
    );
    byId('doctor-checks').replaceChildren(...[...of('fail'), ...of('warn')].map(item));
    const rest = of('pass', 'skip');
    fine.hidden = rest.length === 0;
    part(fine, 'ul').replaceChildren(...rest.map(item));
  }

  function item({ name, status, message, fix, code }: Check): HTMLElement {
    return make(
      'li',
      { 'data-tone': tones[status] },
      make(
        'p',
        {},
        make('b', { class: 'word' }, t(`check.${status}`)),
        ' ',
        make('b', {}, name),
        code && make('small', {}, ` ${code}`),
      ),
      make('p', {}, message),
      fix === '' ? null : make('p', { class: 'fix' }, fix),
    );
  }

  async function examine(): Promise<void> {
    busy = true;
    fault.hidden = true;
    refresh();
    const answer = await post<DoctorState>('/api/doctor', t);
    busy = false;
    refresh();
    if (answer.ok) return show(answer.body);
    fault.hidden = false;
    fault.replaceChildren(
      faultView(answer.fault, t, () => {
        fault.hidden = true;
        button.focus();
      }),
    );
  }

  button.addEventListener('click', () => {
    if (!isDisabled(button)) void examine();
  });
  void get<DoctorState>('/api/doctor').then((state) => state && show(state));

  return {
    allow(mayAct) {
      allowed = mayAct;
      refresh();
    },
  };
}
