/**
 * What became of feature flags, counted from each evaluation by hand. How many there were of part of an hour is estimated from the hour,
 * which is what is kept of it.
 */

export interface Evaluation {
	service: string;
	environment: string;
	flag: string;
	variant: string;
	tMs: number;
}

interface Told extends Pick<Evaluation, 'service' | 'environment' | 'flag' | 'tMs'> {
	effect: string;
	variant: string | undefined;
	previous: string | undefined;
	beside: string[];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const overlapMs = 300_000;

interface Run {
	variant: string;
	times: number[];
	isOver: boolean;
}

export function flagChangesOf(evaluations: readonly Evaluation[]): Told[] {
	const flags = Map.groupBy(evaluations, ({ service, environment, flag }) => `${service} ${environment} ${flag}`);
	return [...flags.values()].flatMap((own) => {
		const { service, environment, flag } = own[0]!;
		return toldOf(own).map(([tMs, effect, variant, previous, beside]) => ({ service, environment, flag, tMs, effect, variant, previous, beside })); // prettier-ignore
	});
}

type Line = [tMs: number, effect: string, variant: string | undefined, previous: string | undefined, beside: string[]];

function toldOf(own: readonly Evaluation[]): Line[] {
	const newestMs = Math.max(...own.map(({ tMs }) => tMs));
	const runs = [...new Set(own.map(({ variant }) => variant))].flatMap((variant) => runsOf(own, variant));
	const lines: Line[] = [];
	for (const run of runs) {
		const [startMs, endMs] = [run.times[0]!, run.times.at(-1)!];
		const others = runs.filter(({ variant }) => variant !== run.variant);
		const earlier = others.filter(({ times }) => times[0]! < startMs);
		const graceMs = newestMs > startMs + overlapMs ? overlapMs : 0;
		const still = earlier.filter(({ times }) => times.some((tMs) => tMs > startMs + graceMs));
		if (earlier.length === 0) lines.push([startMs, 'first', run.variant, undefined, []]);
		else if (still.length > 0) lines.push([startMs, 'beside', run.variant, undefined, names(still)]);
		else {
			const endOf = ({ times }: Run) => times.at(-1)!;
			const last = earlier.reduce((best, each) => (endOf(each) > endOf(best) ? each : best));
			lines.push([startMs, 'switch', run.variant, last.variant, []]);
		}
		const stay = others.filter(({ times }) => times[0]! <= endMs - overlapMs && times.at(-1)! > endMs + overlapMs);
		if (run.isOver && stay.length > 0) lines.push([endMs, 'gone', undefined, run.variant, names(stay)]);
	}
	return lines;
}

const names = (runs: readonly Run[]): string[] => [...new Set(runs.map(({ variant }) => variant))].sort();

function runsOf(own: readonly Evaluation[], variant: string): Run[] {
	const times = own.filter((one) => one.variant === variant).map(({ tMs }) => tMs).sort((a, b) => a - b); // prettier-ignore
	const others = own.filter((one) => one.variant !== variant);
	const ends = (lastMs: number, againMs: number): boolean => {
		const meanwhile = others.map(({ tMs }) => tMs).filter((tMs) => tMs > lastMs && tMs < againMs);
		if (meanwhile.length === 0) return false;
		const apartMs = (againMs === Infinity ? Math.max(...meanwhile) : againMs) - lastMs;
		if (apartMs < hourMs) return false;
		const mine = own.filter((one) => one.variant === variant);
		const before = (list: readonly Evaluation[]) => about(list, lastMs - dayMs, lastMs);
		return apartMs >= dayMs || before(mine) * about(others, lastMs, lastMs + apartMs) >= 5 * before(others);
	};
	const runs: Run[] = [];
	times.forEach((tMs, place) => {
		const beforeMs = times[place - 1];
		if (beforeMs === undefined || ends(beforeMs, tMs)) runs.push({ variant, times: [tMs], isOver: true });
		else runs.at(-1)!.times.push(tMs);
	});
	runs.at(-1)!.isOver = ends(times.at(-1)!, Infinity);
	return runs;
}

/** Each hour of each variant by itself, spread evenly from the first to the last that it has. */
function about(list: readonly Evaluation[], afterMs: number, toMs: number): number {
	const hours = Map.groupBy(list, ({ variant, tMs }) => `${variant} ${Math.floor(tMs / hourMs)}`);
	let sum = 0;
	for (const members of hours.values()) {
		const times = members.map(({ tMs }) => tMs);
		const [first, last] = [Math.min(...times), Math.max(...times)];
		const share = (Math.min(last, toMs) - Math.max(first, afterMs)) / (last - first);
		if (first > afterMs && last <= toMs) sum += times.length;
		else if (share > 0) sum += times.length * share;
	}
	return sum;
}
