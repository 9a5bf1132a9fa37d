import type { Change } from '../../schema/api-changes.ts';
import type { Partial } from '../../schema/api.ts';
import { FLAG_CAPS } from '../../schema/change.ts';
import { flagChanges } from '../analysis/flag-changes.ts';
import type { FlagChange } from '../analysis/flag-changes.ts';
import { nameOf } from '../analysis/version-sights.ts';
import { cutPartial, joinPartials } from '../partials.ts';
import type { ToldChange } from '../store/counts/change-reader.ts';
import type { FlagReader } from '../store/counts/flag-reader.ts';
import type { ServiceName, WindowScope } from '../store/reader-types.ts';

const hourMs = 3_600_000;

export interface SeenFlags {
	changes: FlagChange[];
	partial?: Partial;
}

/** Flags whose variants changed on spans in the window. */
export async function seenFlags(
	reader: FlagReader,
	scope: WindowScope,
	sinceMs: number,
	service: ServiceName | undefined,
): Promise<SeenFlags> {
	const { sights, found, unread, beyond } = await reader.flags(scope, sinceMs, service);
	return {
		changes: flagChanges(sights, scope.window),
		...joinPartials(
			cutPartial('flags that changed last are looked at', found - unread, found, 'feature flags'),
			cutPartial(
				`variants of a flag are not told where they are more than ${FLAG_CAPS.variants} a day, nor those of more than ${FLAG_CAPS.flags} flags of a service`,
				found - beyond,
				found,
				'feature flags',
			),
		),
	};
}

/** A switch that was told of the service, as `flag:variant`, within an hour of when it was seen, is one with it. */
export const tellsOfFlag = (told: ToldChange, seen: FlagChange): boolean =>
	told.kind === 'flag' &&
	seen.variant !== undefined &&
	told.revision === `${seen.flag}:${seen.variant}` &&
	Math.abs(told.tMs - seen.tMs) <= hourMs &&
	[nameOf(seen), seen.service].includes(nameOf(told)) &&
	[seen.environment, ''].includes(told.environment);

export const fromFlag = (seen: FlagChange, told?: ToldChange): Change => ({
	changeId: told?.id ?? JSON.stringify([nameOf(seen), seen.environment, seen.flag, seen.variant ?? null, seen.tMs]),
	kind: 'flag',
	source: 'seen',
	tMs: seen.tMs,
	service: nameOf(seen),
	environment: seen.environment,
	revision: seen.variant ?? '',
	previous: seen.previous ?? null,
	title: told === undefined || told.title === '' ? titleOf(seen) : told.title,
	author: told?.author ?? '',
	url: told?.url ?? '',
	flag: { key: seen.flag, effect: seen.effect, beside: seen.beside },
});

function titleOf({ flag, effect, variant = '', previous = '', beside }: FlagChange): string {
	switch (effect) {
		case 'first':
			return `${flag}: first seen, ${variant}`;
		case 'switch':
			return `${flag}: ${previous} → ${variant}`;
		case 'beside':
			return `${flag}: ${variant} beside ${beside.join(', ')}`;
		case 'gone':
			return `${flag}: ${previous} no longer seen beside ${beside.join(', ')}`;
	}
}
