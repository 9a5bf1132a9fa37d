import { readFileSync, readdirSync } from 'node:fs';

/** CPU and memory of one process, from Linux' /proc (man 5 proc). */
export interface Usage {
	cpuSeconds: number;
	/** Largest resident size so far. */
	peakBytes: number;
}

/** The kernel counts in ticks of a hundredth of a second on all common builds (`getconf CLK_TCK`). */
const ticksPerSecond = 100;

export function usageOf(pid: number): Usage {
	const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
	// The command in parentheses may hold spaces: count the fields after it.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
	const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
	return { cpuSeconds: (userTicks + systemTicks) / ticksPerSecond, peakBytes: Number(peak) * 1024 };
}

/** Direct children of a process. */
export function childrenOf(pid: number): number[] {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.map(Number)
		.filter((candidate) => {
			try {
				const stat = readFileSync(`/proc/${candidate}/stat`, 'utf8');
				return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
			} catch {
				return false; // It ended meanwhile.
			}
		});
}
