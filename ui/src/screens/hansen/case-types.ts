/* case-types.ts - a case and its parts as the server answers them, and small words about them. */
import { type Answer, call } from '../../api/client';
import { t, tcode } from '../../i18n';
import { decimal } from '../../lib/format';
import type { Lesions } from './body-map';

/* A field that a mask may hide is null for whom it hides; nobody who may read cases has one hidden. */
type Seen<T, K extends keyof T> = Omit<T, K> & { [k in K]: NonNullable<T[k]> };
type View = Answer<'/api/hansen/cases/{id}'>;
export type Case = Seen<View['case'], 'entryMode' | 'clinicalForm' | 'initialClass' | 'operationalClass' | 'smear' | 'regimen' | 'plannedDoses' | 'windowMonths' | 'findings' | 'computed'>;
export type CaseEvent = NonNullable<View['events']>[number];
export type Contact = Seen<NonNullable<View['contacts']>[number], 'kind' | 'details'>;
export type Calendar = NonNullable<View['calendar']>;
export type Step = NonNullable<View['nextSteps']>[number];
export interface CaseView {
	case: Case;
	calendar: Calendar;
	attendance: View['attendance'];
	nextSteps: Step[];
	allowed: View['allowed'];
	events: CaseEvent[];
	contacts: Contact[];
}
type RawBoard = Answer<'/api/hansen/board'>;
export type BoardItem = Seen<RawBoard['items'][number], 'operationalClass' | 'clinicalForm' | 'doses' | 'plannedDoses' | 'lastSeenOn' | 'nextSteps'>;
export type Board = Omit<RawBoard, 'items'> & { items: BoardItem[] };

export const readCase = (id: string, signal: AbortSignal): Promise<CaseView> => call('get', '/api/hansen/cases/{id}', { path: { id }, signal }) as unknown as Promise<CaseView>;
export const readBoard = (signal: AbortSignal): Promise<Board> => call('get', '/api/hansen/board', { signal }) as unknown as Promise<Board>;
export const readCases = (query: { patientId?: string; state?: string; limit: number; names?: boolean; cursor?: string }, signal: AbortSignal): Promise<{ items: ListedCase[]; nextCursor: string | null }> =>
	call('get', '/api/hansen/cases', { query: query as never, signal }) as unknown as Promise<{ items: ListedCase[]; nextCursor: string | null }>;
/** As a list has it: with the patient's name when asked for. */
export type ListedCase = Case & { patientName: string | null };
export type Sites = NonNullable<Case['findings']['disability']>;

export const siteNames = ['olhoD', 'olhoE', 'maoD', 'maoE', 'peD', 'peE'] as const;
export type Values = Record<string, string>;

export function sitesToText(s: Sites | null | undefined): Values {
	return Object.fromEntries(siteNames.map((n) => [n, s?.[n] === null || s?.[n] === undefined ? '' : String(s[n])]));
}
/** undefined: no site was evaluated. */
export function sitesFromText(v: Values): Sites | undefined {
	const out: Record<string, number | null> = {};
	for (const n of siteNames) out[n] = v[n] === undefined || v[n] === '' ? null : Number(v[n]);
	return Object.values(out).some((x) => x !== null) ? (out as Sites) : undefined;
}

/** The map's regions ("braco_d") and the server's lesions (site and side). */
export function lesionsToMap(list: Case['findings']['lesions']): Lesions {
	const out: Lesions = {};
	for (const l of list ?? []) {
		const key = l.side ? `${l.site}_${l.side.toLowerCase()}` : l.site;
		out[key] = (out[key] ?? 0) + l.count;
	}
	return out;
}
export function lesionsFromMap(v: Lesions): { site: string; side?: 'D' | 'E'; count: number }[] {
	return Object.entries(v).map(([key, count]) => {
		const m = /^(.*)_(d|e)$/.exec(key);
		return m ? { site: m[1] as string, side: m[2] === 'd' ? ('D' as const) : ('E' as const), count } : { site: key, count };
	});
}

export const stateTone: Record<string, string> = { DIAGNOSED: 'high', IN_TREATMENT: 'accent', CURED: 'good', ABANDONED: 'critical' };
export const attendanceTone: Record<string, string> = { EM_DIA: 'good', FALTOSO: 'high', ABANDONO: 'critical' };
export const gifText = (gif: number | null | undefined): string => (gif === null || gif === undefined ? t('case.gif.none') : t('case.gif.n', { n: gif }));
export const late = (days: number): string => (days === 1 ? t('case.late.one') : t('case.late.many', { n: days }));
export const weightText = (kg: string | null | undefined): string => (kg ? `${decimal(kg)} kg` : '');
export const stateText = (state: string): string => tcode('case.state', state);
