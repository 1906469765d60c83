import { z } from 'zod';
import { type ApiAnswer, type ApiRoute, apiGroups, eventStream, problemSchema } from './index.ts';

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
  const { summary, description, body, answers, role, example } = route;
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
        content: {
          [body.type]: {
            ...(body.schema && { schema: jsonSchema(body.schema, 'input') }),
            ...(example?.body && { example: example.body }),
          },
        },
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [
          status,
          { description: answer.description, content: contentOf(answer) },
        ]),
      ),
      default: {
        description: 'A problem, with a code that docs/errors.md explains.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function contentOf({ schema, type, events }: ApiAnswer): Json {
  return {
    ...(schema && { 'application/json': { schema: jsonSchema(schema, 'output') } }),
    ...(type && { [type]: {} }),
    // OpenAPI 3.1 has no word for events, so their shapes stand in an extension.
    ...(events && { [eventStream]: { schema: { type: 'string' }, 'x-events': eventShapes(events) } }),
  };
}

function eventShapes(events: NonNullable<ApiAnswer['events']>): Json {
  return Object.fromEntries(
    Object.entries(events).map(([name, schema]) => [name, jsonSchema(schema, 'output')]),
  );
}

function pathParameters({ params = {}, example }: ApiRoute): Json[] {
  return Object.entries(params).map(([name, description]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string' },
    ...exampleOf(example?.params, name),
  }));
}

function queryParameters({ query, example }: ApiRoute): Json[] {
  if (!query) return [];
  return Object.entries(query.shape).map(([name, schema]) => {
    const { description, ...shape } = jsonSchema(schema as z.ZodType, 'input');
    return {
      name,
      in: 'query',
      // What has a default, or may be left out, is met by nothing.
      required: !(schema as z.ZodType).safeParse(undefined).success,
      ...(typeof description === 'string' && { description }),
      schema: shape,
      ...exampleOf(example?.query, name),
    };
  });
}

function exampleOf(values: Readonly<Record<string, string>> = {}, name: string): Json {
  return Object.hasOwn(values, name) ? { example: values[name] } : {};
}

/** `GET /api/system/{id}/status` → `getSystemIdStatus`. */
function operationId({ method, path }: ApiRoute): string {
  const words = path
    .replace('/api/', '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
