import { expect, test } from 'vitest';
import { loadDocuments } from './load-documents.ts';

const alert = (name: string, spec = '') => `apiVersion: spanhouse.dev/v1
kind: Alert
metadata: { name: ${name} }
spec:
  query: service:shop
  measure: p95
${spec || '  conditions: [{ severity: page, above: 800ms }]'}
`;
const load = (text: string) => loadDocuments([{ path: 'a.yaml', text }]);
/** `line:column found → expected`, of the first finding. */
const first = (text: string) => {
	const [finding] = load(text).findings;
	return finding && `${finding.line}:${finding.column} ${finding.found} → ${finding.expected}`;
};

test('several documents in a file and several files are read, each with the line where it begins', () => {
	const { documents, findings } = loadDocuments([
		{ path: 'a.yaml', text: `# shop\n---\n${alert('one')}---\n${alert('two')}` },
		{ path: 'team/b.yaml', text: alert('three') },
		{ path: 'empty.yaml', text: '# nothing yet\n' },
	]);
	expect(findings).toEqual([]);
	expect(documents.map(({ document, file, line }) => [document.metadata.name, file, line])).toEqual([
		['one', 'a.yaml', 3],
		['two', 'a.yaml', 11],
		['three', 'team/b.yaml', 1],
	]);
	expect(documents[0]?.document.spec).toMatchObject({ window: '5m', noData: 'keep' });
});

test.each([
	['an unknown field names the nearest', alert('a', '  conditons: []'), /^7:3 "conditons" → conditions$/],
	['a far one all of them', alert('a', '  zzzzzzzz: 1'), /^7:3 "zzzzzzzz" → one of query, spans, measure/],
	['a field inside a list', alert('a', '  conditions:\n    - { severity: page, abov: 1s }'), '8:25 "abov" → above'],
	['a missing field', alert('a', '  spans: all'), '4:1 nothing → a list'],
	['a wrong value', alert('a', '  conditions: [{ severity: pager, above: 1s }]'), '7:28 "pager" → "page" or "ticket"'],
	[
		'a threshold in another unit than its measure',
		alert('a', '  conditions: [{ severity: page, above: 5% }]'),
		/^7:41 "5%" → a duration with its unit, such as 800ms/,
	],
	[
		'a bare number where a unit is needed',
		alert('a', '  conditions: [{ severity: page, above: 800 }]'),
		/^7:41 800 → a dur/,
	],
	['a kind', alert('a').replace('kind: Alert', 'kind: Alrt'), '2:7 "Alrt" → Alert'],
	['a version', alert('a').replace('spanhouse.dev/v1', 'v2'), /^1:13 "v2" → spanhouse.dev\/v1/],
	['something else than a document', '- 1\n- 2\n', /^1:1 a list → a document with apiVersion/],
	['a bracket that is not closed', 'a: 1\nb: [1, 2\n', /^3:1 /],
	['a field twice', 'a: 1\nb: 2\na: 3\n', /^3:1 Map keys must be unique/],
	['a tag', 'a: !!js/function x\n', /^1:4 Unresolved tag/],
	['a character that may not stand there', 'a: b: c\n', /^1:/],
])('%s is told with line, column, what was found and what was expected', (_, text, expected) => {
	expect(load(text).documents).toEqual([]);
	expect(first(text)).toMatch(expected);
});

test.each([
	['plain', 'query: service:a duration>500', 'duration>500', 9],
	['quoted once', "query: 'name:\"it''s\" duration>500'", 'duration>500', 9],
	['quoted twice', 'query: "name:\\"\\u00e4\\" duration>500"', 'duration>500', 9],
	['literal', 'query: |\n    service:a\n    duration>500', 'duration>500', 9],
	['folded', 'query: >-\n    service:a\n    name:b\n    duration>500', 'duration>500', 9],
	['plain over two lines', 'query: service:a\n    duration>500', 'duration>500', 9],
])('an error in a query that is %s is told where it stands in the file', (_, query, at, within) => {
	const text = alert('a').replace('query: service:shop', query);
	const [finding] = load(text).findings;
	const offset = text.indexOf(at) + within;
	const before = text.slice(0, offset).split('\n');
	expect([finding?.line, finding?.column]).toEqual([before.length, (before.at(-1)?.length ?? 0) + 1]);
	expect(finding?.expected).toContain('500ms');
});

test('a name that two places declare is refused at both', () => {
	const { findings, documents } = loadDocuments([
		{ path: 'a.yaml', text: alert('same') },
		{ path: 'b.yaml', text: `---\n${alert('same')}` },
	]);
	expect(documents).toEqual([]);
	expect(findings.map(({ file, line, found }) => [file, line, found])).toEqual([
		['b.yaml', 2, 'Alert same, which a.yaml:1 declares as well'],
		['a.yaml', 1, 'Alert same, which b.yaml:2 declares as well'],
	]);
});

test('one error among many files refuses all of them', () => {
	const good = Array.from({ length: 40 }, (_, index) => ({ path: `${index}.yaml`, text: alert(`a${index}`) }));
	expect(loadDocuments(good).documents).toHaveLength(40);
	const broken = { path: '40.yaml', text: alert('broken', '  conditions: 5') };
	expect(loadDocuments([...good, broken])).toMatchObject({ documents: [], findings: [{ file: '40.yaml', line: 7 }] });
});

test('a secret that is written out is a warning, which never repeats it; a reference is none', () => {
	const channel = (url: string) =>
		`apiVersion: spanhouse.dev/v1\nkind: Channel\nmetadata: { name: c }\nspec: { type: slack, url: "${url}" }\n`;
	const { documents, findings } = load(channel('https://hooks.slack.example/T0/hunter2'));
	expect(documents).toHaveLength(1);
	expect(findings).toMatchObject([{ level: 'warning', line: 4, column: 27, path: 'spec.url' }]);
	expect(JSON.stringify(findings)).not.toContain('hunter2');
	expect(load(channel('${env:SLACK_URL}')).findings).toEqual([]);
});

test('an objective of which one bad event is told is a warning, unless slices of time are counted', () => {
	const objective = (more: string) =>
		`apiVersion: spanhouse.dev/v1\nkind: SLO\nmetadata: { name: o }\nspec:\n  total: service:a\n  good: -error:true\n  targetPercent: 99.9\n  window: { duration: 30d }\n${more}`;
	expect(load(objective('')).findings).toEqual([]);
	const [finding] = load(objective('  minBadEvents: 1\n')).findings;
	expect(finding).toMatchObject({ level: 'warning', line: 9, path: 'spec.minBadEvents' });
	const sliced = '  minBadEvents: 1\n  timeSlice: { window: 5m, targetPercent: 95 }\n';
	expect(load(objective(sliced))).toMatchObject({ documents: [{}], findings: [] });
});

test('what would unfold to more than memory holds is refused', () => {
	const levels = 'bcdefghi'.split('').map((name) => {
		const below = String.fromCharCode(name.charCodeAt(0) - 1);
		return `${name}: &${name} [${Array(9).fill(`*${below}`).join(',')}]\n`;
	});
	expect(load(`a: &a [x,x,x,x,x,x,x,x,x]\n${levels.join('')}`).findings).toMatchObject([{ level: 'error' }]);
	expect(load('['.repeat(5_000)).findings.length).toBeGreaterThan(0);
	expect(load(`a: ${'['.repeat(5_000)}${']'.repeat(5_000)}`).findings.length).toBeGreaterThan(0);
	expect(load('---\na: 1\n'.repeat(1_001)).findings).toMatchObject([{ found: '1001 documents' }]);
});

test('sampling is refused with the reason', () => {
	expect(first(alert('a').replace('kind: Alert', 'kind: Sampling'))).toContain('sampling can’t be declared');
});
