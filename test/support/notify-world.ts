import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNotify } from '../../collector/alerting/notify/open-notify.ts';
import type { Notify, NotifyParts } from '../../collector/alerting/notify/open-notify.ts';
import { StoredDocuments } from '../../collector/desired/documents.ts';
import { silentLog } from '../../collector/log.ts';
import { addressRanges } from '../../collector/outbound/address-policy.ts';
import { createSelfMetrics } from '../../collector/self-metrics.ts';
import { StateStore } from '../../collector/state/state-store.ts';
import { documentSchema } from '../../schema/desired-state.ts';
import { MemoryTable } from './memory-table.ts';

/** Documents in memory, a data folder of its own, and loopback as an allowed target. */
export class NotifyWorld {
	readonly dataFolder: string = mkdtempSync(join(tmpdir(), 'spanhouse-notify-'));
	readonly documents: StoredDocuments;
	readonly #state: StateStore;

	private constructor(state: StateStore) {
		this.#state = state;
		this.documents = new StoredDocuments({ state, isSource: () => false, report: () => {} });
	}

	static async create(): Promise<NotifyWorld> {
		return new NotifyWorld(await StateStore.open({ table: new MemoryTable(), clock: Date.now }));
	}

	async declare(kind: string, name: string, spec: object): Promise<void> {
		const document = documentSchema.parse({ apiVersion: 'spanhouse.dev/v1', kind, metadata: { name }, spec });
		await this.documents.put('default', document, { author: 'test' });
	}

	open(ports: readonly number[], more: Partial<NotifyParts> = {}): Promise<Notify> {
		return openNotify({
			config: {
				allowedTargets: addressRanges('127.0.0.1'),
				targetPorts: [...ports],
				smtpPorts: [...ports],
				publicUrl: '',
			},
			secrets: { env: { HOOK_SECRET: 'whsec_c2VjcmV0IG9mIHRoZSB0ZXN0' }, reserved: new Set(), reservedFolders: [] },
			dataFolder: this.dataFolder,
			documents: this.documents,
			projects: () => ['default'],
			screenUrl: () => 'https://spanhouse.example',
			isCurrent: () => true,
			clock: Date.now,
			metrics: createSelfMetrics(),
			log: silentLog,
			random: () => 1,
			...more,
		});
	}

	async close(): Promise<void> {
		await this.#state.close();
		rmSync(this.dataFolder, { recursive: true, force: true });
	}
}
