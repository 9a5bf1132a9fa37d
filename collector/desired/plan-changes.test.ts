import { expect, test } from 'vitest';
import { documentSchema } from '../../schema/desired-state.ts';
import type { DesiredDocument } from '../../schema/desired-state.ts';
import type { DeclaredDocument, Origin, Override } from './documents.ts';
import { planChanges } from './plan-changes.ts';

const link = (name: string, title = 'Logs'): DesiredDocument =>
	documentSchema.parse({
		apiVersion: 'spanhouse.dev/v1',
		kind: 'Link',
		metadata: { name },
		spec: { title, urlTemplate: 'https://logs', on: ['span'] },
	});
const live = (document: DesiredDocument, origin?: Partial<Origin>, override?: Override): DeclaredDocument => ({
	document,
	version: 3,
	author: 'ann',
	changedMs: 0,
	owner: { source: origin?.source ?? null },
	...(origin === undefined ? {} : { origin: { source: 'git', file: 'a.yaml', line: 1, ...origin } }),
	...(override === undefined ? {} : { override }),
});
const plan = (desired: DesiredDocument[], found: DeclaredDocument[], isSource = true) =>
	planChanges({
		source: 'git',
		desired: desired.map((document, line) => ({ document, file: 'a.yaml', line })),
		live: found,
		isSource: () => isSource,
		nowMs: 1_000,
	});
const actions = (...args: Parameters<typeof plan>) =>
	plan(...args).edits.map(({ action, name }) => `${action} ${name}`);

test('what is new is made, what differs is changed, what is gone is deleted, the rest is left alone', () => {
	const found = [live(link('same'), {}), live(link('old', 'Old'), {}), live(link('gone'), {}), live(link('screen'))];
	expect(actions([link('new'), link('same'), link('old', 'New')], found)).toEqual([
		'create new',
		'update old',
		'delete gone',
	]);
});

test('what was there before the source is taken over, and let go of rather than deleted', () => {
	const [adopted] = plan([link('a')], [live(link('a', 'Mine'))]).edits;
	expect(adopted).toMatchObject({ action: 'adopt', after: { origin: { source: 'git', adopted: true } } });
	const [released] = plan([link('b')], [live(link('a'), { adopted: true })]).edits.slice(1);
	expect(released?.action).toBe('release');
	expect(released?.after).toEqual({ document: link('a') });
	const [changed] = plan([link('a', 'New')], [live(link('a'), { adopted: true })]).edits;
	expect(changed?.after?.origin?.adopted).toBe(true);
});

test('what another source declares is a conflict that names both places; of a source that is gone it is taken over', () => {
	const other = [live(link('a'), { source: 'team', file: 'team/x.yaml', line: 9 })];
	expect(plan([link('a')], other)).toMatchObject({
		edits: [],
		conflicts: [{ file: 'a.yaml', line: 0, found: 'Link a, which source team declares in team/x.yaml:9' }],
	});
	expect(actions([link('a')], other, false)).toEqual(['move a']);
});

test('an override holds until its time, and what the source says meanwhile is kept for afterwards', () => {
	const override = (untilMs: number) => ({ untilMs, reason: 'incident', author: 'ann', desired: link('a') });
	expect(actions([link('a')], [live(link('a', 'Other'), {}, override(1_001))])).toEqual([]);
	const [edit] = plan([link('a', 'Newer')], [live(link('a', 'Other'), {}, override(1_001))]).edits;
	expect(edit?.after).toMatchObject({ document: link('a', 'Other'), override: { desired: link('a', 'Newer') } });
	expect(plan([link('a')], [live(link('a', 'Other'), {}, override(1_000))]).edits[0]?.after).toEqual({
		document: link('a'),
		origin: { source: 'git', file: 'a.yaml', line: 0 },
	});
});

test.each([
	[20, 17, false],
	[20, 16, false],
	[20, 15, true],
	[5, 2, false],
	[5, 1, true],
	[4, 1, false],
	[1, 0, true],
	[3, 0, true],
	[0, 0, false],
])('of %i documents %i stay: needs a confirmation: %s', (before, stay, expected) => {
	const all = Array.from({ length: before }, (_, index) => link(`a${index}`));
	expect(
		plan(
			all.slice(0, stay),
			all.map((document) => live(document, {})),
		).needsConfirmation,
	).toBe(expected);
});

test('only what is left of a rename is no removal of everything', () => {
	expect(plan([link('new')], [live(link('old'), {})])).toMatchObject({ removes: 1, needsConfirmation: false });
});
