/** Who may read, change and send. */
import { z } from 'zod';
import { epochMs } from './api.ts';
import { projectName, projectNames } from './api-projects.ts';
import { documentName } from './api-views.ts';
import { DEFAULT_PROJECT } from './project.ts';
import { USER_ROLES } from './role.ts';

const role = z.enum(USER_ROLES);
const email = z
	.email()
	.max(254)
	.transform((text) => text.toLowerCase());
/** Long rather than odd: NIST SP 800-63B, 5.1.1.2, at a length that Argon2 takes without limit of its own. */
const password = z.string().min(12, 'expected at least 12 characters').max(200);
const secretOnce = z.string().meta({ description: 'Shown this once, kept nowhere' });

export const noQuery = z.object({});

export const sessionAnswer = z.object({
	login: z.enum(['off', 'needed', 'done']).meta({ description: '`off`: whoever reaches the host may do everything' }),
	hasAccounts: z
		.boolean()
		.meta({ description: 'False until the first account is made by the link that the log shows' }),
	user: z
		.object({ name: z.string(), role, projects: projectNames.nullable().meta({ description: 'Null: all' }) })
		.nullable(),
	provider: z.string().nullable().meta({ description: 'Where OpenID Connect leads to, if it is set up' }),
});
export type SessionAnswer = z.infer<typeof sessionAnswer>;

/** A path of this Spanhouse, never an address elsewhere. */
export const providerRequest = z.object({
	next: z
		.string()
		.regex(/^\/(?![/\\])[^\\]{0,4000}$/)
		.default('/'),
});

export const loginBody = z.strictObject({ email, password: z.string().min(1).max(200) });
export type LoginBody = z.infer<typeof loginBody>;
export const passwordBody = z.strictObject({ current: z.string().max(200), password });
export type PasswordBody = z.infer<typeof passwordBody>;

const projects = projectNames.optional().meta({ description: 'Those that somebody is limited to; all when left out' });
export const invitationBody = z.strictObject({ email, role, projects });
export type InvitationBody = z.infer<typeof invitationBody>;
export const invitationPath = z.object({ email });
export const invitationsAnswer = z.object({
	invitations: z.array(
		z.object({
			email: z.string(),
			role,
			projects: z.array(z.string()).readonly().nullable().meta({ description: 'Null: all' }),
			isNew: z.boolean().meta({ description: 'It makes an account; otherwise it chooses another password for one' }),
			author: z.string(),
			createdMs: epochMs,
			expiresMs: epochMs,
		}),
	),
});
export type InvitationsAnswer = z.infer<typeof invitationsAnswer>;
export const linkAnswer = z.object({ url: secretOnce });
export type LinkAnswer = z.infer<typeof linkAnswer>;
export const invitedBody = z.strictObject({ invitation: z.string().max(100) });
export type InvitedBody = z.infer<typeof invitedBody>;
export const invitedAnswer = z.object({ email: z.string().nullable() });
export type InvitedAnswer = z.infer<typeof invitedAnswer>;
export const acceptBody = z.strictObject({ invitation: z.string().max(100), email: email.optional(), password });
export type AcceptBody = z.infer<typeof acceptBody>;

export const userPath = z.object({ email });
export const userBody = z.strictObject({ role, projects });
export type UserBody = z.infer<typeof userBody>;
export const usersAnswer = z.object({
	users: z.array(
		z.object({
			email: z.string(),
			role,
			projects: z.array(z.string()).readonly().nullable().meta({ description: 'Null: all' }),
			hasPassword: z.boolean(),
			changedMs: epochMs,
		}),
	),
});
export type UsersAnswer = z.infer<typeof usersAnswer>;

const origin = z
	.string()
	.max(200)
	.refine((text) => URL.parse(text)?.origin === text, 'expected an origin such as https://shop.example');
const bytesPerMinute = z
	.number()
	.int()
	.min(65_536)
	.max(2 ** 40)
	.meta({ description: 'Of unpacked bytes; more is answered 429' });
const spansPerMinute = z
	.number()
	.int()
	.min(1)
	.max(2 ** 40)
	.meta({ description: 'What comes after as many is answered 429' });
export const keyLimitBody = z.strictObject({
	bytesPerMinute: bytesPerMinute.nullable(),
	spansPerMinute: spansPerMinute.nullable().default(null),
});
export type KeyLimitBody = z.infer<typeof keyLimitBody>;
export const keyBody = z
	.strictObject({
		label: documentName,
		type: z.enum(['server', 'browser']),
		origins: z.array(origin).max(20).default([]),
		project: projectName.default(DEFAULT_PROJECT),
		bytesPerMinute: bytesPerMinute.optional(),
		spansPerMinute: spansPerMinute.optional(),
	})
	.refine(
		({ type, origins }) => (type === 'browser') === origins.length > 0,
		'origins belong to a browser key, which needs one',
	);
export type KeyBody = z.infer<typeof keyBody>;
export const idPath = z.object({ id: z.uuid() });
export const keyCreated = z.object({ id: z.string(), secret: secretOnce });
export type KeyCreated = z.infer<typeof keyCreated>;
export const keysAnswer = z.object({
	keys: z.array(
		z.object({
			id: z.string(),
			label: z.string(),
			type: z.enum(['server', 'browser']),
			origins: z.array(z.string()),
			project: z.string(),
			bytesPerMinute: z.number().optional(),
			spansPerMinute: z.number().optional(),
			refused: z.number().int().nonnegative().meta({ description: 'Requests beyond its limit, since the start' }),
			author: z.string(),
			createdMs: epochMs,
			lastUsedMs: epochMs.nullable(),
			secrets: z.array(z.object({ last4: z.string(), createdMs: epochMs })),
		}),
	),
});
export type KeysAnswer = z.infer<typeof keysAnswer>;

export const tokenBody = z.strictObject({
	label: documentName,
	role,
	projects: projectNames.optional(),
	days: z.number().int().min(1).max(3_650).optional(),
});
export type TokenBody = z.infer<typeof tokenBody>;
const tokenSchema = z.object({
	id: z.string(),
	label: z.string(),
	owner: z.string(),
	role,
	projects: z.array(z.string()).readonly().optional(),
	last4: z.string(),
	createdMs: epochMs,
	expiresMs: epochMs.optional(),
});
export const tokenCreated = z.object({ secret: secretOnce, token: tokenSchema });
export type TokenCreated = z.infer<typeof tokenCreated>;
export const tokensAnswer = z.object({ tokens: z.array(tokenSchema) });
export type TokensAnswer = z.infer<typeof tokensAnswer>;

export const doneAnswer = z.object({ done: z.literal(true) });
export type DoneAnswer = z.infer<typeof doneAnswer>;

export const auditRequest = z.object({
	before: z.coerce.number().int().positive().optional().meta({ description: 'Unix milliseconds; older entries alone' }),
	limit: z.coerce.number().int().min(1).max(500).default(100),
});
export const auditAnswer = z.object({
	entries: z.array(
		z.object({
			timeMs: epochMs,
			author: z.string(),
			kind: z.string().meta({ description: 'Of the document: `user`, `login`, `ingest-key`, `view` …' }),
			name: z.string(),
			action: z.enum(['created', 'changed', 'deleted']),
			details: z.record(z.string(), z.string()),
		}),
	),
	nextBefore: epochMs.nullable(),
});
export type AuditAnswer = z.infer<typeof auditAnswer>;
