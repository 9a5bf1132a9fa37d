import { start, withSpan } from '@spanhouse/sdk';

const handle = start({
	serviceName: 'by-code',
	serviceVersion: '9.9',
	environment: 'staging',
	endpoint: process.env.ENDPOINT,
	headers: { authorization: 'Bearer key, with comma' },
	resourceAttributes: { 'team.name': 'basket, and more' },
});
withSpan('from code', () => {});
await handle.forceFlush();
process.stdout.write(JSON.stringify({ same: start() === handle, leaked: process.env.OTEL_SERVICE_NAME ?? null }));
