/* calculators.tsx - the calculators of the protocol: inputs left, result with its source right. The
 * arithmetic is the server's alone; nothing is computed here, so that one place is right or wrong. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { type Answer, call } from '../../api/client';
import { useQuery } from '../../api/query';
import { Input, Radios, Select } from '../../components/form';
import { Icon } from '../../components/icon';
import { Card, Head, Note } from '../../components/parts';
import { Empty, Loaded, Skeleton } from '../../components/state';
import { t, tcode } from '../../i18n';
import { dateMask } from '../../lib/brazil';
import { parseDate } from '../../lib/format';
import { me } from '../../session';
import { type Calculator, type Column, catalogue, groups } from './catalogue';
import { ResultOf } from './result';

export type Calculation = Answer<'/api/hansen/calculators/{name}', 'post'>;
type Inputs = Record<string, string>;

function ColumnField({ col, value, onValue }: { col: Column; value: string; onValue: (v: string) => void }) {
	const label = tcode('calc.in', col.name, col.name) + (col.unit ? ` (${col.unit})` : '');
	const optional = col.optional;
	switch (col.kind) {
		case 'choice':
			return col.choices && col.choices.length <= 4 ? (
				<Radios name={col.name} label={label} optional={optional} value={value} onValue={onValue} choices={col.choices.map((c) => ({ value: c, label: tcode('calc.choice', c) }))} />
			) : (
				<Select name={col.name} label={label} optional={optional} value={value} onValue={onValue} empty={t('form.choose')} choices={(col.choices ?? []).map((c) => ({ value: c, label: tcode('calc.choice', c) }))} />
			);
		case 'yesno':
			return (
				<Radios
					name={col.name}
					label={label}
					optional={optional}
					value={value}
					onValue={onValue}
					choices={[
						{ value: '1', label: t('form.yes') },
						{ value: '0', label: t('form.no') },
					]}
				/>
			);
		case 'date':
			return <Input name={col.name} label={label} optional={optional} value={value} onValue={onValue} mask={dateMask} inputMode="numeric" placeholder={t('form.dateHint')} autoComplete="off" />;
		case 'int':
			return <Input name={col.name} label={label} optional={optional} value={value} onValue={(v) => onValue(v.replace(/[^\d]/g, ''))} inputMode="numeric" autoComplete="off" inputClass="num" />;
		case 'list':
			return <Input name={col.name} label={label} optional={optional} value={value} onValue={(v) => onValue(v.replace(/[^\d ]/g, ''))} autoComplete="off" hint={t('calc.list')} inputClass="num" />;
		default:
			return <Input name={col.name} label={label} optional={optional} value={value} onValue={(v) => onValue(v.replace(/[^\d.,]/g, ''))} inputMode="decimal" autoComplete="off" inputClass="num" />;
	}
}

/** What is sent: dates as the norm writes them, decimal commas as points, blanks left out. */
function toBody(c: Calculator, v: Inputs): Record<string, string> {
	const out: Record<string, string> = {};
	for (const col of c.inputs) {
		const text = (v[col.name] ?? '').trim();
		if (!text) continue;
		out[col.name] = col.kind === 'date' ? (parseDate(text) ?? text) : col.kind === 'decimal' ? text.replace(',', '.') : text;
	}
	return out;
}
function ready(c: Calculator, v: Inputs): boolean {
	return c.inputs.every((col) => col.optional || (v[col.name] ?? '').trim() !== '') && c.inputs.some((col) => (v[col.name] ?? '').trim() !== '');
}

export function CalculatorForm({ of: c, start }: { of: Calculator; start?: Inputs }) {
	const [v, setV] = useState<Inputs>(start ?? {});
	const [asked, setAsked] = useState<Record<string, string> | null>(null);
	const body = useMemo(() => (ready(c, v) ? toBody(c, v) : null), [v]);
	useEffect(() => {
		const timer = setTimeout(() => setAsked(body), 220);
		return () => clearTimeout(timer);
	}, [body]);
	const q = useQuery(asked ? `calc ${c.name} ${JSON.stringify(asked)}` : null, (signal) => call('post', '/api/hansen/calculators/{name}', { path: { name: c.name }, body: asked as never, signal }));
	return (
		<div class="cols calc">
			<Card title={t('calc.inputs')}>
				<form class="stack" onSubmit={(e) => e.preventDefault()} noValidate>
					{c.inputs.map((col) => (
						<ColumnField key={col.name} col={col} value={v[col.name] ?? ''} onValue={(x) => setV((was) => ({ ...was, [col.name]: x }))} />
					))}
					<div>
						<button type="button" class="btn" onClick={() => setV({})}>
							<Icon name="undo" />
							{t('calc.clear')}
						</button>
					</div>
				</form>
			</Card>
			<div class="stack" aria-live="polite">
				{!asked ? (
					<Card>
						<Empty icon="calculator" title={t('calc.waiting')} />
					</Card>
				) : (
					<Loaded query={q} skeleton={<Card><Skeleton lines={5} /></Card>}>
						{(answer) => <ResultOf answer={answer} of={c} />}
					</Loaded>
				)}
			</div>
		</div>
	);
}

export function Calculators({ params }: { params: Record<string, string> }) {
	const chosen = catalogue.find((c) => c.name === params.name);
	if (params.name && !chosen) return <Empty icon="search" title={t('problem.404')} />;
	if (chosen)
		return (
			<>
				<Head title={tcode('calc', chosen.name)} crumbs={[{ label: t('nav.calculators'), to: '/hanseniase/calculadoras' }, { label: tcode('calc', chosen.name) }]} lead={tcode('calc.lead', chosen.name, '')} />
				<CalculatorForm key={chosen.name} of={chosen} />
				<Note icon="info">{t('calc.guard')}</Note>
			</>
		);
	return (
		<>
			<Head title={t('nav.calculators')} lead={t('calc.title.lead')} />
			{groups.map((g) => (
				<section key={g} class="stack tight">
					<h2>{tcode('calc.group', g)}</h2>
					<ul class="tiles">
						{catalogue
							.filter((c) => c.group === g)
							.map((c) => (
								<li key={c.name}>
									<a class="tile link" href={`/hanseniase/calculadoras/${c.name}`}>
										<strong>{tcode('calc', c.name)}</strong>
										<span>{tcode('calc.lead', c.name, '')}</span>
									</a>
								</li>
							))}
					</ul>
				</section>
			))}
			{me.value && <Note icon="info">{t('calc.guard')}</Note>}
		</>
	);
}
