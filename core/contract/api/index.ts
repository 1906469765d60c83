import { accessRoutes } from './access.ts';
import { comfyRoutes } from './comfy.ts';
import { logRoutes } from './logs.ts';
import { observingRoutes } from './observing.ts';
import type { ApiRoute } from './route.ts';
import { systemRoutes } from './system.ts';

export { type ApiAnswer, type ApiExample, type ApiRoute, eventStream, problemSchema } from './route.ts';

/** Every route of the panel's HTTP interface, by what it is about. */
export const apiGroups: Readonly<Record<string, readonly ApiRoute[]>> = {
  Services: systemRoutes,
  'What was and what is': observingRoutes,
  Logs: logRoutes,
  ComfyUI: comfyRoutes,
  'Signing in': accessRoutes,
};

export const apiRoutes: readonly ApiRoute[] = Object.values(apiGroups).flat();
