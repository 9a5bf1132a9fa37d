/** What the services of the shop say to each other. */
export interface Visitor {
	userId: string;
	sessionId: string;
	tier: string;
}

export interface Product {
	id: number;
	title: string;
	category: string;
	priceCents: number;
}

export interface CartItem {
	productId: number;
	quantity: number;
	priceCents: number;
}

export interface Cart {
	items: CartItem[];
	totalCents: number;
}

export interface PlacedOrder {
	orderId: string;
	userId: string;
	productIds: number[];
	totalCents: number;
}
