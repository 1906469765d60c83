import { z } from 'zod';
import { auditQuerySchema, auditSchema } from '../audit.ts';
import { doctorSchema } from '../doctor.ts';
import { latencyQuerySchema, latencySchema, uptimeQuerySchema, uptimeSchema } from '../history.ts';
import { hostSchema } from '../host.ts';
import { incidentsQuerySchema, incidentsSchema } from '../incidents.ts';
import { incidentSchema } from '../state.ts';
import { type ApiRoute, serviceName } from './route.ts';

export const observingRoutes: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/api/history',
    summary: 'how much of the time each service was healthy',
    role: 'reader',
    query: uptimeQuerySchema,
    example: { query: { span: '7d', parts: '84' } },
    answers: { 200: { description: 'Uptime, as a whole and in parts.', schema: uptimeSchema } },
  },
  {
    method: 'GET',
    path: '/api/history/{id}',
    summary: 'how fast one service answered',
    role: 'reader',
    params: { id: serviceName },
    query: latencyQuerySchema,
    example: { params: { id: 'comfyui' }, query: { span: '1h' } },
    answers: { 200: { description: 'At most 240 points.', schema: latencySchema } },
  },
  {
    method: 'GET',
    path: '/api/incidents',
    summary: 'what went wrong, the newest first',
    role: 'reader',
    query: incidentsQuerySchema,
    example: { query: { service: 'comfyui', limit: '10' } },
    answers: { 200: { description: 'Incidents.', schema: incidentsSchema } },
  },
  {
    method: 'GET',
    path: '/api/incidents/{incident}',
    summary: 'one incident',
    role: 'reader',
    params: { incident: 'Id of an incident.' },
    answers: { 200: { description: 'The incident.', schema: incidentSchema } },
  },
  {
    method: 'GET',
    path: '/api/doctor',
    summary: 'what the doctor said last',
    role: 'reader',
    answers: { 200: { description: 'The last report, if there is one.', schema: doctorSchema } },
  },
  {
    method: 'POST',
    path: '/api/doctor',
    summary: 'examines the installation anew (Test-Orchestrator)',
    description: 'Takes some seconds. Everybody who asks meanwhile gets the same examination.',
    role: 'operator',
    answers: { 200: { description: 'The new report.', schema: doctorSchema } },
  },
  {
    method: 'GET',
    path: '/api/host',
    summary: 'facts of the machine: processor, memory, versions',
    role: 'reader',
    answers: { 200: { description: 'The machine at this moment.', schema: hostSchema } },
  },
  {
    method: 'GET',
    path: '/api/audit',
    summary: 'who asked the panel for what, the newest first',
    role: 'operator',
    query: auditQuerySchema,
    example: { query: { limit: '20' } },
    answers: { 200: { description: 'Actions, refused ones too.', schema: auditSchema } },
  },
  {
    method: 'GET',
    path: '/api/metrics',
    summary: 'metrics for Prometheus',
    role: 'reader',
    answers: { 200: { description: 'The text format of Prometheus.', type: 'text/plain' } },
  },
  {
    method: 'GET',
    path: '/api/openapi.json',
    summary: 'this interface as OpenAPI 3.1',
    role: 'reader',
    answers: {
      200: { description: 'The description.', schema: z.looseObject({ openapi: z.literal('3.1.0') }) },
    },
  },
];
