import type { AlertCrashPoint } from '../../collector/alerting/crash-point.ts';
import type { Firing, FiringsAnswer } from '../../schema/api-alerts.ts';
import type { NotificationBody } from '../../schema/notification.ts';
import { until } from '../support/product.ts';
import { Receiver } from '../support/receiver.ts';
import type { FaultWorld } from './fault-world.ts';
import { Clients } from './ledger.ts';
import type { Scenario } from './scenario.ts';

/** Moments of a firing's beginning and of its end, those on whose sides something is written first. */
const MOMENTS: readonly { of: 'beginning' | 'end'; point: AlertCrashPoint }[] = [
	{ of: 'beginning', point: 'after_events' },
	{ of: 'end', point: 'before_events' },
	{ of: 'beginning', point: 'after_publish' },
	{ of: 'beginning', point: 'after_evaluations' },
	{ of: 'end', point: 'after_events' },
	{ of: 'beginning', point: 'before_events' },
	{ of: 'beginning', point: 'after_states' },
	{ of: 'end', point: 'after_publish' },
	{ of: 'beginning', point: 'before_evaluations' },
];
const tellMs = 90_000;

/** F18: kill -9 in the middle of evaluations. Every firing begins once, ends once, and is told at least once, with one key. */
export const killEvaluator: Scenario = {
	name: 'F18 kill -9 in the middle of a firing’s beginning and end',
	rounds: { short: 2, long: MOMENTS.length * 10 },
	run: async ({ rounds, load, open }) => {
		const receiver = await new Receiver().start();
		const world = await open({ command: [process.execPath, 'test/faults/dying-product.ts'] });
		world.onClose(() => receiver.kill());
		const rules = new Rules(world, receiver);
		await world.start({ env: rules.env });
		const clients = new Clients(world.ledger, () => world.listeners, {
			clients: 1,
			spans: 5,
			pauseMs: 25 * load.pauseMs,
		});
		await rules.declareWhomToTell();
		await rules.begin();
		await rules.untilTold();
		let hits = 0;
		for (let round = 0; round < rounds; round += 1) {
			const { of, point } = MOMENTS[round % MOMENTS.length] ?? { of: 'beginning', point: 'after_events' };
			await world.kill();
			await world.start({ env: { ...rules.env, SPANHOUSE_CRASH: `${point} 1` }, mayDie: true });
			if (await world.died(() => rules.provoke(of))) hits += 1;
			rules.isProvoked = false;
			await world.start({ env: rules.env });
			if (of === 'beginning') await rules.untilTold();
		}
		await clients.stop();
		await rules.check();
		return { world, notes: [`${hits} of ${rounds} deaths where they were meant, ${rules.count} alerts`] };
	},
};

/** Rules that fire whatever comes, and what their receiver heard of them. */
class Rules {
	readonly env: Record<string, string>;
	readonly #world: FaultWorld;
	readonly #receiver: Receiver;
	/** By name: whether it was taken away again. */
	readonly #declared = new Map<string, boolean>();
	isProvoked = false;

	constructor(world: FaultWorld, receiver: Receiver) {
		this.#world = world;
		this.#receiver = receiver;
		this.env = { SPANHOUSE_ALLOW_PRIVATE_TARGETS: '127.0.0.1', SPANHOUSE_TARGET_PORTS: String(receiver.port) };
	}

	get count(): number {
		return this.#declared.size;
	}

	async declareWhomToTell(): Promise<void> {
		await this.#put('Channel', 'hook', { type: 'webhook', url: `${this.#receiver.url}/hook` });
		await this.#put('Route', 'all', { notify: ['hook'], groupBy: ['alert'], groupWait: '10ms', groupInterval: '10ms' });
	}

	/** Declares one more, which fires with its first evaluation. */
	async begin(): Promise<void> {
		const name = `rule-${this.#declared.size + 1}`;
		this.#declared.set(name, false);
		await this.#put('Alert', name, {
			query: '',
			spans: 'all',
			measure: 'count',
			window: '10s',
			every: '2s',
			conditions: [{ severity: 'page', below: 1e9, for: '1 of 1' }],
			noData: 'fire',
		});
	}

	/** Begins or ends one, once in a life of the product; it may be dead by now. */
	async provoke(of: 'beginning' | 'end'): Promise<void> {
		if (this.isProvoked) return;
		this.isProvoked = true;
		if (of === 'beginning') return this.begin().catch(() => {});
		const [name] = [...this.#declared].find(([, isEnded]) => !isEnded) ?? [];
		if (name === undefined) return;
		this.#declared.set(name, true);
		await this.#call('DELETE', `/config/Alert/${name}`).catch(() => {});
	}

	/** Of every rule that was declared the receiver has heard. */
	async untilTold(): Promise<void> {
		const names = await this.#stored();
		const isTold = async () => names.every((name) => this.#keysOf(name, 'firing').length > 0) || undefined;
		await until(isTold, `told of ${names.join(', ')}`, tellMs);
	}

	/** Throws where a firing is there twice or not at all, was not told, or was told under two keys. */
	async check(): Promise<void> {
		const kept = new Set(await this.#stored());
		const names = [...this.#declared].flatMap(([name, isEnded]) => (kept.has(name) || isEnded ? [name] : []));
		await until(
			async () => ((await this.#problems(names, kept)).length === 0 ? true : undefined),
			'all told',
			tellMs,
		).catch(async () => {
			throw new Error((await this.#problems(names, kept)).join('; '));
		});
	}

	async #problems(names: readonly string[], kept: ReadonlySet<string>): Promise<string[]> {
		const { firings } = await this.#call<FiringsAnswer>('GET', '/firings?limit=500');
		return names.flatMap((name) => {
			const own = firings.filter(({ alert }) => alert === name);
			const wanted: Firing['state'] = kept.has(name) ? 'firing' : 'resolved';
			const began = this.#keysOf(name, 'firing');
			const ended = this.#keysOf(name, 'resolved');
			return [
				...(own.length === 1 && own[0]?.state === wanted
					? []
					: [`${name}: ${own.map(({ state }) => state).join(', ') || 'no firing'}`]),
				...(new Set(began).size === 1 ? [] : [`${name}: told under ${new Set(began).size} keys that it fires`]),
				...(new Set(ended).size === (kept.has(name) ? 0 : 1)
					? []
					: [`${name}: told under ${new Set(ended).size} keys of its end`]),
			];
		});
	}

	#keysOf(name: string, state: Firing['state']): string[] {
		return this.#receiver.received.flatMap(({ body, headers }) => {
			const { alerts } = JSON.parse(body) as NotificationBody;
			const isOf = alerts.some((alert) => alert.rule === name && alert.state === state);
			return isOf ? [String(headers['idempotency-key'])] : [];
		});
	}

	/** Names of the rules that are declared: a request that was cut off may or may not have been in time. */
	async #stored(): Promise<string[]> {
		const { alerts } = await this.#call<{ alerts: { document: { metadata: { name: string } } }[] }>('GET', '/alerts');
		return alerts.map(({ document }) => document.metadata.name);
	}

	#put(kind: string, name: string, spec: object): Promise<unknown> {
		return this.#call('PUT', `/config/${kind}/${name}`, {
			apiVersion: 'spanhouse.dev/v1',
			kind,
			metadata: { name },
			spec,
		});
	}

	// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- each caller says what it asked for
	async #call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
		const answer = await fetch(`http://127.0.0.1:${this.#world.ports.ui}/api/v1${path}`, {
			method,
			headers: { 'content-type': 'application/json' },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
		return (await answer.json()) as Answer;
	}
}
