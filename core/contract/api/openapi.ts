import { z } from 'zod';
import { type ApiRoute, apiGroups, problemSchema } from './index.ts';

type Json = Readonly<Record<string, unknown>>;

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};

/** The interface as an OpenAPI 3.1 document, made from the same schemas that judge queries and answers. */
export function openApi({ version }: { version: string }): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [group, routes] of Object.entries(apiGroups)) {
    for (const route of routes) {
      // OpenAPI has no parameter that takes slashes; the description says that this one does.
      const path = route.path.replace('...}', '}');
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(group, route) };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Orchestrator',
      version,
      description: 'The panel of Orchestrator. Times are ISO 8601 in UTC unless said otherwise.',
    },
    servers: [{ url: '/' }],
    security: [{}, { bearer: [] }, { cookie: [] }],
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemSchema, 'output') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'orchestrator_session' },
      },
    },
  };
}

function operation(group: string, route: ApiRoute): Json {
  const { summary, description, body, answers, role } = route;
  return {
    operationId: operationId(route),
    tags: [group],
    summary,
    ...(description && { description }),
    ...(role === 'anyone' && { security: [{}] }),
    'x-role': role,
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...(body && {
      requestBody: {
        required: false,
        ...(body.description && { description: body.description }),
        content: { [body.type]: body.schema ? { schema: jsonSchema(body.schema, 'input') } : {} },
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [
          status,
          {
            description: answer.description,
            content: answer.schema
              ? { 'application/json': { schema: jsonSchema(answer.schema, 'output') } }
              : { [answer.type ?? '*/*']: {} },
          },
        ]),
      ),
      default: {
        description: 'A problem, with a code that docs/errors.md explains.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function pathParameters({ params = {} }: ApiRoute): Json[] {
  return Object.entries(params).map(([name, description]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string' },
  }));
}

function queryParameters({ query }: ApiRoute): Json[] {
  if (!query) return [];
  return Object.entries(query.shape).map(([name, schema]) => {
    const { description, ...shape } = jsonSchema(schema as z.ZodType, 'input');
    return {
      name,
      in: 'query',
      required: false,
      ...(typeof description === 'string' && { description }),
      schema: shape,
    };
  });
}

/** `GET /api/system/{id}/status` → `getSystemIdStatus`. */
function operationId({ method, path }: ApiRoute): string {
  const words = path
    .replace('/api/', '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
