import { z } from 'zod';
import { escapeHtml } from '../lib/escape-html.ts';
import { ERROR_CATALOGUE } from '../model/errors.ts';
import { problemSchema } from './problem.ts';
import { type Route, route } from './route.ts';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of these routes, made from the definitions that also validate. */
function describeRoutes(routes: readonly Route[], info: { title: string; version: string }): Json {
  const paths: Record<string, Json> = {};
  for (const definition of routes) {
    paths[definition.path] ??= {};
    paths[definition.path]![definition.method.toLowerCase()] = describeRoute(definition);
  }
  return {
    openapi: '3.1.0',
    info: { ...info, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    security: [{}, { bearer: [] }],
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemSchema, 'output') },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'an API key' } },
    },
  };
}

function describeRoute(definition: Route): Json {
  const { success } = definition;
  const content = success.schema
    ? { 'application/json': { schema: jsonSchema(success.schema, 'output') } }
    : success.contentType && { [success.contentType]: { schema: { type: 'string' } } };
  return {
    tags: [definition.tag],
    summary: definition.summary,
    ...(definition.description && { description: definition.description }),
    operationId: operationId(definition),
    'x-scope': definition.scope,
    parameters: [...parametersOf(definition.params, 'path'), ...parametersOf(definition.query, 'query')],
    ...requestBodyOf(definition),
    responses: {
      [success.status]: { description: success.description ?? 'success', ...(content && { content }) },
      ...(definition.webSocket && { 101: { description: 'the WebSocket is open' } }),
      default: {
        description: 'what went wrong',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function operationId(definition: Route): string {
  return `${definition.method.toLowerCase()}${definition.path.replace(/[^a-z0-9]+/gi, '_').replace(/_$/, '')}`;
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description !== undefined && { description }),
    schema: rest,
  }));
}

function requestBodyOf(definition: Route): Json {
  const content: Record<string, Json> = {};
  const body = definition.body ?? definition.describesBody;
  if (body) content['application/json'] = { schema: jsonSchema(body, 'input') };
  for (const type of definition.consumes ?? []) content[type] ??= { schema: {} };
  return Object.keys(content).length > 0 ? { requestBody: { required: true, content } } : {};
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  return rest;
}

/** `GET /openapi.json` and the readable page `GET /docs/api`, over the given routes and themselves. */
export function documentationRoutes(routes: readonly Route[], info: { title: string; version: string }): Route[] {
  let document: Json | undefined;
  const own: Route[] = [
    route({
      method: 'GET',
      path: '/openapi.json',
      tag: 'documentation',
      summary: 'This API as OpenAPI 3.1',
      scope: 'public',
      success: { status: 200, schema: z.looseObject({}) },
      handle: () => (document ??= describeRoutes([...routes, ...own], info)),
    }),
    route({
      method: 'GET',
      path: '/docs/api',
      tag: 'documentation',
      summary: 'This API as a page to read',
      scope: 'public',
      success: { status: 200, contentType: 'text/html' },
      handle: ({ reply }) => {
        reply.type('text/html; charset=utf-8');
        return renderPage([...routes, ...own], info);
      },
    }),
    route({
      method: 'GET',
      path: '/docs/errors',
      tag: 'documentation',
      summary: 'What the types of problems mean',
      scope: 'public',
      success: { status: 200, contentType: 'text/html' },
      handle: ({ reply }) => {
        reply.type('text/html; charset=utf-8');
        return renderErrors(info.title);
      },
    }),
  ];
  return own;
}

function renderErrors(title: string): string {
  const rows = Object.entries(ERROR_CATALOGUE).map(
    ([code, error]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${error.status}</td><td>${escapeHtml(error.title)}</td></tr>`,
  );
  return page(
    `${title} errors`,
    `<h1>Errors</h1><p>Every error is an RFC 9457 problem. Its <code>detail</code> says what was wrong this time, its
<code>errors</code> name each wrong field.</p><table><tr><th>Type</th><th>Status</th><th>Meaning</th></tr>${rows.join('')}</table>`,
  );
}

function renderPage(routes: readonly Route[], info: { title: string; version: string }): string {
  const tags = [...new Set(routes.map((definition) => definition.tag))];
  const sections = tags.map((tag) => {
    const rows = routes
      .filter((definition) => definition.tag === tag)
      .map(
        ({ method, path, summary, scope }) =>
          `<tr><td><code>${method}</code></td><td><code>${escapeHtml(path)}</code></td><td>${escapeHtml(summary)}</td><td>${scope}</td></tr>`,
      );
    return `<h2>${escapeHtml(tag)}</h2><table><tr><th>Method</th><th>Path</th><th>What it does</th><th>Scope</th></tr>${rows.join('')}</table>`;
  });
  return page(
    `${info.title} API`,
    `<h1>${escapeHtml(info.title)} ${escapeHtml(info.version)}</h1>
<p>The machine-readable form, with every field, is <a href="../openapi.json">openapi.json</a>.</p>${sections.join('')}`,
  );
}

function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8884}</style>
${content}</html>`;
}
