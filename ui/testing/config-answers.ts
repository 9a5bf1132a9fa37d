import { alertDocument } from './alert-answers.ts';
import { NOW_MS } from './now.ts';
import type {
	AuditAnswer,
	ConfigAnswer,
	ConfigObject,
	DocumentAnswer,
	HistoryAnswer,
	SourceAnswer,
} from '../../schema/api-config.ts';
import type { ChannelStatus, SilenceStatus } from '../../schema/api-notify.ts';

const MINUTE_MS = 60_000;
const revision = (hex: string, message: string) => ({
	revision: hex.repeat(40),
	author: 'mara',
	message,
	committedMs: NOW_MS - 90 * MINUTE_MS,
});

export const source = (name: string, facts: Partial<SourceAnswer> = {}): SourceAnswer => ({
	name,
	type: 'git',
	location: 'https://git.example/platform.git main alerts/',
	declaredIn: 'SPANHOUSE_CONFIG_REPO',
	state: 'Synced',
	error: null,
	findings: [],
	findingCount: 0,
	newest: revision('a', 'Lower the threshold of checkout'),
	applied: { ...revision('a', 'Lower the threshold of checkout'), appliedMs: NOW_MS - 80 * MINUTE_MS },
	readMs: NOW_MS - 12_000,
	objects: 12,
	changes: [],
	changeCount: 0,
	held: null,
	paused: null,
	corrected: 0,
	...facts,
});

const object = (kind: ConfigObject['kind'], name: string, facts: Partial<ConfigObject> = {}): ConfigObject => ({
	kind,
	name,
	labels: {},
	version: 3,
	author: 'mara',
	changedMs: NOW_MS - 80 * MINUTE_MS,
	owner: { source: 'platform', file: 'alerts/checkout.yaml', line: 12 },
	drift: 'none',
	...facts,
});

/** One source in sync, one refused, one held; an object that is overridden, and one made on the screen. */
export const configAnswer = (facts: Partial<ConfigAnswer> = {}): ConfigAnswer => ({
	sources: [
		source('platform'),
		source('shop', {
			type: 'folder',
			location: '/etc/spanhouse',
			state: 'Refused',
			newest: revision('b', 'Add rules of mail'),
			findings: [
				{
					file: 'mail.yaml',
					line: 7,
					column: 12,
					level: 'error',
					path: 'spec.conditions.0.above',
					found: '"800"',
					expected: 'a duration with its unit',
				},
			],
			findingCount: 1,
		}),
		source('web', {
			state: 'OutOfSync',
			held: { revision: 'c'.repeat(40), removes: 8, of: 12 },
			changes: [{ action: 'delete', kind: 'Alert', name: 'old', file: 'web.yaml', line: 3 }],
			changeCount: 8,
		}),
	],
	objects: [
		object('Alert', 'checkout-is-slow', {
			drift: 'overridden',
			owner: { source: 'platform', file: 'alerts/checkout.yaml', line: 12, overriddenUntilMs: NOW_MS + 3 * 3_600_000 },
		}),
		object('Channel', 'oncall', { owner: { source: null }, author: 'anonymous' }),
	],
	...facts,
});

export const documentAnswer = (facts: Partial<DocumentAnswer> = {}): DocumentAnswer => ({
	document: alertDocument('checkout-is-slow', { minRequests: 5 }),
	version: 3,
	author: 'mara',
	changedMs: NOW_MS - MINUTE_MS,
	owner: { source: 'platform', file: 'alerts/checkout.yaml', line: 12, overriddenUntilMs: NOW_MS + 3 * 3_600_000 },
	desired: alertDocument('checkout-is-slow'),
	yaml: 'apiVersion: spanhouse.dev/v1\nkind: Alert\n',
	...facts,
});

export const historyAnswer = (): HistoryAnswer => ({
	versions: [
		{
			version: 3,
			changedMs: NOW_MS - MINUTE_MS,
			author: 'mara',
			deleted: false,
			document: {},
			owner: 'platform',
			note: 'Tried on the last 7d: would not have fired',
			yaml: 'kind: Alert\n',
		},
		{
			version: 2,
			changedMs: NOW_MS - 99 * MINUTE_MS,
			author: 'ben',
			deleted: true,
			document: null,
			owner: null,
			note: null,
			yaml: '',
		},
	],
	revert: 'git revert the commit that declared it.',
});

export const channelStatus = (name: string, facts: Partial<ChannelStatus> = {}): ChannelStatus => ({
	name,
	type: 'slack',
	problem: null,
	failing: false,
	lastMs: NOW_MS - 12 * MINUTE_MS,
	lastStatus: 200,
	lastError: null,
	waiting: 0,
	pausedUntilMs: null,
	...facts,
});

export const silence = (facts: Partial<SilenceStatus> = {}): SilenceStatus => ({
	document: {
		apiVersion: 'spanhouse.dev/v1',
		kind: 'Silence',
		metadata: { name: 'silence-1', labels: {}, annotations: {} },
		spec: { match: { alert: 'checkout-is-slow' }, timeZone: 'UTC', reason: 'deploy' },
	},
	version: 1,
	author: 'mara',
	changedMs: NOW_MS - MINUTE_MS,
	owner: { source: null },
	activeUntilMs: NOW_MS + 45 * MINUTE_MS,
	problem: null,
	...facts,
});

export const auditAnswer = (): AuditAnswer => ({
	entries: [
		{
			tMs: NOW_MS - 80 * MINUTE_MS,
			author: 'source:platform',
			event: 'applied',
			revision: revision('a', 'Lower the threshold of checkout'),
			changes: [
				{ action: 'update', kind: 'Alert', name: 'checkout-is-slow', file: 'alerts/checkout.yaml', line: 12 },
				{ action: 'delete', kind: 'Alert', name: 'mail-is-slow', file: null, line: null },
			],
			changeCount: 2,
		},
		{ tMs: NOW_MS - 300 * MINUTE_MS, author: 'ben', event: 'paused', revision: null, changes: [], changeCount: 0 },
	],
});
