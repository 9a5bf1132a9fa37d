import type { Dice } from './dice.ts';
import { leaf, type WireField } from './wire-tree.ts';

const numbers = [0n, 1n, 2n, 5n, 127n, 128n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n];
const fieldNumbers = [1, 2, 3, 7, 9, 15, 16, 31, 32, 100, 1_000, 2 ** 28];
const texts = [
	Buffer.from(''),
	Buffer.from('__proto__'),
	Buffer.from('\0'),
	Buffer.from([0x61, 0xff, 0x62]),
	Buffer.from([0xed, 0xa0, 0x80]),
	Buffer.from([0xf0, 0x9f]),
	Buffer.from([0xef, 0xbb, 0xbf, 0x61]),
	Buffer.from('http.response.status_code'),
	Buffer.alloc(1_025, 0x6b),
	Buffer.alloc(16),
	Buffer.alloc(16, 1),
	Buffer.alloc(8),
	Buffer.alloc(7, 1),
];

/** Every list of fields in the tree, the outermost first. */
function listsOf(fields: WireField[]): WireField[][] {
	return [fields, ...fields.flatMap(({ message }) => (message === undefined ? [] : listsOf(message)))];
}

/** A message must not come to lie within itself. */
const copyOf = (field: WireField): WireField => ({ ...field, message: field.message?.map(copyOf) });

type Mutation = (list: WireField[], at: number, dice: Dice, lists: WireField[][]) => void;

const changeField = (list: WireField[], at: number, change: (old: WireField) => Partial<WireField>): void => {
	const old = list[at];
	if (old !== undefined) list[at] = { ...old, ...change(old) };
};

const MUTATIONS: readonly Mutation[] = [
	(list, at) => void list.splice(at, 1),
	(list, at) => void list.splice(at, 0, ...list.slice(at, at + 1)),
	(list, at, dice) => {
		const [moved] = list.splice(at, 1);
		if (moved !== undefined) list.splice(dice.below(list.length + 1), 0, moved);
	},
	// Into another message, where it may mean something else.
	(list, at, dice, lists) => void dice.pick(lists).push(...list.slice(at, at + 1).map(copyOf)),
	(list, at, dice) => changeField(list, at, () => ({ field: dice.pick(fieldNumbers) })),
	(list, at, dice) => changeField(list, at, () => ({ wire: dice.below(8), number: dice.pick(numbers) })),
	(list, at, dice) => changeField(list, at, () => ({ number: dice.pick(numbers) })),
	(list, at, dice) => changeField(list, at, () => ({ padding: 1 + dice.below(10) })),
	(list, at, dice) => changeField(list, at, () => ({ lengthLie: dice.pick([-9, -1, 1, 2, 9, 200, 2 ** 31]) })),
	(list, at, dice) =>
		changeField(list, at, ({ message }) => (message === undefined ? { bytes: dice.pick(texts) } : {})),
	// Bytes where a message should be.
	(list, at, dice) => changeField(list, at, () => ({ message: undefined, bytes: dice.bytes(dice.below(20)) })),
	(list, at, dice) => {
		const [one] = list.slice(at, at + 1);
		if (one !== undefined) list.splice(at, 0, ...Array.from({ length: manyTimes(dice) }, () => one));
	},
	(list, at, dice) => void list.splice(at, 0, leaf(dice.pick(fieldNumbers), 2, dice.pick(texts))),
	(list, at, dice) => void list.splice(at, 0, deepValue(dice.chance(0.05) ? dice.pick([63, 64, 65, 400]) : 5, dice)),
];

/** Beyond a limit now and then: that costs a thousand times as much. */
const manyTimes = (dice: Dice): number => (dice.chance(0.02) ? dice.pick([130, 520]) : dice.pick([1, 2, 10]));

/** An attribute whose value is arrays or maps within each other. */
function deepValue(depth: number, dice: Dice): WireField {
	let value: WireField[] = [leaf(1, 2, Buffer.from('core'))];
	for (let i = 0; i < depth; i += 1) {
		const isMap = dice.chance(0.3);
		const inner = { ...leaf(1, 2, new Uint8Array()), message: value };
		const held = isMap ? { ...leaf(2, 2, new Uint8Array()), message: value } : inner;
		const entries = isMap ? [{ ...leaf(1, 2, new Uint8Array()), message: [held] }] : [held];
		value = [{ ...leaf(isMap ? 6 : 5, 2, new Uint8Array()), message: entries }];
	}
	const key = leaf(1, 2, Buffer.from('deep'));
	return { ...leaf(9, 2, new Uint8Array()), message: [key, { ...leaf(2, 2, new Uint8Array()), message: value }] };
}

/** Changes the tree in a few places, in ways that stay protobuf or almost. */
export function mutateFields(fields: WireField[], dice: Dice): void {
	for (let times = 1 + dice.below(3); times > 0; times -= 1) {
		const lists = listsOf(fields).filter((list) => list.length > 0);
		if (lists.length === 0) return;
		// Inner messages are many; each level gets its turn.
		const list = dice.pick(dice.chance(0.3) ? lists.slice(0, 4) : lists);
		dice.pick(MUTATIONS)(list, dice.below(list.length), dice, lists);
	}
}
