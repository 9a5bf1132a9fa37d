import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { PeerAt } from './child-process.ts';

const readyTimeoutMs = 60_000;
const stopTimeoutMs = 6_000;

export interface ChildOptions {
	name: string;
	nodeFlags?: string[];
	args: string[];
	cwd: string;
	env: NodeJS.ProcessEnv;
}

/** One process of the demo, from start to end. The channel to it doubles as its lifeline: it ends when that closes. */
export class Child {
	readonly name: string;
	readonly #process: ChildProcess;
	readonly #ended: Promise<NodeJS.Signals | null>;
	#isStopping = false;

	constructor(options: ChildOptions) {
		this.name = options.name;
		this.#process = spawn(process.execPath, [...(options.nodeFlags ?? []), ...options.args], {
			cwd: options.cwd,
			env: options.env,
			stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
		});
		this.#ended = new Promise((resolve) => {
			this.#process.once('exit', (_code, signal) => resolve(signal));
			this.#process.once('error', () => resolve(null));
		});
	}

	/** The address it announces. Rejects when it ends first or takes too long. */
	ready(): Promise<string> {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(
				() => reject(new Error(`${this.name} was not ready within ${readyTimeoutMs / 1_000} s`)),
				readyTimeoutMs,
			);
			this.#process.on('message', (message: unknown) => {
				if (!isReady(message)) return;
				clearTimeout(timer);
				resolve(message.url);
			});
			void this.#ended.then(() => {
				clearTimeout(timer);
				reject(new Error(`${this.name} ended before it was ready`));
			});
		});
	}

	/** Resolves when it has ended, whyever, with the signal if there was one. */
	get ended(): Promise<NodeJS.Signals | null> {
		return this.#ended;
	}

	get isStopping(): boolean {
		return this.#isStopping;
	}

	tellPeerAt(variable: string, url: string): void {
		const message: PeerAt = { kind: 'peer-at', variable, url };
		if (this.#process.connected) this.#process.send(message);
	}

	/** Asks it to end, and insists after a while. */
	async stop(): Promise<void> {
		this.#isStopping = true;
		this.#process.kill('SIGTERM');
		const timer = setTimeout(() => this.#process.kill('SIGKILL'), stopTimeoutMs);
		await this.#ended;
		clearTimeout(timer);
	}
}

const isReady = (message: unknown): message is { url: string } =>
	typeof message === 'object' &&
	message !== null &&
	'kind' in message &&
	message.kind === 'ready' &&
	'url' in message &&
	typeof message.url === 'string';
