import type { ProjectsAnswer } from '../../schema/api-projects.ts';
import type { AppParts } from './app.ts';

/** Those that the reader may see, and which one is shown without `project=`. */
export const projectsQuery = ({ api }: Pick<AppParts, 'api'>) => ({
	queryKey: ['/projects'] as const,
	queryFn: ({ signal }: { signal: AbortSignal }) => api.get<ProjectsAnswer>('/projects', {}, signal),
	staleTime: 60_000,
});

/** Those that are not dropped. */
export const openProjects = (answer: ProjectsAnswer | undefined): ProjectsAnswer['projects'] =>
	answer?.projects.filter(({ droppedMs }) => droppedMs === undefined) ?? [];

/** The name of the one that the screens show; empty before it is known. */
export const shownProject = ({ time }: Pick<AppParts, 'time'>, answer: ProjectsAnswer | undefined): string =>
	time.project || (answer?.home ?? '');
