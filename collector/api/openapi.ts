import { createDocument } from 'zod-openapi';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { z } from 'zod';
import { problemSchema } from '../../schema/api.ts';
import { notificationBody } from '../../schema/notification.ts';
import type { Route } from './route.ts';

/** The OpenAPI 3.1 document of the route table: nothing in it is written by hand a second time. */
export function openApiDocument(routes: readonly Route[], version: string): object {
	const paths: ZodOpenApiPathsObject = {};
	for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
	return createDocument({
		openapi: '3.1.0',
		info: {
			title: 'Spanhouse',
			version,
			description:
				'Times: `from` and `to` are Unix milliseconds, `now` or `now-15m`; windows are half-open and place a span where it ended.',
			license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
		},
		servers: [{ url: '/api/v1' }],
		paths,
		webhooks: {
			notification: {
				post: {
					summary: 'What a channel of type webhook gets; any 2xx takes it',
					operationId: 'notification',
					requestBody: { content: { 'application/json': { schema: notificationBody } } },
					responses: { '2XX': { description: 'Taken' } },
				},
			},
		},
	});
}

function operation(route: Route): NonNullable<ZodOpenApiPathsObject[string]['get']> {
	const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
	const content = Object.fromEntries(Object.entries(route.answers).map(([type, schema]) => [type, { schema }]));
	return {
		summary: route.summary,
		operationId: `${route.method}${route.path.replace(/[{}]/g, '').replace(/[/.-](\w)/g, (_, letter: string) => letter.toUpperCase())}`,
		requestParams: {
			query: route.query,
			...(names.length === 0 ? {} : { path: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))) }),
		},
		...(route.body === undefined ? {} : { requestBody: { content: { 'application/json': { schema: route.body } } } }),
		responses: {
			'200': { description: 'OK', content },
			default: { description: 'RFC 9457 problem', content: { 'application/problem+json': { schema: problemSchema } } },
		},
	};
}
