import { beforeEach, expect, test } from 'vitest';
import { firing } from '../../test/support/transitions.ts';
import { MemoryTable } from '../../test/support/memory-table.ts';
import { documentSchema } from '../../schema/desired-state.ts';
import { StoredDocuments } from '../desired/documents.ts';
import { StateStore } from '../state/state-store.ts';
import { askGate } from './gate.ts';
import type { GateQuestion } from './gate.ts';
import type { FiredDocument } from './make-transition.ts';

let state: StateStore;
let documents: StoredDocuments;
let budgets: { name: string; leftRatio: number | null }[] = [];
let open: FiredDocument[] = [];
let isBlind = false;
let isStoreAway = false;
beforeEach(async () => {
	state = await StateStore.open({ table: new MemoryTable(), clock: () => 0 });
	documents = new StoredDocuments({ state, isSource: () => false, report: () => {} });
	budgets = [];
	open = [];
	isBlind = false;
	isStoreAway = false;
});

const ask = (more: Partial<GateQuestion> = {}) =>
	askGate(
		{
			objectives: {
				budgetsOf: async () => {
					if (isStoreAway) throw new Error('the store is away');
					return budgets;
				},
			},
			openFirings: () => open,
			isBlind: () => isBlind,
			documents,
			state,
		},
		{
			project: 'default',
			service: 'shop/checkout',
			environment: '',
			intent: 'release',
			override: undefined,
			author: 'ci',
			...more,
		},
	);
const fired = (more: Parameters<typeof firing>[0] = {}) => ({ transition: firing(more) }) as FiredDocument;
const declareService = (name: string, spec: object) =>
	documents.put(
		'default',
		documentSchema.parse({ apiVersion: 'spanhouse.dev/v1', kind: 'Service', metadata: { name }, spec }),
		{ author: 'ann' },
	);

test('nothing against it lets it pass; a page or a spent budget does not, a ticket and another service do', async () => {
	budgets = [{ name: 'latency', leftRatio: 0.2 }];
	open = [fired({ severity: 'ticket' }), fired({ services: ['shop/web'] })];
	expect(await ask()).toMatchObject({ decision: 'allow', reasons: [] });
	open = [fired()];
	expect(await ask()).toMatchObject({ decision: 'deny', reasons: [{ kind: 'firing', name: 'checkout-is-slow' }] });
	open = [];
	budgets = [{ name: 'latency', leftRatio: -0.01 }];
	expect(await ask()).toMatchObject({ decision: 'deny', reasons: [{ kind: 'budget', name: 'latency' }] });
});

test('who can’t see says so', async () => {
	isBlind = true;
	expect((await ask()).decision).toBe('unknown');
	isBlind = false;
	budgets = [{ name: 'latency', leftRatio: null }];
	expect(await ask()).toMatchObject({ decision: 'unknown', reasons: [{ text: 'latency: no event was counted yet.' }] });
	budgets = [
		{ name: 'latency', leftRatio: null },
		{ name: 'errors', leftRatio: 0 },
	];
	expect((await ask()).decision).toBe('deny');
	isStoreAway = true;
	// Then nobody knows whether an objective counts it.
	expect(await ask()).toMatchObject({ decision: 'unknown', reasons: [{ text: 'the store is away' }], notes: [] });
});

test('a rollback and a fix pass with a note; an override passes and is kept', async () => {
	open = [fired()];
	expect(await ask({ intent: 'rollback' })).toMatchObject({
		decision: 'allow',
		notes: expect.arrayContaining([expect.stringMatching(/rollback/)]),
	});
	expect(state.get({ project: 'default', kind: 'gate.override', name: 'shop/checkout' })).toBeUndefined();
	expect(await ask({ override: 'promised' })).toMatchObject({
		decision: 'allow',
		notes: expect.arrayContaining(['Overridden: promised']),
	});
	expect(state.get({ project: 'default', kind: 'gate.override', name: 'shop/checkout' })).toMatchObject({
		author: 'ci',
	});
});

test('a service may declare that the gate only warns: it passes, and the reasons are said', async () => {
	open = [fired(), fired({ services: ['shop/web'] })];
	await declareService('shop/checkout', { gate: 'warn', owner: 'shop' });
	await declareService('shop/web', { owner: 'shop' });
	expect(await ask({ service: 'checkout' })).toMatchObject({
		decision: 'allow',
		reasons: [{ kind: 'firing' }],
		notes: ['No objective counts checkout.', 'Only a warning: Service shop/checkout declares gate: warn.'],
	});
	expect((await ask({ service: 'shop/web' })).decision).toBe('deny');
	open = [];
	expect((await ask()).notes).toEqual(['No objective counts shop/checkout.']);
	budgets = [{ name: 'latency', leftRatio: 1 }];
	expect((await ask()).notes).toEqual([]);
});
