import { duration, wholeNumber } from './settings.ts';
import type { Setting } from './settings.ts';
import type { DrainSettings } from './spool/drain-settings.ts';

const setting = <Value>(definition: Setting<Value>): Setting<Value> => definition;

/** When the way from the spool to ClickHouse slows down, and when it goes on without a request. */
export const SPOOL_SETTINGS = {
	slowAtParts: setting({
		variable: 'SPANHOUSE_SLOW_AT_PARTS',
		flag: 'slow-at-parts',
		default: '600',
		help: 'parts in a partition from which inserts are further and further apart, up to 10 s',
		read: wholeNumber,
	}),
	pauseAtParts: setting({
		variable: 'SPANHOUSE_PAUSE_AT_PARTS',
		flag: 'pause-at-parts',
		default: '900',
		help: 'parts in a partition beyond which nothing is inserted until they are merged; below parts_to_delay_insert, usually 1000',
		read: wholeNumber,
	}),
	memoryPatienceMs: setting({
		variable: 'SPANHOUSE_MEMORY_PATIENCE',
		flag: 'memory-patience',
		default: '1h',
		help: 'how long a request is tried again that ClickHouse lacks memory for, while others are stored, before it is set aside',
		read: duration,
	}),
} as const;

type SpoolConfig = {
	readonly [Name in keyof typeof SPOOL_SETTINGS]: ReturnType<(typeof SPOOL_SETTINGS)[Name]['read']>;
};

/** What is wrong with the settings together. */
export const checkParts = ({
	slowAtParts: slow,
	pauseAtParts: pause,
}: Omit<SpoolConfig, 'memoryPatienceMs'>): string[] =>
	slow <= pause ? [] : [`SPANHOUSE_SLOW_AT_PARTS is ${slow}; expected at most SPANHOUSE_PAUSE_AT_PARTS, ${pause}`];

/** What the spools want of it. */
export const drainSettings = (config: SpoolConfig): DrainSettings => ({
	parts: { slow: config.slowAtParts, pause: config.pauseAtParts },
	patience: { mostMs: config.memoryPatienceMs },
});
