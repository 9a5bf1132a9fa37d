import { expect, test } from 'vitest';
import { queryProblems } from './query-problems.ts';

const known = new Set(['service', 'http.route', 'resource.k8s.pod.name', 'span.service']);

test('an error has its place and the whole text mended', () => {
	expect(queryProblems('error:true duration>500', known)).toEqual([
		{
			from: 20,
			to: 23,
			severity: 'error',
			message: expect.stringContaining('a duration with its unit'),
			mend: { label: 'error:true duration>500ms', from: 0, to: 23, text: 'error:true duration>500ms' },
		},
	]);
	expect(queryProblems('duration>', known)[0]).toMatchObject({ from: 8, to: 9, severity: 'error' });
});

test('a key that no span has is doubted, with the one that was probably meant', () => {
	expect(queryProblems('service:a -(http.rotue:/x OR b)', known)).toEqual([
		{
			from: 12,
			to: 22,
			severity: 'warning',
			message: 'No span in this time has http.rotue. Did you mean http.route?',
			mend: { label: 'http.route', from: 12, to: 22, text: 'http.route' },
		},
	]);
	expect(queryProblems('{nothing.alike>5} >> {service:a}', known)[0]).toMatchObject({ severity: 'warning', from: 1 });
});

test.each([
	'k8s.pod.name:x',
	'resource.k8s.pod.name:x',
	'http.route:/a',
	'event.name:x',
	'trace.spans>5',
	'span.service:x',
	'"a phrase"',
])('%s is not doubted', (text) => {
	expect(queryProblems(text, known)).toEqual([]);
});

test('nothing is doubted before the keys are known', () => {
	expect(queryProblems('some.key:x', undefined)).toEqual([]);
	expect(queryProblems('some.key:x', new Set())).toEqual([]);
});
