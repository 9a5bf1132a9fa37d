/** The children of every span as linked lists: `first[span]`, then `next[child]`, until -1. Roots hang below index `count`. */
export interface ChildLists {
	first: Int32Array;
	next: Int32Array;
}

/** Keeps the order of `order` within each list. Spans that `order` leaves out are in no list. */
export function childLists(order: Uint32Array, parent: Int32Array): ChildLists {
	const count = parent.length;
	const first = new Int32Array(count + 1).fill(-1);
	const next = new Int32Array(count).fill(-1);
	for (let position = order.length - 1; position >= 0; position--) {
		const span = order[position] ?? 0;
		const above = parent[span] ?? -1;
		const list = above < 0 ? count : above;
		next[span] = first[list] ?? -1;
		first[list] = span;
	}
	return { first, next };
}

/** Every span after its parent. */
export function topDown(order: Uint32Array, lists: ChildLists): Uint32Array {
	const reached = new Uint32Array(order.length);
	let written = 0;
	const take = (list: number): void => {
		for (let span = lists.first[list] ?? -1; span >= 0; span = lists.next[span] ?? -1) reached[written++] = span;
	};
	take(lists.next.length);
	for (let read = 0; read < written; read++) take(reached[read] ?? 0);
	return reached;
}
