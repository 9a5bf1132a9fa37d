import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const MOST_LINES = 150;

/** Of markup, script and styles, as lint counts elsewhere: without blank lines and comments that begin a line. */
function countLines(text: string): number {
	const code = text.replaceAll(/^\s*(?:<!--[^]*?-->|\/\*[^]*?\*\/|\/\/.*)/gm, '');
	return code.split('\n').filter((line) => line.trim() !== '').length;
}

test('lines are counted without blank ones and comments', () => {
	expect(countLines('<b>\n\n<!-- a\nb -->\n</b>\n\t/** c\n\t * d */\n\t// e\n\tf(); // g\n')).toBe(3);
	expect(countLines("f('a/*');\ng();\nh('*/b');")).toBe(3);
});

/** Lint sees nothing of a component but its script. */
test('no component is longer than its budget', () => {
	const files = globSync('ui/**/*.svelte', { cwd: root });
	expect(files.length).toBeGreaterThan(200);
	const long = files.flatMap((path) => {
		const lines = countLines(readFileSync(join(root, path), 'utf8'));
		return lines > MOST_LINES ? [`${path}: ${lines}`] : [];
	});
	expect(long).toEqual([]);
});
