import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CHANNEL_TYPES } from '../../../schema/alert.ts';
import { loadDocuments } from '../../desired/load-documents.ts';
import { channelProblem } from './channel/channel.ts';
import { readSilence } from './silence/silence.ts';

const guides = ['get-notified', 'silence-alerts'].map((name) => {
	const path = `docs/howto/${name}.md`;
	const text = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
	return { path, blocks: [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block) };
});
const loaded = guides.flatMap(({ path, blocks }) =>
	blocks.map((text, index) => ({ name: `${path}, ${index + 1}`, ...loadDocuments([{ path, text }]) })),
);

test.each(loaded)('$name is understood', ({ documents, findings }) => {
	expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
	for (const { document } of documents) {
		if (document.kind === 'Silence') readSilence(document.spec);
		expect(document.kind === 'Channel' ? channelProblem(document.spec) : null).toBeNull();
	}
});

test('every type of channel is shown with its YAML', () => {
	const types = loaded.flatMap(({ documents }) =>
		documents.flatMap(({ document }) => (document.kind === 'Channel' ? [document.spec.type] : [])),
	);
	expect(new Set(types)).toEqual(new Set(CHANNEL_TYPES));
});
