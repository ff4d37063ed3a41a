/* events.ts - what the audit trail's events are called, from the program's own rows. */
import { events } from '../api/gen/events';
import { lang } from '.';

export function eventText(code: string, other?: string): string {
	return events[code]?.[lang.value === 'pt' ? 0 : 1] ?? other ?? code;
}
export const eventNames = (): string[] => Object.keys(events);
