import { expect, test } from 'vitest';
import { addressRanges, judgeAddress } from './address-policy.ts';

test.each([
	'10.0.0.0/33',
	'10.0.0/8',
	'0177.0.0.1',
	'2130706433',
	'localhost',
	'10.0.0.0/-1',
	'::/129',
	'10.0.0.0/8;::1',
	'10.0.0.0/8/8',
])('%s is no network', (text) => {
	expect(() => addressRanges(text)).toThrow('networks such as');
});

test('networks are read with and without a prefix, of both families', () => {
	const allowed = addressRanges(' 10.0.0.0/8, 192.168.1.7 ,fd00::/8,');
	const isOpen = (address: string) => judgeAddress(address, { allowed }).refused === undefined;
	expect(['10.255.0.1', '192.168.1.7', 'fd12::1', '::ffff:10.0.0.1'].filter(isOpen)).toHaveLength(4);
	expect(['11.0.0.1', '93.184.216.34', '2606:4700::1111'].filter(isOpen)).toHaveLength(3);
	expect(['192.168.1.8', 'fc00::1', '172.16.0.1', 'nonsense', ''].filter(isOpen)).toEqual([]);
});

test('a listed public address is told apart from one that is merely public', () => {
	const allowed = addressRanges('93.184.216.0/24');
	expect(judgeAddress('93.184.216.34', { allowed })).toEqual({ refused: undefined, isListed: true });
	expect(judgeAddress('93.184.217.34', { allowed })).toEqual({ refused: undefined, isListed: false });
});
