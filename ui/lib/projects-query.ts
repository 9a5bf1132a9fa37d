import type { ProjectsAnswer } from '../../schema/api-projects.ts';
import type { AppParts } from './app.ts';

/** Those that the reader may see, and which one is shown without `project=`. */
export const projectsQuery = ({ api }: Pick<AppParts, 'api'>) => ({
	queryKey: ['/projects'] as const,
	queryFn: ({ signal }: { signal: AbortSignal }) => api.get<ProjectsAnswer>('/projects', {}, signal),
	staleTime: 60_000,
});
