import type { APIRoute } from 'astro';

export const prerender = false;

export const ALL: APIRoute = ({ request, params, locals }) => locals.panel.systemStatus(request, params.id);
