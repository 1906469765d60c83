import { logEvents } from '../events.ts';
import {
  downloadQuerySchema,
  logListSchema,
  logPageSchema,
  pageQuerySchema,
  searchQuerySchema,
} from '../logs.ts';
import { type ApiRoute, serviceName } from './route.ts';

export const logRoutes: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/logs',
    summary: 'the logs and their files',
    role: 'reader',
    answers: { 200: { description: 'Every log with its rotated files.', schema: logListSchema } },
  },
  {
    method: 'GET',
    path: '/api/logs/{id}',
    summary: 'a page of lines, or the log as it is written',
    description:
      'With `Accept: text/event-stream` the answer is the event `logs` of `GET /api/events`, for this log alone, with the parameters of that one.',
    role: 'reader',
    params: { id: serviceName },
    query: pageQuerySchema,
    example: { params: { id: 'comfyui' }, query: { tail: '200', stream: 'stderr' } },
    answers: {
      200: { description: 'Lines, the oldest first.', schema: logPageSchema, events: logEvents },
    },
  },
  {
    method: 'GET',
    path: '/api/logs/{id}/search',
    summary: 'lines that match, through the whole history of a log',
    description:
      'One JSON value a line: matches, the newest first, progress in between, the end last. Two searches at a time.',
    role: 'reader',
    params: { id: serviceName },
    query: searchQuerySchema,
    example: { params: { id: 'comfyui' }, query: { pattern: 'out of memory', level: 'error' } },
    answers: { 200: { description: 'Lines of JSON until the end.', type: 'application/x-ndjson' } },
  },
  {
    method: 'GET',
    path: '/api/logs/{id}/download',
    summary: 'one file of a log, or a part of it',
    description: 'Values of secrets are covered with asterisks.',
    role: 'reader',
    params: { id: serviceName },
    query: downloadQuerySchema,
    example: { params: { id: 'comfyui' }, query: { stream: 'stderr' } },
    answers: {
      200: { description: 'The file as it is at this moment.', type: 'text/plain' },
      206: { description: 'The bytes that the header Range asks for.', type: 'text/plain' },
      416: { description: 'The file ends before them.', type: 'text/plain' },
    },
  },
];
