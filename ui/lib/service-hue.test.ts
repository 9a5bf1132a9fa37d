import { expect, test } from 'vitest';
import { serviceHue, serviceLabel, splitLabel } from './service-hue.ts';

test('a service has the same hue wherever it is shown', () => {
	expect(serviceHue('checkout')).toBe(serviceHue('checkout'));
	expect([serviceHue('checkout'), serviceHue('payment'), serviceHue('frontend')]).toMatchInlineSnapshot(`
		[
		  9,
		  2,
		  5,
		]
	`);
});

test('a thousand names use every hue, none more than twice its share', () => {
	const counts = Array.from({ length: 24 }, () => 0);
	for (let i = 0; i < 1000; i++) {
		const hue = serviceHue(`team-${i % 7}/service-${i}`);
		counts[hue] = (counts[hue] ?? 0) + 1;
	}
	expect(Math.min(...counts)).toBeGreaterThan(0);
	expect(Math.max(...counts)).toBeLessThan((1000 / 24) * 2);
});

test('the namespace stands before the name', () => {
	expect(serviceLabel({ namespace: 'shop', service: 'cart' })).toBe('shop/cart');
	expect(serviceLabel({ namespace: '', service: 'cart' })).toBe('cart');
});

test('a label is put together of namespace and name, and taken apart again', () => {
	for (const [namespace, service] of [
		['', 'web'],
		['shop', 'web'],
		['shop/eu', 'web'],
		['', ''],
	] as const)
		expect(splitLabel(serviceLabel({ namespace, service }))).toEqual({ namespace, service });
});
