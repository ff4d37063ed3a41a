/* calculators.tsx - the calculators: inputs left, result with its source right. What each asks and
 * answers comes from the program's rows, and the arithmetic is the program's alone, so that there is
 * one place that is right or wrong. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { type Answer, call } from '../../api/client';
import { useQuery } from '../../api/query';
import { type Errors, Input, OtherErrors, Radios, Select, serverErrors } from '../../components/form';
import { Icon } from '../../components/icon';
import { Card, Head, Note } from '../../components/parts';
import { Empty, Loaded, ProblemNote, Skeleton } from '../../components/state';
import { lang, t, tcode } from '../../i18n';
import { dateMask } from '../../lib/brazil';
import { parseDate } from '../../lib/format';
import { can } from '../../session';
import '../../styles/hansen.css';
import { BodyMap, lesionCount, type Lesions } from './body-map';
import { EyesHandsFeet } from './omp';
import { clinical, type Group, groupOf, office } from './groups';
import { ResultOf } from './result';

export type Calculator = Answer<'/api/hansen/calculators'>['items'][number];
export type Calculation = Answer<'/api/hansen/calculators/{name}', 'post'>;
type Column = Calculator['inputs'][number];
export type Inputs = Record<string, string>;

export function useCatalogue() {
	return useQuery(`calculators ${lang.value}`, (signal) => call('get', '/api/hansen/calculators', { signal }));
}

function ColumnField({ col, value, error, onValue }: { col: Column; value: string; error?: string; onValue: (v: string) => void }) {
	const label = col.summary + (col.unit ? ` (${tcode('calc.unit', col.unit, col.unit)})` : '');
	const same = { name: col.name, label, optional: col.optional, value, error, onValue };
	const choices = col.oneOf.map((c) => ({ value: c, label: tcode('calc.choice', c) }));
	switch (col.kind) {
		case 'choice':
			return col.oneOf.length <= 4 ? <Radios {...same} choices={choices} /> : <Select {...same} empty={t('form.choose')} choices={choices} />;
		case 'yesno':
			return (
				<Radios
					{...same}
					choices={[
						{ value: '1', label: t('form.yes') },
						{ value: '0', label: t('form.no') },
					]}
				/>
			);
		case 'date':
			return <Input {...same} mask={dateMask} inputMode="numeric" placeholder={t('form.dateHint')} autoComplete="off" />;
		case 'integer':
			return <Input {...same} onValue={(v) => onValue(v.replace(/[^\d]/g, ''))} inputMode="numeric" autoComplete="off" inputClass="num" />;
		case 'integers':
			return <Input {...same} onValue={(v) => onValue(v.replace(/[^\d ]/g, ''))} autoComplete="off" inputClass="num" />;
		case 'weight':
		case 'decimal':
			return <Input {...same} onValue={(v) => onValue(v.replace(/[^\d.,]/g, ''))} inputMode="decimal" autoComplete="off" inputClass="num" />;
		default:
			return <Input {...same} autoComplete="off" />;
	}
}

/** What is sent: dates as the norm writes them, decimal commas as points, blanks left out. */
function toBody(c: Calculator, v: Inputs): Inputs {
	const out: Inputs = {};
	for (const col of c.inputs) {
		const text = (v[col.name] ?? '').trim();
		if (!text) continue;
		out[col.name] = col.kind === 'date' ? (parseDate(text) ?? text) : col.kind === 'weight' || col.kind === 'decimal' ? text.replace(',', '.') : text;
	}
	return out;
}
function ready(c: Calculator, v: Inputs): boolean {
	const given = (col: Column) => (v[col.name] ?? '').trim() !== '';
	const whole = (col: Column) => col.kind !== 'date' || !given(col) || (v[col.name] ?? '').length === 10;
	return c.inputs.every((col) => (col.optional || given(col)) && whole(col)) && c.inputs.some(given);
}

export function CalculatorForm({ of: c, start }: { of: Calculator; start?: Inputs }) {
	const [v, setV] = useState<Inputs>(start ?? {});
	const [lesions, setLesions] = useState<Lesions>({});
	const [asked, setAsked] = useState<Inputs | null>(null);
	const body = useMemo(() => (ready(c, v) ? toBody(c, v) : null), [v]);
	useEffect(() => {
		const timer = setTimeout(() => setAsked(body), 250);
		return () => clearTimeout(timer);
	}, [body]);
	const q = useQuery(asked ? `calc ${c.name} ${lang.value} ${JSON.stringify(asked)}` : null, (signal) =>
		call('post', '/api/hansen/calculators/{name}', { path: { name: c.name }, body: asked as never, signal, key: '' }),
	);
	const errors: Errors = q.problem?.status === 422 ? serverErrors(q.problem) : {};
	const other = q.problem && q.problem.status !== 422 && q.problem.status !== 401;
	return (
		<div class="cols calc">
			<Card title={t('calc.inputs')}>
				<form class="stack" onSubmit={(e) => e.preventDefault()} noValidate>
					<OtherErrors errors={errors} known={c.inputs.map((col) => col.name)} />
					{c.name === 'classificacao_operacional' && (
						<details>
							<summary>{t('lesion.mark')}</summary>
							<BodyMap
								value={lesions}
								onValue={(x) => {
									setLesions(x);
									setV((was) => ({ ...was, lesoes: String(lesionCount(x)) }));
								}}
							/>
						</details>
					)}
					{c.name === 'omp' && <EyesHandsFeet value={v} onValue={(name, x) => setV((was) => ({ ...was, [name]: x }))} />}
					{(c.name === 'omp' ? [] : c.inputs).map((col) => (
						<ColumnField key={col.name} col={col} value={v[col.name] ?? ''} error={errors[col.name]} onValue={(x) => setV((was) => ({ ...was, [col.name]: x }))} />
					))}
					<div>
						<button type="button" class="btn" onClick={() => {
								setV({});
								setLesions({});
							}}>
							<Icon name="undo" />
							{t('calc.clear')}
						</button>
					</div>
				</form>
			</Card>
			<div class="stack" aria-live="polite">
				{other && q.problem && <ProblemNote problem={q.problem} retryAt={q.retryAt} retry={q.retry} />}
				{!asked ? (
					<Card>
						<Empty icon="calculator" title={t('calc.waiting')} />
					</Card>
				) : q.problem?.status === 422 ? (
					<Card>
						<Empty icon="alert" title={t('calc.badInput')} />
					</Card>
				) : q.data ? (
					<ResultOf answer={q.data} of={c} />
				) : (
					!other && (
						<Card>
							<Skeleton lines={5} />
						</Card>
					)
				)}
			</div>
		</div>
	);
}

function One({ of: c }: { of: Calculator }) {
	return (
		<>
			<Head title={c.summary} crumbs={[{ label: t('nav.calculators'), to: '/hanseniase/calculadoras' }, { label: c.summary }]} lead={[c.source.document, c.source.section].filter(Boolean).join(', ')} />
			<CalculatorForm key={c.name} of={c} />
			<Note icon="info">{t('calc.guard')}</Note>
		</>
	);
}

function Doors({ of: groups, items }: { of: readonly Group[]; items: Calculator[] }) {
	return (
		<>
			{groups.map((g) => {
				const mine = items.filter((c) => groupOf(c.name) === g);
				return mine.length === 0 ? null : (
					<section key={g} class="stack tight">
						<h2>{tcode('calc.group', g)}</h2>
						<ul class="tiles doors">
							{mine.map((c) => (
								<li key={c.name}>
									<a class="tile link" href={`/hanseniase/calculadoras/${c.name}`}>
										<strong>{c.summary}</strong>
										<span>{[c.source.section, c.source.page && `p. ${c.source.page}`].filter(Boolean).join(', ')}</span>
									</a>
								</li>
							))}
						</ul>
					</section>
				);
			})}
		</>
	);
}

/** Clinical ones first; the office's are folded away from who treats people. */
export function Calculators({ params }: { params: Record<string, string> }) {
	const q = useCatalogue();
	if (params.name && q.data) {
		const chosen = q.data.items.find((c) => c.name === params.name);
		if (chosen) return <One of={chosen} />;
	}
	return (
		<>
			<Head title={t('nav.calculators')} lead={t('calc.title.lead')}>
				<a class="btn" href="/hanseniase/protocolo">
					<Icon name="book" />
					{t('nav.protocol')}
				</a>
			</Head>
			<Loaded query={q}>
				{({ items }) =>
					params.name ? (
						<Empty icon="search" title={t('problem.404')} />
					) : (
						<>
							<Doors of={clinical} items={items} />
							{can('write') ? (
								<details class="stack">
									<summary>{t('calc.office')}</summary>
									<Doors of={office} items={items} />
								</details>
							) : (
								<Doors of={office} items={items} />
							)}
						</>
					)
				}
			</Loaded>
			<Note icon="info">{t('calc.guard')}</Note>
		</>
	);
}
