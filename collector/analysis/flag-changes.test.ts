import { expect, test } from 'vitest';
import { flagChanges } from './flag-changes.ts';
import type { FlagSight, FlagSlot } from './flag-changes.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Evenly as often in each hour, between two times in minutes. */
function sight(variant: string, ...given: [from: number, to: number, anHour?: number][]): FlagSight {
	const slots = given.flatMap(([from, to, anHour = 100]) => {
		const hours: FlagSlot[] = [];
		for (let at = from; at < to; at = (Math.floor(at / 60) + 1) * 60) {
			const end = Math.min(to, (Math.floor(at / 60) + 1) * 60);
			hours.push([at * minuteMs, end * minuteMs - 1, Math.ceil((anHour * (end - at)) / 60)]);
		}
		return hours;
	});
	return { namespace: 'shop', service: 'till', environment: 'prod', flag: 'f', variant, slots };
}

/** In minutes. */
const told = (sights: FlagSight[], fromMs = 0, toMs = Infinity) =>
	flagChanges(sights, { fromMs, toMs })
		.sort((a, b) => a.tMs - b.tMs)
		.map(({ tMs, effect, variant, previous, beside }) => `${Math.round(tMs / minuteMs)} ${effect} ${previous ?? ''}>${variant ?? ''} ${beside.join(',')}`.trim()); // prettier-ignore

const day = 24 * 60;

test.each([
	['a flag that was not there', [sight('a', [30, 500])], ['30 first >a']],
	['a switch', [sight('a', [0, 300]), sight('b', [302, 900])], ['0 first >a', '302 switch a>b']],
	['a switch while some still have the old', [sight('a', [0, 304]), sight('b', [300, 900])], ['0 first >a', '300 switch a>b']],
	['a slow one is two changes', [sight('a', [0, 320]), sight('b', [300, 900])], ['0 first >a', '300 beside >b a', '320 gone a> b']],
	['back after an hour', [sight('a', [0, 300], [420, 900]), sight('b', [300, 420])], ['0 first >a', '300 switch a>b', '420 switch b>a']],
	['not for less than an hour', [sight('a', [0, 300], [350, 900]), sight('b', [0, 900])], ['0 first >a', '0 first >b']],
	['one of two that ends, known after an hour', [sight('a', [0, 900]), sight('b', [60, 500])], ['0 first >a', '60 beside >b a', '500 gone b> a']],
	['not known before', [sight('a', [0, 555]), sight('b', [60, 500])], ['0 first >a', '60 beside >b a']],
	['quiet for half a day', [sight('a', [0, 300], [1_000, 1_500]), sight('b', [1, 300], [1_000, 1_500])], ['0 first >a', '1 beside >b a']],
	['alone, and seldom asked for', [sight('a', [0, 1, 60], [400, 401, 60], [900, 901, 60])], ['0 first >a']],
	['one of a hundred, an hour and a half apart', [sight('a', [0, day, 100]), sight('b', [30, 31, 60], [130, 131, 60], [220, 221, 60], [310, 311, 60])], ['0 first >a', '30 beside >b a', '311 gone b> a']],
	['one of a hundred that is not seen for two hours and a half', [sight('a', [0, 460, 100]), sight('b', [30, 31, 60], [130, 131, 60], [220, 221, 60], [310, 311, 60])], ['0 first >a', '30 beside >b a']],
	['however rare, after a day', [sight('a', [0, 3 * day + 60, 100]), sight('b', [2 * day, 2 * day + 1, 60])], ['0 first >a', '2880 beside >b a', '2881 gone b> a']],
	['all change at once', [sight('a', [0, 300]), sight('b', [60, 302]), sight('c', [301, 900])], ['0 first >a', '60 beside >b a', '301 switch b>c']],
	['beside each other as long as that can not be told', [sight('a', [0, 303]), sight('b', [302, 304])], ['0 first >a', '302 beside >b a']],
])('%s', (_, sights, expected) => {
	expect(told(sights)).toEqual(expected);
}); // prettier-ignore

test('flags of other services and environments are their own, and a window is half open', () => {
	const [a, b] = [sight('a', [0, 300]), sight('b', [302, 900])];
	const elsewhere = [{ ...b, environment: 'staging' }, { ...b, service: 'desk' }, { ...b, namespace: '' }, { ...b, flag: 'g' }]; // prettier-ignore
	expect(told([a, ...elsewhere])).toEqual(['0 first >a', ...elsewhere.map(() => '302 first >b')]);
	expect(told([a, b], 302 * minuteMs, hourMs * 9)).toEqual(['302 switch a>b']);
	expect(told([a, b], 0, 302 * minuteMs)).toEqual(['0 first >a']);
});
