import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ConfigAnswer, SourceAnswer } from '../../../schema/api-config.ts';
import { temporaryFolder } from '../../support/clickhouse.ts';
import { GitRepository, hasGit } from '../../support/git-repository.ts';
import { fillWithMigrated } from '../../support/migrated-store.ts';
import { productStore, startProduct, until } from '../../support/product.ts';

const alert = (above: string) => `apiVersion: spanhouse.dev/v1
kind: Alert
metadata: { name: slow }
spec:
  query: service:shop
  measure: p95
  conditions: [{ severity: page, above: ${above} }]
`;

test.skipIf(!hasGit)(
	'alerts follow a repository: a push that is told, a broken revision, a revert, an override, a restart without it',
	async () => {
		const repository = new GitRepository();
		const folder = temporaryFolder();
		await fillWithMigrated(folder.path, productStore);
		repository.push({ 'ops/alerts.yaml': alert('800ms') }, 'Begin');
		const env = { SPANHOUSE_CONFIG_REPO: `${repository.url}#main:ops`, SPANHOUSE_CONFIG_WEBHOOK_SECRET: 'hush' };
		const start = () => startProduct({ args: ['--data-dir', folder.path], env });
		let product = await start();
		// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- each caller says what it asked for
		const call = async <Answer>(method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
			const response = await fetch(`${product.ready.ui}/api/v1${path}`, {
				method,
				headers: { 'content-type': 'application/json', ...headers },
				...(body === undefined ? {} : { body }),
			});
			return { status: response.status, body: (await response.json()) as Answer };
		};
		const sync = async () => (await call<SourceAnswer>('POST', '/config/sources/config-repo/sync')).body;
		const threshold = async () => {
			const { status, body } = await call<{ document: { spec: { conditions: { above: string }[] } } }>(
				'GET',
				'/config/Alert/slow',
			);
			return status === 200 ? body.document.spec.conditions[0]?.above : undefined;
		};
		expect(await until(threshold, 'the alert of the repository')).toBe('800ms');
		expect((await call<{ alerts: unknown[] }>('GET', '/alerts')).body.alerts).toHaveLength(1);

		repository.push({ 'ops/alerts.yaml': alert('900ms') }, 'Allow more');
		const push = '{"ref":"refs/heads/main"}';
		const signature = createHmac('sha256', 'hush').update(push).digest('hex');
		const webhook = '/config/sources/config-repo/webhook';
		expect(await call('POST', webhook, push, { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` })).toMatchObject({
			status: 403,
		});
		expect(await call('POST', webhook, push, { 'x-hub-signature-256': `sha256=${signature}` })).toMatchObject({
			status: 200,
		});
		await until(async () => ((await threshold()) === '900ms' ? true : undefined), 'what was pushed');

		repository.push({ 'ops/alerts.yaml': alert('900') }, 'Break it');
		expect(await sync()).toMatchObject({
			state: 'Refused',
			findings: [{ file: 'ops/alerts.yaml', line: 7, column: 41, found: '900', path: 'spec.conditions.0.above' }],
		});
		repository.git('revert', '--no-edit', 'HEAD~1..HEAD');
		repository.git('revert', '--no-edit', 'HEAD~2');
		repository.push({}, 'Back to the beginning');
		expect(await sync()).toMatchObject({ state: 'Synced', error: null });
		expect(await threshold()).toBe('800ms');

		const override = `/config/Alert/slow?overrideUntil=${Date.now() + 3_600_000}&reason=incident`;
		const written = { apiVersion: 'spanhouse.dev/v1', kind: 'Alert', metadata: { name: 'slow' } };
		const spec = { query: 'service:shop', measure: 'p95', conditions: [{ severity: 'page', above: '5s' }] };
		expect(await call('PUT', '/config/Alert/slow', JSON.stringify({ ...written, spec }))).toMatchObject({
			status: 409,
		});
		expect(await call('PUT', override, JSON.stringify({ ...written, spec }))).toMatchObject({ status: 200 });
		expect((await call<ConfigAnswer>('GET', '/config')).body.objects).toMatchObject([
			{
				kind: 'Alert',
				name: 'slow',
				drift: 'overridden',
				owner: { source: 'config-repo', file: 'ops/alerts.yaml', line: 1 },
			},
		]);

		expect(await product.stop()).toBe(0);
		repository.remove();
		product = await start();
		const away = await until(async () => {
			const { sources } = (await call<ConfigAnswer>('GET', '/config')).body;
			return sources[0]?.state === 'Unavailable' ? sources[0] : undefined;
		}, 'that the repository is away');
		expect(away).toMatchObject({ objects: 1, applied: { message: 'Back to the beginning' } });
		expect(await threshold()).toBe('5s');
		expect(await call('DELETE', '/config/Alert/slow/override')).toMatchObject({ status: 200 });
		expect(await threshold()).toBe('800ms');
		const { body } = await call<{ entries: { event: string }[] }>('GET', '/config/sources/config-repo/audit');
		expect(body.entries.map(({ event }) => event)).toEqual(['applied', 'applied', 'applied']);
		expect(await product.stop()).toBe(0);
		folder.remove();
	},
);
