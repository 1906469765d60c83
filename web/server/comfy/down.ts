import { type Language, OrchestratorError } from '../../../core/contract/errors.ts';
import type { Service } from '../../../core/contract/manifest.ts';
import type { StatusSource } from '../../../core/status/source.ts';
import { text } from '../texts.ts';
import type { UpstreamFault } from './proxy.ts';

/** The error of a ComfyUI that does not answer: what its service is doing, and what happens next. */
export async function comfyDown({
  fault,
  service,
  source,
  language,
}: {
  fault: UpstreamFault;
  service: Service;
  source: StatusSource;
  language: Language;
}): Promise<OrchestratorError> {
  const snapshot = await source.current();
  const { services, guardian } = snapshot.in(language);
  const seen = services.find(({ id }) => id === service.id);
  const state = `${service.displayName}: ${seen?.reason ?? ''}`;
  const fill = (sentence: string, data: Readonly<Record<string, string>>) =>
    sentence.replace(/\{(\w+)\}/g, (_, name: string) => data[name] ?? '');
  const next = () => {
    if (service.mode === 'external') return text('comfy.external', language);
    if (!guardian.alive) return fill(text('comfy.unwatched', language), { id: service.id });
    if (seen?.nextAction) return fill(text('comfy.healing', language), { at: seen.nextActionAt ?? '–' });
    if (seen?.desired === 'stopped' || seen?.health === 'exhausted')
      return fill(text('comfy.start', language), { id: service.id });
    return text('comfy.watched', language);
  };
  return new OrchestratorError(fault === 'timeout' ? 'ORC4031' : 'ORC4030', { state, next: next() });
}
