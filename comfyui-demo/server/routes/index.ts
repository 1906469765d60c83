import type { App } from '../app.ts';
import { Router, withTwins } from '../router.ts';
import { demoRoutes } from './demo.ts';
import { infoRoutes, internalRoutes } from './info.ts';
import { jobRoutes } from './jobs.ts';
import { promptRoutes } from './prompt.ts';
import { queueRoutes } from './queue.ts';
import { uploadRoutes } from './upload.ts';
import { viewRoutes } from './view.ts';

export const createRouter = (app: App): Router =>
  new Router([
    ...demoRoutes(app),
    ...internalRoutes(app),
    ...withTwins([
      ...infoRoutes(app),
      ...promptRoutes(app),
      ...queueRoutes(app),
      ...viewRoutes(app),
      ...uploadRoutes(app),
      ...jobRoutes(app),
    ]),
  ]);
