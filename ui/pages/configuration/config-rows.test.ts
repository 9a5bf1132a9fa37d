import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConfigObject } from '../../../schema/api-config.ts';
import { arrangeObjects, differencesOf } from './config-rows.ts';

/** Keys without dots, so that a path is one place. */
const tree = fc.letrec((tie) => ({
	value: fc.oneof(
		{ maxDepth: 3 },
		fc.integer(),
		fc.boolean(),
		fc.string(),
		tie('object'),
		fc.array(tie('value'), { maxLength: 3 }),
	),
	object: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
})).object;

/** The value at a path, looked up step by step. */
function at(document: unknown, path: string): unknown {
	return path === ''
		? document
		: path
				.split('.')
				.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], document);
}

test('documents differ exactly where a walk along the paths finds another value', () => {
	fc.assert(
		fc.property(tree, tree, (live, desired) => {
			const found = differencesOf(live, desired);
			const said = found.flatMap(({ path, ...sides }) => [
				{ path, text: sides.live, document: live },
				{ path, text: sides.desired, document: desired },
			]);
			const wrong = said.filter(
				({ path, text, document }) => text !== undefined && JSON.stringify(at(document, path)) !== text,
			);
			expect(wrong).toEqual([]);
			expect(found.length === 0).toBe(JSON.stringify(sorted(live)) === JSON.stringify(sorted(desired)));
			expect(differencesOf(live, live)).toEqual([]);
		}),
	);
	expect(
		differencesOf({ spec: { above: '1s', notify: ['a'] } }, { spec: { above: '2s', notify: ['a', 'b'] } }),
	).toEqual([
		{ path: 'spec.above', live: '"1s"', desired: '"2s"' },
		{ path: 'spec.notify.1', live: undefined, desired: '"b"' },
	]);
});

function sorted(value: unknown): unknown {
	if (typeof value !== 'object' || value === null) return value;
	const entries = Object.entries(value).map(([key, part]) => [key, sorted(part)] as const);
	return Array.isArray(value)
		? entries.map(([, part]) => part)
		: Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

test('objects are listed by source, kind and text', () => {
	const object = (kind: ConfigObject['kind'], name: string, source: string | null) =>
		({
			kind,
			name,
			labels: { team: 'shop' },
			owner: { source, file: 'a/b.yaml' },
			author: 'x',
		}) as unknown as ConfigObject;
	const all = [object('SLO', 'b', 'git'), object('Alert', 'z', null), object('Alert', 'a', 'git')];
	const names = (view: Partial<Parameters<typeof arrangeObjects>[1]>) =>
		arrangeObjects(all, { source: '', kind: 'all', f: '', ...view }).map(({ name }) => name);
	expect(names({})).toEqual(['a', 'z', 'b']);
	expect(names({ source: 'git', kind: 'Alert' })).toEqual(['a']);
	expect(names({ source: '(screen)' })).toEqual(['z']);
	expect(names({ f: 'TEAM=shop' })).toHaveLength(3);
});
