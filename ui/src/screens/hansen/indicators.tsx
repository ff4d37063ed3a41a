/* indicators.tsx - hanseníase indicators of a year with the ministry's bands, and how they moved over
 * five years. Without a population no rate is shown: it is the asker's figure, never guessed. */
import { useEffect, useState } from 'preact/hooks';
import { type Answer, call } from '../../api/client';
import { useQuery } from '../../api/query';
import { Check, type Errors, Input, OtherErrors, Select, serverErrors } from '../../components/form';
import { Card, Head, Note } from '../../components/parts';
import { Plot } from '../../components/plot';
import { Loaded, ProblemNote, Skeleton } from '../../components/state';
import { lang, t, tcode } from '../../i18n';
import { decimal, fold, number } from '../../lib/format';
import { keep, kept } from '../../router';
import '../../styles/hansen.css';
import '../../styles/reports.css';
import type { Values } from './case-types';
import { whole, words } from './sheet';

type Report = Answer<'/api/hansen/indicators'>;
type Item = Report['items'][number];
const YEARS = 5;
const thisYear = new Date().getFullYear();
const tones: Record<string, string> = { bom: 'good', baixo: 'good', regular: 'high', medio: 'high' };
/** Bands the ministry calls good and middling; every other one is worse. */
const tone = (band: string): string => tones[fold(band)] ?? 'critical';
const isRate = (name: string): boolean => !name.endsWith('_pct');

interface Band {
	name: string;
	from: number;
	to: number | null;
}
/** Bands by indicator, out of the protocol's own rows ("indicador.abandono_pct.Bom"). */
function useBands(): Map<string, Band[]> {
	const q = useQuery('indicator bands', (signal) => call('get', '/api/hansen/protocols', { query: { topic: 'INDICATOR' }, signal }));
	const out = new Map<string, Band[]>();
	for (const i of q.data?.items ?? []) {
		const ladder = i.id.split('.')[1];
		if (!ladder || !i.band || i.from === null) continue;
		out.set(ladder, [...(out.get(ladder) ?? []), { name: i.band, from: Number(i.from), to: i.to === null ? null : Number(i.to) }]);
	}
	return out;
}

/** The bands as a scale with a mark where this year stands; the words beside say the same. */
function Scale({ bands, value }: { bands: Band[]; value: number }) {
	const top = Math.max(value * 1.15, ...bands.map((b) => (b.to === null ? b.from * 1.5 || 1 : b.to)));
	const x = (v: number) => (Math.min(v, top) / top) * 300;
	return (
		<svg class="scale" viewBox="0 0 300 18" preserveAspectRatio="none" aria-hidden="true">
			{bands.map((b) => (
				<rect key={b.name} x={x(b.from)} width={Math.max(0, x(b.to ?? top) - x(b.from) - 1)} y="5" height="8" class={tone(b.name)} />
			))}
			<path d={`M${x(value) - 2} 0h4v18h-4z`} class="mark" />
		</svg>
	);
}

function Tile({ of: i, bands }: { of: Item; bands: Band[] | undefined }) {
	return (
		<li class="card indicator">
			<h2>{lang.value === 'pt' ? i.text : tcode('calc.choice', i.indicator, i.text)}</h2>
			{i.value !== null ? (
				<>
					<div class="row between">
						<strong class="num big">
							{decimal(i.value)}
							{!isRate(i.indicator) && ' %'}
						</strong>
						{i.band && <span class={`badge ${tone(i.band)}`}>{tcode('indicator.band', i.band, i.band)}</span>}
					</div>
					{bands && <Scale bands={bands} value={Number(i.value)} />}
				</>
			) : (
				<p class="quiet">{tcode('indicator.reason', i.reason, i.reason ?? '–')}</p>
			)}
			<p class="small quiet num">
				{i.numerator === null ? '–' : number(i.numerator)} {t('indicator.of')} {i.denominator === null ? '–' : number(i.denominator)}
			</p>
			{i.smallCell && !i.suppressed && <span class="badge high">{t('indicator.small')}</span>}
		</li>
	);
}

function Years({ query, shown }: { query: Record<string, unknown>; shown: number }) {
	const q = useQuery(`indicators over ${shown} ${JSON.stringify(query)}`, async (signal) => {
		const out: Report[] = [];
		for (let y = shown - YEARS + 1; y <= shown; y++) out.push(await call('get', '/api/hansen/indicators', { query: { ...query, from: `${y}-01-01`, to: `${y}-12-31` } as never, signal }));
		return out;
	});
	const value = (r: Report, name: string) => {
		const v = r.items.find((i) => i.indicator === name)?.value;
		return v === null || v === undefined ? null : Number(v);
	};
	return (
		<Loaded query={q} skeleton={<Skeleton lines={5} />}>
			{(list) => {
				const at = list.map((r) => Date.parse(r.from) / 1000);
				const line = (name: string, label: string, color: string) => ({ label, color, values: list.map((r) => value(r, name)), digits: 1, unit: '%' });
				const cases = list.map((r) => r.items.find((i) => i.indicator === 'gif_avaliado_diagnostico_pct')?.denominator ?? null);
				return (
					<div class="cols">
						<Card title={t('indicator.over.cases')}>
							<Plot days years label={t('indicator.over.cases')} at={at} series={[{ label: t('indicator.new'), color: 'accent', values: cases }]} height={180} />
						</Card>
						<Card title={t('indicator.over.quality')}>
							<Plot
								days
								years
								label={t('indicator.over.quality')}
								at={at}
								series={[line('cura_coorte_pct', t('indicator.cure'), 'accent'), line('contatos_examinados_pct', t('indicator.contacts'), 'calm'), line('gif2_diagnostico_pct', t('indicator.gif2'), 'critical'), line('abandono_pct', t('indicator.abandon'), 'high')]}
								height={180}
							/>
						</Card>
					</div>
				);
			}}
		</Loaded>
	);
}

export function Indicators(_: { params: Record<string, string> }) {
	const [v, setV] = useState<Values>(kept<Values>('indicators') ?? { year: String(thisYear), unit: '', municipality: '', population: '', population014: '', publish: '' });
	const [asked, setAsked] = useState(v);
	useEffect(() => {
		const timer = setTimeout(() => {
			setAsked(v);
			keep({ indicators: v });
		}, 350);
		return () => clearTimeout(timer);
	}, [v]);
	const put = (name: string) => (x: string) => setV({ ...v, [name]: x });
	const year = Number(asked.year);
	const same = { unit: words(asked.unit), municipality: words(asked.municipality), population: whole(asked.population), population014: whole(asked.population014), publish: asked.publish === '1' || undefined };
	const query = { ...same, from: `${year}-01-01`, to: `${year}-12-31` };
	const q = useQuery(`indicators ${JSON.stringify(query)}`, (signal) => call('get', '/api/hansen/indicators', { query: query as never, signal }));
	const bands = useBands();
	const errors: Errors = q.problem?.status === 422 ? serverErrors(q.problem) : {};
	const digits = (name: string, label: string, hint?: string, cls = 'w3') => (
		<Input class={cls} name={name} label={label} hint={hint} value={v[name] ?? ''} onValue={(x) => put(name)(x.replace(/\D/g, '').slice(0, 9))} inputMode="numeric" inputClass="num" autoComplete="off" optional error={errors[name]} />
	);
	return (
		<>
			<Head title={t('indicator.title')} crumbs={[{ label: t('nav.cases'), to: '/hanseniase/casos' }, { label: t('indicator.title') }]} lead={t('indicator.lead')} />
			<search class="card">
				<div class="form">
					<Select class="w3" name="year" label={t('indicator.year')} value={v.year ?? ''} onValue={put('year')} choices={Array.from({ length: 10 }, (_, i) => ({ value: String(thisYear - i), label: String(thisYear - i) }))} />
					{digits('unit', t('case.unit'), t('case.unit.hint'))}
					{digits('municipality', t('case.municipality'), t('case.municipality.hint'), 'w6')}
					{digits('population', t('indicator.population'), t('indicator.population.hint'))}
					{digits('population014', t('indicator.children'))}
					<div class="w6 bottom">
						<Check name="publish" label={t('indicator.publish')} value={v.publish === '1'} onValue={(x) => put('publish')(x ? '1' : '')} />
					</div>
				</div>
			</search>
			<OtherErrors errors={errors} known={['unit', 'municipality', 'population', 'population014']} />
			{q.problem?.status === 422 ? null : q.problem && q.data === undefined ? (
				q.problem.status !== 401 && <ProblemNote problem={q.problem} retryAt={q.retryAt} retry={q.retry} />
			) : (
				<Loaded query={q} skeleton={<Skeleton lines={8} height="2.75rem" />}>
					{(r) => (
						<>
							<ul class="indicators">
								{r.items.map((i) => (
									<Tile key={i.indicator} of={i} bands={bands.get(i.indicator)} />
								))}
							</ul>
							<Years query={same} shown={year} />
							<Note icon="info">
								<span>{r.notice}</span>
								<span>{t('indicator.cohorts', { pb: r.cohortYear - 1, mb: r.cohortYear - 2 })}</span>
								{r.protocolVersion && <span>{t('calc.version', { v: r.protocolVersion })}</span>}
							</Note>
						</>
					)}
				</Loaded>
			)}
		</>
	);
}
