import { expect, test } from 'vitest';
import { maskIdentifiers } from './mask-identifiers.ts';

test.each([
	['internal Travel2Controller.getTripAllDetailInfo', 'internal Travel2Controller.getTripAllDetailInfo'],
	['GET /users/123', 'GET /users/{id}'],
	['GET /orders/5b8efff7-9803-8103-d269-b633813fc60c/items/7', 'GET /orders/{id}/items/{id}'],
	['get deadbeef01', 'get {id}'],
	['job-81723', 'job-{id}'],
	['job81723 done', 'job{id} done'],
	['token dGhpc0lzQVRva2Vu1x', 'token {id}'],
	['/api/v1/s3/http2', '/api/v1/s3/http2'],
	['cafe babe', 'cafe babe'],
	['render', 'render'],
	['', ''],
])('%s → %s', (name, masked) => {
	expect(maskIdentifiers(name)).toBe(masked);
});

test('a name of any length is cut, whole characters only', () => {
	expect(maskIdentifiers('a'.repeat(1_000_000))).toHaveLength(256);
	expect(maskIdentifiers(`${'a'.repeat(255)}😀`)).toBe('a'.repeat(255));
	expect(maskIdentifiers('1-'.repeat(500_000)).length).toBeLessThan(1_024);
});
