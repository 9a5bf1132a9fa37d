import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillLink, LINK_NAMES, linkProblem, SOURCE_NAMES } from './link.ts';

test('placeholders are filled in, encoded, and a link with one that is not known is none', () => {
	const template = 'https://logs/?q={traceId}&from={fromMs}&pod={attr.k8s.pod.name}';
	const values = { traceId: 'ab', fromMs: 5, 'attr.k8s.pod.name': 'a&b=c/d' };
	expect(fillLink(template, values)).toBe('https://logs/?q=ab&from=5&pod=a%26b%3Dc%2Fd');
	expect(fillLink(template, { traceId: 'ab', fromMs: 5 })).toBeUndefined();
	expect(fillLink('https://logs/{toString}', {})).toBeUndefined();
});

test('a path of a source keeps its slashes and does not climb', () => {
	const template = 'https://git/{revision}/{path}#L{line}';
	expect(fillLink(template, { revision: 'v1', path: '/src/a b.ts', line: 7 })).toBe('https://git/v1/src/a%20b.ts#L7');
	expect(fillLink(template, { revision: 'v1', path: '../../x', line: 7 })).toBeUndefined();
	expect(fillLink(template, { revision: '..', path: 'x', line: 7 })).toBeUndefined();
});

test.each([
	['javascript:alert(1)', LINK_NAMES, /http or https/],
	['https://{service}.example/', LINK_NAMES, /host without placeholders/],
	['https://user@logs/', LINK_NAMES, /http or https/],
	['https://logs/{trace}', LINK_NAMES, /\{traceId\}.*attr\.KEY/],
	['https://logs/{traceId', LINK_NAMES, /pair of braces/],
	['https://git/{attr.x}', SOURCE_NAMES, /\{revision\}/],
])('%s is no link', (template, names, problem) => {
	expect(linkProblem(template, names)).toMatch(problem);
});

test('addresses with the placeholders of their kind are links', () => {
	const found = [
		linkProblem('https://logs/{traceId}', LINK_NAMES),
		linkProblem('https://logs:8443/{attr.pod}?x=1', LINK_NAMES),
		linkProblem('https://git/{revision}/{path}', SOURCE_NAMES),
		linkProblem('http://runbooks', []),
	];
	expect(found).toEqual([undefined, undefined, undefined, undefined]);
});

test('whatever telemetry says, a link leads to the host that was declared', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (value, path) => {
			const filled = fillLink('https://logs.example:8443/a/{attr.x}/{path}?q={attr.x}', { 'attr.x': value, path });
			if (filled === undefined) return;
			const { origin, pathname } = new URL(filled);
			expect(origin).toBe('https://logs.example:8443');
			expect(pathname.startsWith('/a/')).toBe(true);
		}),
	);
});
