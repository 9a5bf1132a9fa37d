import { expect, test } from 'vitest';
import { editorAddress, sourceHref } from './link-values.ts';

const at = (path: string, line?: string) => ({
	attributes: [
		{ key: 'code.file.path', value: { stringValue: path } },
		...(line === undefined ? [] : [{ key: 'code.line.number', value: { intValue: line } }]),
	],
});

test('code on this machine opens in the editor, at its line', () => {
	expect(editorAddress(at('/home/ann/shop/pay.ts', '51'), 'localhost')).toBe('vscode://file/home/ann/shop/pay.ts:51');
	expect(editorAddress(at('C:\\shop\\a #1?.cs', '7'), '127.0.0.1')).toBe('vscode://file/C:/shop/a%20%231%3F.cs:7');
	expect(editorAddress(at('/srv/app.py'), '[::1]')).toBe('vscode://file/srv/app.py');
	const old = [
		{ key: 'code.filepath', value: { stringValue: '/a.rb' } },
		{ key: 'code.lineno', value: { intValue: '3' } },
	];
	expect(editorAddress({ attributes: old }, 'localhost')).toBe('vscode://file/a.rb:3');
});

test('never elsewhere: neither a screen that others see, nor a path that is none of this disk', () => {
	expect(editorAddress(at('/srv/app.py'), 'traces.example.com')).toBeUndefined();
	expect(editorAddress(at('/srv/app.py'), '127.0.0.1.example.com')).toBeUndefined();
	for (const path of [
		'//evil/share/x',
		'\\\\evil\\share',
		'/\\evil',
		'C:\\\\evil',
		'src/pay.ts',
		'vscode://x',
		'/a\nb',
		'',
	])
		expect(editorAddress(at(path), 'localhost'), path).toBeUndefined();
	expect(editorAddress(at('/a.ts', '9999999999'), 'localhost')).toBe('vscode://file/a.ts');
});

const sourceUrl = 'https://git.example/shop/blob/{revision}/{path}#L{line}';
const hrefOf = (file: string, sourceRoot?: string, line: string | number = 51) =>
	sourceHref({ sourceUrl, ...(sourceRoot === undefined ? {} : { sourceRoot }) }, 'v92', file, line);

test('a line of the source, below the folder where it runs', () => {
	const pay = 'https://git.example/shop/blob/v92/src/pay.js#L51';
	for (const root of ['/app', '/app/']) {
		expect(hrefOf('/app/src/pay.js', root)).toBe(pay);
		expect(hrefOf('file:///app/src/pay.js', root)).toBe(pay);
		expect(hrefOf('src/pay.js', root)).toBe(pay);
		expect(hrefOf('/app/server.js', root)).toBe('https://git.example/shop/blob/v92/server.js#L51');
		expect(hrefOf('/application/src/pay.js', root)).toBeUndefined();
		expect(hrefOf('/usr/lib/x.js', root)).toBeUndefined();
	}
	expect(hrefOf('C:\\shop\\src\\Pay.cs', 'C:\\shop')).toBe('https://git.example/shop/blob/v92/src/Pay.cs#L51');
	expect(hrefOf('/srv/src/pay.js')).toBe('https://git.example/shop/blob/v92/srv/src/pay.js#L51');
});

test('telemetry can not say where a link to the source leads', () => {
	for (const file of ['Pay.java', '', 'webpack://shop/./src/pay.js', 'https://evil.example/x.js', '/app/../../x.js'])
		expect(hrefOf(file, '/app'), file).toBeUndefined();
	expect(hrefOf('/app/a b#?<.js', '/app')).toBe('https://git.example/shop/blob/v92/a%20b%23%3F%3C.js#L51');
	const hostile = { sourceUrl: 'javascript:alert(1)//{path}' };
	expect(sourceHref(hostile, 'v92', '/app/x.js', 1)).toBeUndefined();
	expect(sourceHref({ sourceUrl }, '..', '/app/x.js', 1)).toBeUndefined();
	expect(sourceHref({ sourceUrl }, undefined, '/app/x.js', 1)).toBeUndefined();
	expect(sourceHref(undefined, 'v92', '/app/x.js', 1)).toBeUndefined();
});
