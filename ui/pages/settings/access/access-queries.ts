import type {
	AuditAnswer,
	InvitationsAnswer,
	KeysAnswer,
	SessionAnswer,
	TokensAnswer,
	UsersAnswer,
} from '../../../../schema/api-access.ts';
import type { LimitsAnswer } from '../../../../schema/api-projects.ts';
import type { AppParts } from '../../../lib/app.ts';

function query<Answer>({ api }: AppParts, path: string) {
	return {
		queryKey: [path],
		queryFn: ({ signal }: { signal: AbortSignal }) => api.get<Answer>(path, {}, signal),
		staleTime: 0,
	};
}

export const sessionQuery = (app: AppParts) => query<SessionAnswer>(app, '/session');
/** Whether to offer what admins alone may do: so until it is known who is logged in, and where there is no login. */
export const mayAdminister = (session: SessionAnswer | undefined): boolean =>
	(session?.user?.role ?? 'admin') === 'admin';
export const limitsQuery = (app: AppParts) => query<LimitsAnswer>(app, '/limits');
export const usersQuery = (app: AppParts) => query<UsersAnswer>(app, '/users');
export const invitationsQuery = (app: AppParts) => query<InvitationsAnswer>(app, '/invitations');
export const keysQuery = (app: AppParts) => query<KeysAnswer>(app, '/ingest-keys');
export const tokensQuery = (app: AppParts) => query<TokensAnswer>(app, '/tokens');

/** The first page, and older ones as they are asked for. */
export const auditPages = ({ api }: AppParts) => ({
	queryKey: ['/audit'],
	queryFn: ({ pageParam, signal }: { pageParam: number | undefined; signal: AbortSignal }) =>
		api.get<AuditAnswer>('/audit', { before: pageParam }, signal),
	initialPageParam: undefined as number | undefined,
	getNextPageParam: (last: AuditAnswer) => last.nextBefore ?? undefined,
});
