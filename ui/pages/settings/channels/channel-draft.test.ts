import { expect, test } from 'vitest';
import { CHANNEL_TYPES } from '../../../../schema/alert.ts';
import { channelProblem } from '../../../../collector/alerting/notify/channel/channel.ts';
import { documentSchema } from '../../../../schema/desired-state.ts';
import { channelDraftOf, channelProblems, documentOfChannel, FIELDS_OF, matchOf, newChannel } from './channel-draft.ts';

test.each(CHANNEL_TYPES)(
	'%s: with all its fields it is what schema and sender accept, and comes back from the form',
	(type) => {
		const draft = {
			...newChannel(),
			name: 'c',
			type,
			url: 'https://x',
			secret: 's',
			smtp: 'smtps://x',
			from: 'a@x',
			to: 'b@x, c@x',
		};
		const document = documentOfChannel(draft);
		expect(documentSchema.parse(document)).toEqual(document);
		expect(channelProblem(document.spec)).toBeNull();
		expect(channelProblems(document).size).toBe(0);
		expect(documentOfChannel(channelDraftOf(document))).toEqual(document);
		// Each needed field that is empty is missed by the sender, too.
		for (const { field, isNeeded } of FIELDS_OF[type]) {
			const without = documentOfChannel({ ...draft, [field]: ' ' });
			expect([channelProblems(without).has(`spec.${field}`), channelProblem(without.spec) !== null]).toEqual([
				isNeeded,
				isNeeded,
			]);
		}
	},
);

test('labels to match are read from pairs', () => {
	expect(matchOf('alert=a, severity = page')).toEqual({ alert: 'a', severity: 'page' });
	expect(matchOf('route=/a=b')).toEqual({ route: '/a=b' });
	expect([matchOf(''), matchOf('alert'), matchOf('=x')]).toEqual([undefined, undefined, undefined]);
});
