/**
 * What notifies, told to kill itself: argument 1 is JSON with `{port, dataFolder, point, transitions}`. Tells the name of each
 * rule on standard output when its transition is taken, and goes on until it is killed.
 */
import { openNotify } from '../../collector/alerting/notify/open-notify.ts';
import type { Transition } from '../../collector/alerting/transition.ts';
import { StoredDocuments } from '../../collector/desired/documents.ts';
import { silentLog } from '../../collector/log.ts';
import { addressRanges } from '../../collector/outbound/address-policy.ts';
import { createSelfMetrics } from '../../collector/self-metrics.ts';
import { StateStore } from '../../collector/state/state-store.ts';
import { documentSchema } from '../../schema/desired-state.ts';
import { MemoryTable } from './memory-table.ts';

interface Orders {
	port: number;
	dataFolder: string;
	point: string;
	transitions: Transition[];
}
const orders = JSON.parse(process.argv[2] ?? '{}') as Orders;
const state = await StateStore.open({ table: new MemoryTable(), clock: Date.now });
const documents = new StoredDocuments({ state, isSource: () => false, report: () => {} });
for (const [kind, spec] of [
	['Channel', { type: 'webhook', url: `http://127.0.0.1:${orders.port}/hook` }],
	['Route', { notify: ['hook'], groupWait: '10ms', groupInterval: '10ms', groupBy: ['alert'] }],
] as const)
	await documents.put(
		'default',
		documentSchema.parse({ apiVersion: 'spanhouse.dev/v1', kind, metadata: { name: 'hook' }, spec }),
		{ author: 'test' },
	);
const notify = await openNotify({
	config: { allowedTargets: addressRanges('127.0.0.1'), targetPorts: [orders.port], smtpPorts: [], publicUrl: '' },
	secrets: { env: {}, reserved: new Set(), reservedFolders: [] },
	dataFolder: orders.dataFolder,
	documents,
	projects: () => ['default'],
	screenUrl: () => 'http://127.0.0.1',
	isCurrent: () => false,
	clock: Date.now,
	metrics: createSelfMetrics(),
	log: silentLog,
	crash: async (passed) => {
		if (passed === orders.point) process.kill(process.pid, 'SIGKILL');
	},
});
for (const transition of orders.transitions) {
	await notify.publish(transition);
	process.stdout.write(`${transition.rule}\n`);
}
setInterval(() => {}, 1_000);
