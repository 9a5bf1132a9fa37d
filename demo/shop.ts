/** The shop's processes: what runs, with what settings, in which order, and how all of it ends. */
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';
import type { DemoOptions } from './options.ts';

type ServiceName = 'catalog' | 'cart' | 'checkout' | 'inventory' | 'payment' | 'mail-worker' | 'web';
const WITH_DATABASE: readonly ServiceName[] = ['catalog', 'cart', 'checkout'];
const WITHOUT_DATABASE: readonly ServiceName[] = ['inventory', 'payment', 'mail-worker', 'web'];

const FOLDER_PREFIX = 'spanhouse-demo-';
const firstVersion = '1.4.2';
export const secondVersion = '2.0.0';
/** Apart from what is really measured, so that all of it can be dropped at once. */
export const demoProject = 'demo';

const here = fileURLToPath(new URL('.', import.meta.url));
/** Of this file and all beside it: TypeScript in a checkout, JavaScript in the package. */
const extension = extname(import.meta.filename);

/** WebAssembly's optimising compiler takes memory and time that a few minutes of small queries don't give back. */
const DATABASE_FLAGS = ['--liftoff-only', '--no-warnings'];

/** Hears of a process that ends unasked. */
type OnEnd = (name: string, signal: NodeJS.Signals | null) => void;

const CLOSING_ORDER = [/^load$/, /^web$/, /^checkout$/, /^mail-worker$/, /^(?!postgres)/, /^postgres/];

export class Shop {
	readonly #options: DemoOptions;
	readonly #folder: string;
	readonly #children = new Set<Child>();
	readonly #services = new Map<ServiceName, Child>();
	readonly #urls = new Map<string, string>();
	readonly #onEnd: OnEnd;
	#isClosing = false;

	private constructor(options: DemoOptions, folder: string, onEnd: OnEnd) {
		this.#options = options;
		this.#folder = folder;
		this.#onEnd = onEnd;
	}

	static async create(options: DemoOptions, onEnd: OnEnd): Promise<Shop> {
		await removeLeftovers();
		return new Shop(options, await mkdtemp(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`)), onEnd);
	}

	/** What needs no database starts while the databases do. */
	async open(): Promise<void> {
		await mkdir(join(this.#folder, 'queue'));
		const start = (names: readonly ServiceName[]) =>
			Promise.all(names.map((name) => this.#startService(name, firstVersion)));
		await Promise.all([start(WITHOUT_DATABASE), this.#startDatabases().then(() => start(WITH_DATABASE))]);
		for (const name of WITHOUT_DATABASE.concat(WITH_DATABASE)) this.#tellAll(name);
	}

	async letPeopleIn(): Promise<void> {
		await this.#start('load', [join(here, `load/main${extension}`)], {});
	}

	/** The new version runs before the old one goes, as in a rolling deployment. */
	async deployInventory(): Promise<void> {
		const old = this.#services.get('inventory');
		await this.#startService('inventory', secondVersion);
		this.#tellAll('inventory');
		await old?.stop();
	}

	/** Callers before those they call, databases last, so that no call meets a closed door; nothing is left, in memory or on disk. */
	async close(): Promise<void> {
		this.#isClosing = true;
		const running = [...this.#children];
		for (const names of CLOSING_ORDER) {
			await Promise.all(running.filter(({ name }) => names.test(name)).map((child) => child.stop()));
		}
		await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
	}

	async #startDatabases(): Promise<void> {
		const empty = join(this.#folder, 'empty');
		const initialiser = this.#spawn(
			'postgres init',
			[join(here, `postgres-init${extension}`), empty],
			{},
			DATABASE_FLAGS,
		);
		await initialiser.ended;
		// It may have ended because the shop closes, and then nothing is to be copied into a folder being removed.
		if (this.#isClosing) throw new Error('the shop is closing');
		await Promise.all(
			WITH_DATABASE.map(async (name) => {
				const folder = join(this.#folder, name);
				await cp(empty, folder, { recursive: true });
				const url = await this.#start(
					`postgres ${name}`,
					[join(here, `postgres${extension}`), folder, join(here, `databases/${name}.sql`)],
					{},
					DATABASE_FLAGS,
				);
				this.#urls.set(`${name} database`, url);
			}),
		);
	}

	async #startService(name: ServiceName, version: string): Promise<void> {
		const flags = ['--import', import.meta.resolve('@spanhouse/sdk/register')];
		const child = this.#spawn(name, [join(here, `services/${name}${extension}`)], this.#tracing(name, version), flags);
		this.#urls.set(urlVariable(name), await child.ready());
		this.#services.set(name, child);
	}

	#tellAll(name: ServiceName): void {
		const url = this.#urls.get(urlVariable(name)) ?? '';
		for (const service of this.#services.values()) service.tellPeerAt(urlVariable(name), url);
	}

	/** What a person would put into the environment of a service to have it traced. */
	#tracing(name: ServiceName, version: string): NodeJS.ProcessEnv {
		const database = this.#urls.get(`${name} database`);
		return {
			OTEL_SERVICE_NAME: name,
			OTEL_RESOURCE_ATTRIBUTES: `service.namespace=shop,service.version=${version},deployment.environment.name=demo`,
			OTEL_EXPORTER_OTLP_ENDPOINT: this.#options.endpoint,
			OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '',
			// A key says by itself where its data belongs.
			OTEL_EXPORTER_OTLP_HEADERS: process.env['OTEL_EXPORTER_OTLP_HEADERS'] || `x-spanhouse-project=${demoProject}`,
			OTEL_BSP_SCHEDULE_DELAY: '1000',
			SHOP_RELEASE: version,
			...(database === undefined ? {} : { DATABASE_URL: database }),
		};
	}

	async #start(name: string, args: string[], env: NodeJS.ProcessEnv, flags: string[] = []): Promise<string> {
		return this.#spawn(name, args, env, flags).ready();
	}

	#spawn(name: string, args: string[], env: NodeJS.ProcessEnv, nodeFlags: string[]): Child {
		if (this.#isClosing) throw new Error('the shop is closing');
		const child = new Child({
			name,
			nodeFlags,
			args,
			cwd: here,
			env: {
				...process.env,
				...Object.fromEntries([...this.#urls].filter(([key]) => key.endsWith('_URL'))),
				QUEUE_FOLDER: join(this.#folder, 'queue'),
				SHOP_SEED: String(this.#options.seed),
				SHOP_RATE: String(this.#options.ratePerSecond),
				SHOP_MINUTES: String(this.#options.minutes),
				...env,
			},
		});
		this.#children.add(child);
		void child.ended.then((signal) => {
			this.#children.delete(child);
			const isDone = name === 'postgres init' && signal === null;
			if (!child.isStopping && !isDone) this.#onEnd(name, signal);
		});
		return child;
	}
}

const urlVariable = (name: ServiceName): string => `${name.toUpperCase().replace('-', '_')}_URL`;

/** A demo that was killed couldn't remove its folder. */
async function removeLeftovers(): Promise<void> {
	const names = (await readdir(tmpdir())).filter((name) => name.startsWith(FOLDER_PREFIX));
	const abandoned = names.filter((name) => !isRunning(Number(name.slice(FOLDER_PREFIX.length).split('-')[0])));
	await Promise.all(abandoned.map((name) => rm(join(tmpdir(), name), { recursive: true }).catch(() => undefined)));
}

function isRunning(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// Not ours to signal, but there.
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
}
