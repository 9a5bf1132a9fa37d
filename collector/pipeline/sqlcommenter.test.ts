import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { queryCaller } from './sqlcommenter.ts';

test('the comment behind a query names its caller', () => {
	expect(
		queryCaller(
			"SELECT * FROM polls /*action='%2Fparam*d',controller='index',framework='spring',traceparent='00-5bd66ef5095369c7b0d1f8f4bd33716a-c532cb4098ac3dd2-01',tracestate='congo%3Dt61rcWkgMzE'*/;\n",
		),
	).toEqual({
		action: '/param*d',
		controller: 'index',
		framework: 'spring',
		traceparent: '00-5bd66ef5095369c7b0d1f8f4bd33716a-c532cb4098ac3dd2-01',
	});
});

test.each([
	['quotes are escaped', "SELECT 1 /*route='a\\'b'*/", { route: "a'b" }],
	['a comment in front counts too', "/*application='shop'*/ SELECT 1", { application: 'shop' }],
	['the first of two values counts', "SELECT 1 /*action='a',action='b'*/", { action: 'a' }],
	['wrong encoding is taken as it stands', "SELECT 1 /*action='100%'*/", { action: '100%' }],
	['other keys are left alone', "SELECT 1 /*__proto__='a',constructor='b',db_driver='pg'*/", { db_driver: 'pg' }],
	['a plain comment says nothing', 'SELECT 1 /* route */', undefined],
	['a comment in the middle is none', "SELECT /*route='a'*/ 1", undefined],
	['no comment', 'SELECT 1', undefined],
	['an open comment', "/*route='a'", undefined],
	['/*/ is no whole comment', '/*/', undefined],
	['an empty text', '', undefined],
	['too long a value', `SELECT 1 /*route='${'x'.repeat(300)}'*/`, undefined],
	['too long a comment', `SELECT 1 /*route='a'${' '.repeat(3_000)}*/`, undefined],
])('%s', (_, query, expected) => {
	expect(queryCaller(query)).toEqual(expected);
});

test('what was written is read, whatever the value', () => {
	fc.assert(
		fc.property(fc.string({ minLength: 1, maxLength: 50, unit: 'grapheme' }), (route) => {
			const encoded = encodeURIComponent(route).replaceAll("'", "\\'");
			expect(queryCaller(`SELECT 1 /*route='${encoded}'*/`)).toEqual({ route });
		}),
	);
});

test('hostile comments take no longer than they are', () => {
	const start = performance.now();
	for (const piece of ["a='", '/*', '*/', "'", '\\', "a='b',"]) {
		queryCaller(`${piece.repeat(200_000)}*/`);
		queryCaller(`/*${piece.repeat(200_000)}`);
	}
	expect(performance.now() - start).toBeLessThan(2_000);
});
