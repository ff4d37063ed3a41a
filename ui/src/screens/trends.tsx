/* trends.tsx - a chart's measures over time, where looking beats reading. */
import { call } from '../api/client';
import { useQuery } from '../api/query';
import type { MedicalRecord, Patient } from '../components/lines';
import { Card, Note } from '../components/parts';
import { Plot, type Series } from '../components/plot';
import { Empty, Loaded, Skeleton } from '../components/state';
import { t, tcode } from '../i18n';
import { byMonth, type Measure, measuresOf } from '../lib/measures';

const PAGES = 10;
const SHOWN = 16;
/** Drawn first, in this order; codes in one group share a plot. */
const order = ['8480-6', '8462-4', '8867-4', '29463-7', '39156-5', '8302-2', '8310-5', '8331-1', '2708-6', '2339-0', '2345-7', '4548-4', '2093-3', '2160-0', '33914-3'];
const together: Record<string, string> = { '8480-6': 'bp', '8462-4': 'bp' };
const colors = ['accent', 'high', 'calm', 'critical'];

async function whole(id: string, signal: AbortSignal): Promise<{ items: MedicalRecord[]; cut: boolean }> {
	const items: MedicalRecord[] = [];
	let cursor: string | undefined;
	for (let i = 0; i < PAGES; i++) {
		const page = await call('get', '/api/medical-records', { query: { patientId: id, limit: 100, cursor }, signal });
		items.push(...page.items);
		if (!page.nextCursor) return { items, cut: false };
		cursor = page.nextCursor;
	}
	return { items, cut: true };
}

function plots(measures: Measure[]): { title: string; at: number[]; series: Series[] }[] {
	const groups = new Map<string, Measure[]>();
	const rank = (m: Measure) => (order.indexOf(m.code) + 1 || 99) * 1000 - Math.min(999, m.points.length);
	for (const m of measures.filter((x) => x.points.length > 1).sort((a, b) => rank(a) - rank(b))) {
		const key = together[m.code] ?? m.code + m.unit;
		groups.set(key, [...(groups.get(key) ?? []), m]);
	}
	return [...groups.values()].slice(0, SHOWN).map((list) => {
		const at = [...new Set(list.flatMap((m) => m.points.map((p) => p.at)))].sort((a, b) => a - b);
		const series = list.map((m, i) => {
			const by = new Map(m.points.map((p) => [p.at, p.value]));
			return { label: tcode('loinc', m.code, m.name), color: colors[i % colors.length] as string, values: at.map((x) => by.get(x) ?? null), digits: 1, unit: m.unit };
		});
		const first = list[0] as Measure;
		return { title: list.length > 1 ? t('trends.pressure') : tcode('loinc', first.code, first.name), at, series };
	});
}

export function Trends({ patient }: { patient: Patient }) {
	const q = useQuery(`trends ${patient.id}`, (signal) => whole(patient.id, signal));
	return (
		<Loaded
			query={q}
			skeleton={
				<Card>
					<Skeleton lines={5} />
				</Card>
			}
		>
			{({ items, cut }) => {
				const found = plots(measuresOf(items));
				const months = byMonth(items);
				return (
					<div class="stack">
						{cut && <Note>{t('trends.cut', { n: items.length })}</Note>}
						<div class="cols">
							{months.at.length > 1 && (
								<Card title={t('trends.visits')}>
									<Plot days label={t('trends.visits')} at={months.at} series={[{ label: t('chart.records'), color: 'accent', values: months.n }]} height={170} />
								</Card>
							)}
							{found.map((p) => (
								<Card key={p.title} title={p.title}>
									<Plot days label={p.title} at={p.at} series={p.series} height={170} />
								</Card>
							))}
						</div>
						{found.length === 0 && <Empty icon="pulse" title={t('trends.none')} />}
						<p class="small quiet">{t('trends.source')}</p>
					</div>
				);
			}}
		</Loaded>
	);
}
