import { expect, test } from 'vitest';
import { editorAddress } from './link-values.ts';

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
