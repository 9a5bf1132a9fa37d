import type {
	AuditAnswer,
	InvitationsAnswer,
	KeysAnswer,
	SessionAnswer,
	UsersAnswer,
} from '../../schema/api-access.ts';
import { NOW_MS } from './now.ts';

export const sessionAnswer = (facts: Partial<SessionAnswer> = {}): SessionAnswer => ({
	login: 'done',
	hasAccounts: true,
	user: { name: 'ann@example.com', role: 'admin', projects: null },
	provider: null,
	...facts,
});

export const keysAnswer = (): KeysAnswer => ({
	keys: [
		{
			id: '2f3a0a3e-0000-4000-8000-000000000001',
			label: 'shop',
			type: 'server',
			origins: [],
			project: 'default',
			bytesPerMinute: 67_108_864,
			spansPerMinute: 600_000,
			refused: 12,
			author: 'ann@example.com',
			createdMs: NOW_MS - 86_400_000,
			lastUsedMs: NOW_MS - 120_000,
			secrets: [{ last4: 'k3y4', createdMs: NOW_MS - 86_400_000 }],
		},
	],
});

export const usersAnswer = (): UsersAnswer => ({
	users: [
		{ email: 'ann@example.com', role: 'admin', projects: null, hasPassword: true, changedMs: NOW_MS - 86_400_000 },
		{ email: 'bob@example.com', role: 'viewer', projects: ['shop'], hasPassword: false, changedMs: NOW_MS - 3_600_000 },
	],
});

export const invitationsAnswer = (): InvitationsAnswer => ({
	invitations: [
		{
			email: 'vic@example.com',
			role: 'editor',
			projects: ['shop'],
			isNew: true,
			author: 'ann@example.com',
			createdMs: NOW_MS - 86_400_000,
			expiresMs: NOW_MS + 6.5 * 86_400_000,
		},
	],
});

export const auditAnswer = (facts: Partial<AuditAnswer> = {}): AuditAnswer => ({
	entries: [
		{
			timeMs: NOW_MS - 60_000,
			author: 'ann@example.com',
			kind: 'ingest-key',
			name: '2f3a0a3e',
			action: 'created',
			details: { label: 'shop' },
		},
	],
	nextBefore: null,
	...facts,
});
