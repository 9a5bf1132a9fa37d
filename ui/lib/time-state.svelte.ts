import { COMPARISONS } from '../../schema/compared-window.ts';
import { PROJECT_NAME } from '../../schema/project.ts';
import { choiceParameter, flagParameter, integerParameter, patternParameter, textParameter } from './query-state.ts';
import { absoluteRange, DEFAULT_RANGE, parseLength, resolveRange, shiftRange, zoomOutRange } from './time-range.ts';
import type { Comparison } from '../../schema/compared-window.ts';
import type { Parameter } from './query-state.ts';
import type { Router } from './router.svelte.ts';
import type { TimeRange } from './time-range.ts';

const MAX_EPOCH_MS = 8.64e15;

const lengthParameter: Parameter<string> = {
	fallback: '',
	decode: (text) => (parseLength(text) === undefined ? undefined : text),
	encode: (text) => (text === '' || (DEFAULT_RANGE.kind === 'relative' && text === DEFAULT_RANGE.length) ? null : text),
};

/** Parameters of every screen. Time is either `t` or `from` and `to`; `cmp`: what that time is compared with. */
export const globalQuery = {
	t: lengthParameter,
	from: integerParameter(0, MAX_EPOCH_MS),
	to: integerParameter(0, MAX_EPOCH_MS),
	env: textParameter(),
	project: patternParameter(PROJECT_NAME),
	live: flagParameter(),
	cmp: choiceParameter(COMPARISONS, 'prev'),
};

/** Which project, which stretch of time and what it is compared with, which environment, and how often it is looked at again. */
export class TimeState {
	readonly #router: Router;
	readonly #nowMs: () => number;

	constructor(options: { router: Router; nowMs: () => number }) {
		this.#router = options.router;
		this.#nowMs = options.nowMs;
	}

	readonly range: TimeRange = $derived.by(() => {
		const { t, from, to } = this.#router.read(globalQuery);
		const fixed = from === undefined || to === undefined ? undefined : absoluteRange(from, to);
		return fixed ?? (t === '' ? DEFAULT_RANGE : { kind: 'relative', length: t });
	});

	/** Empty: the server's choice. */
	readonly project: string = $derived.by(() => this.#router.read(globalQuery).project);
	readonly environment: string = $derived.by(() => this.#router.read(globalQuery).env);
	readonly comparison: Comparison = $derived.by(() => this.#router.read(globalQuery).cmp);
	readonly isLive: boolean = $derived.by(() => this.range.kind === 'relative' && this.#router.read(globalQuery).live);

	/** For the API. A relative range is resolved by the server's clock, not by this machine's. */
	readonly parameters: { from: string; to: string; env?: string } = $derived.by(() => {
		const ends =
			this.range.kind === 'absolute'
				? { from: String(this.range.fromMs), to: String(this.range.toMs) }
				: { from: `now-${this.range.length}`, to: 'now' };
		return this.environment === '' ? ends : { ...ends, env: this.environment };
	});

	/** For reads of the API that compare. */
	readonly compared: { compare?: Comparison } = $derived.by(() =>
		this.comparison === 'prev' ? {} : { compare: this.comparison },
	);

	/** The two ends by this machine's clock. */
	window(): { fromMs: number; toMs: number } {
		return resolveRange(this.range, this.#nowMs());
	}

	set(range: TimeRange, how: 'push' | 'replace' = 'push'): void {
		const time =
			range.kind === 'relative'
				? { t: range.length, from: undefined, to: undefined }
				: { t: '', from: range.fromMs, to: range.toMs, live: false };
		this.#router.write(globalQuery, time, how);
	}

	setEnvironment(environment: string): void {
		this.#router.write(globalQuery, { env: environment });
	}

	setComparison(comparison: Comparison): void {
		this.#router.write(globalQuery, { cmp: comparison });
	}

	setLive(live: boolean): void {
		const isFixed = this.range.kind === 'absolute';
		const time = live && isFixed ? { t: '', from: undefined, to: undefined } : {};
		this.#router.write(globalQuery, { ...time, live });
	}

	shift(direction: -1 | 1): void {
		this.set(shiftRange(this.range, direction, this.#nowMs()));
	}

	zoomOut(): void {
		this.set(zoomOutRange(this.range));
	}

	/**
	 * The address with fixed ends: it shows the same to whoever opens it, whenever. `project` is the one that is shown where the
	 * address doesn't say: which that is may be another one later.
	 */
	absoluteLink(project = ''): string {
		const { fromMs, toMs } = this.window();
		const url = new URL(this.#router.url);
		for (const name of ['t', 'live']) url.searchParams.delete(name);
		url.searchParams.set('from', String(Math.round(fromMs)));
		url.searchParams.set('to', String(Math.round(toMs)));
		if (project !== '' && this.project === '') url.searchParams.set('project', project);
		return url.href;
	}
}
