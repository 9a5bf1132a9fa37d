import type { Random } from '../random.ts';
import type { Visitor } from '../shop-types.ts';

/** One request of a visitor to the storefront. */
export interface Visit {
	visitor: Visitor;
	method: 'GET' | 'POST';
	path: string;
	body?: unknown;
}

const customers = 6_000;
const products = 400;
const sessionEndRatio = 0.04;
const WORDS = ['lamp', 'table', 'bowl', 'blanket', 'chair', 'vase', 'clock', 'oak', 'linen'];

type Step = 'home' | 'product' | 'search' | 'add' | 'cart' | 'checkout';

/** What people do next, as weights: many look, some fill a cart, few buy. */
const NEXT: Record<Step, readonly (readonly [Step, number])[]> = {
	home: [
		['product', 6],
		['search', 3],
		['home', 1],
	],
	search: [
		['product', 8],
		['search', 2],
	],
	product: [
		['product', 4],
		['add', 3],
		['search', 2],
		['home', 1],
	],
	add: [
		['product', 4],
		['cart', 3],
		['add', 2],
	],
	cart: [
		['checkout', 4],
		['product', 3],
		['cart', 1],
	],
	checkout: [['home', 1]],
};

/** Visitors who come and go, each on a walk through the shop. The same seed gives the same visits. */
export class Visits {
	readonly #random: Random;
	readonly #sessions: { visitor: Visitor; step: Step }[] = [];
	readonly #maxSessions: number;
	#sessionCount = 0;

	/** At most `maxSessions` are in the shop at a time. */
	constructor(random: Random, maxSessions: number) {
		this.#random = random;
		this.#maxSessions = maxSessions;
	}

	next(): Visit {
		const session = this.#pickSession();
		session.step = this.#random.weighted(NEXT[session.step]);
		return { visitor: session.visitor, ...this.#request(session.step) };
	}

	#pickSession() {
		const position = this.#random.between(0, Math.min(this.#sessions.length, this.#maxSessions - 1));
		const known = this.#sessions[position];
		if (known !== undefined && this.#random.next() >= sessionEndRatio) return known;
		const arrived = { visitor: this.#newVisitor(), step: 'home' as Step };
		if (known === undefined) this.#sessions.push(arrived);
		else this.#sessions[position] = arrived;
		return arrived;
	}

	#newVisitor(): Visitor {
		// Squared, so that few people come often and most rarely, as customers do.
		const customer = Math.floor(this.#random.next() ** 2 * customers);
		const tier = customer % 10 === 0 ? 'gold' : customer % 10 < 4 ? 'silver' : 'regular';
		this.#sessionCount += 1;
		return { userId: `user-${customer}`, sessionId: `session-${this.#sessionCount}`, tier };
	}

	#request(step: Step): Omit<Visit, 'visitor'> {
		const product = () => this.#random.between(1, products);
		const requests: Record<Step, () => Omit<Visit, 'visitor'>> = {
			home: () => ({ method: 'GET', path: '/' }),
			product: () => ({ method: 'GET', path: `/products/${product()}` }),
			search: () => ({ method: 'GET', path: `/search?q=${this.#random.weighted(WORDS.map((word) => [word, 1]))}` }),
			add: () => {
				const productIds = Array.from({ length: this.#random.between(1, 8) }, product);
				return { method: 'POST', path: '/cart/items', body: { productIds } };
			},
			cart: () => ({ method: 'GET', path: '/cart' }),
			checkout: () => ({ method: 'POST', path: '/checkout' }),
		};
		return requests[step]();
	}
}
