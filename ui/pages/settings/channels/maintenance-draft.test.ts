import { expect, test } from 'vitest';
import { documentSchema } from '../../../../schema/desired-state.ts';
import {
	documentOfMaintenance,
	maintenanceDraftOf,
	maintenanceNameFor,
	newMaintenance,
	readMaintenance,
} from './maintenance-draft.ts';
import type { SilenceDocument } from './maintenance-draft.ts';

const written = documentSchema.parse({
	apiVersion: 'spanhouse.dev/v1',
	kind: 'Silence',
	metadata: { name: 'nightly-backup', labels: { team: 'shop' }, annotations: { ticket: 'OPS-7' } },
	spec: {
		match: { service: 'shop/db', note: 'a, b=c' },
		from: '2026-12-01T00:00',
		until: '2027-01-01T00:00',
		every: { days: ['mon', 'fri'], at: '02:30', for: '1h' },
		timeZone: 'Europe/Berlin',
		reason: 'nightly backup',
	},
}) as SilenceDocument;

test('a document comes back from the form as it was, also what can not be typed there', () => {
	expect(documentOfMaintenance(maintenanceDraftOf(written))).toEqual(written);
});

test('what the form makes is a document that the server takes', () => {
	const draft = { ...newMaintenance('Europe/Berlin'), match: 'service=shop/*, severity=page', lasts: '1h 30m' };
	const name = maintenanceNameFor({ ...draft, days: ['sun', 'sat'] });
	expect(name).toBe('maintenance-sat-sun-0200');
	const document = documentOfMaintenance({ ...draft, name, days: ['sun', 'sat'] });
	expect(documentSchema.parse(document)).toEqual(document);
	expect(document.spec).toEqual({
		match: { service: 'shop/*', severity: 'page' },
		every: { days: ['sat', 'sun'], at: '02:00', for: '1h30m' },
		timeZone: 'Europe/Berlin',
		reason: '',
	});
	expect([...readMaintenance(document).problems]).toEqual([]);
});

test.each([
	[{ match: 'everything' }, 'spec.match'],
	[{ days: [] }, 'spec.every.days'],
	[{ at: '25:00' }, 'spec.every.at'],
	[{ lasts: '32d' }, 'spec.every.for'],
	[{ timeZone: 'Berlin' }, 'spec.timeZone'],
	[{ from: 'tomorrow' }, 'spec.from'],
	[{ from: '2026-12-02T00:00', until: '2026-12-01T00:00' }, 'spec.until'],
	[{ name: '-' }, 'metadata.name'],
])('%j is told at %s', (facts, path) => {
	const draft = { ...maintenanceDraftOf(written), match: 'service=shop/db', ...facts };
	const { problems } = readMaintenance(documentOfMaintenance(draft));
	expect([...problems.keys()]).toEqual([path]);
	expect(problems.get(path)).toMatch(/expected|is not after/);
});
