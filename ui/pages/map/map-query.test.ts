import { expect, test } from 'vitest';
import { mapQuery } from './map-query.ts';

test('namespaces are read from an address as they were written, whatever they are called', () => {
	const { open } = mapQuery;
	const names = ['shop', 'a,b', '100 %', '&open=', 'ä'];
	expect(open.decode(open.encode(names) ?? '')).toEqual(names);
	expect(open.encode([])).toBeNull();
	expect(open.decode('%')).toBeUndefined();
	expect(open.decode(Array.from({ length: 201 }, String).join(','))).toBeUndefined();
});
