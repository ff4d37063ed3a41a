/* audit-heat.tsx - when this place works: entries by weekday and hour, and the most frequent acts. */
import { call } from '../api/client';
import { useQuery } from '../api/query';
import { Card } from '../components/parts';
import { Empty, Loaded } from '../components/state';
import { languageTag, t } from '../i18n';
import { eventText } from '../i18n/events';
import { date, number } from '../lib/format';

const PAGES = 5;
export interface Entry {
	at: string;
	event: string;
}

async function recent(signal: AbortSignal): Promise<Entry[]> {
	const out: Entry[] = [];
	let cursor: string | undefined;
	for (let i = 0; i < PAGES; i++) {
		const page = await call('get', '/api/audit', { query: { limit: 100, cursor }, signal });
		out.push(...page.items);
		if (!page.nextCursor) break;
		cursor = page.nextCursor;
	}
	return out;
}

function weekday(i: number): string {
	/* 2024-01-07 was a Sunday */
	return new Date(2024, 0, 7 + i).toLocaleDateString(languageTag(), { weekday: 'short' }).replace('.', '');
}

export function Heat({ entries }: { entries: Entry[] }) {
	const cells = Array.from({ length: 7 }, () => new Array<number>(24).fill(0));
	for (const e of entries) {
		const d = new Date(e.at);
		const row = cells[d.getDay()];
		if (row) row[d.getHours()] = (row[d.getHours()] ?? 0) + 1;
	}
	const most = Math.max(1, ...cells.flat());
	return (
		<div class="heat" tabIndex={0} role="region" aria-label={t('heat.title')}>
			<svg viewBox="0 0 520 142" role="img" aria-label={t('heat.label', { n: entries.length })}>
				{cells.map((row, day) => (
					<g key={day}>
						<text x="0" y={day * 18 + 13}>
							{weekday(day)}
						</text>
						{row.map((n, hour) => (
							<rect key={hour} class={n ? '' : 'none'} x={36 + hour * 20} y={day * 18 + 1} width="18" height="16" rx="3" fill-opacity={n ? 0.18 + 0.82 * (n / most) : 1}>
								<title>{t('heat.cell', { day: weekday(day), hour, n })}</title>
							</rect>
						))}
					</g>
				))}
				{[0, 3, 6, 9, 12, 15, 18, 21].map((h) => (
					<text key={h} x={36 + h * 20 + 3} y="140">
						{String(h).padStart(2, '0')}
					</text>
				))}
			</svg>
		</div>
	);
}

export function AuditActivity() {
	const q = useQuery('audit recent', recent);
	return (
		<Card title={t('heat.title')} action={<a href="/auditoria">{t('heat.all')}</a>}>
			<Loaded query={q}>
				{(entries) => {
					const last = entries[entries.length - 1];
					if (!last) return <Empty icon="shield" title={t('audit.none')} />;
					const by = new Map<string, number>();
					for (const e of entries) by.set(e.event, (by.get(e.event) ?? 0) + 1);
					const top = [...by].sort((a, b) => b[1] - a[1]).slice(0, 6);
					return (
						<div class="stack">
							<p class="small quiet">{t('heat.since', { n: number(entries.length), date: date(last.at) })}</p>
							<Heat entries={entries} />
							<ul class="bars">
								{top.map(([event, n]) => (
									<li key={event}>
										<span>{eventText(event)}</span>
										<meter min={0} max={top[0]?.[1] ?? 1} value={n} aria-label={eventText(event)} />
										<span class="num">{number(n)}</span>
									</li>
								))}
							</ul>
						</div>
					);
				}}
			</Loaded>
		</Card>
	);
}
