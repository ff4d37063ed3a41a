/* bulletin.tsx - the monthly follow-up bulletin: every case followed in a month as it stood at its end, with
 * the words and numbers of SINAN's follow-up; on paper a landscape table, as surveillance receives it. */
import { useEffect, useState } from 'preact/hooks';
import { type Answer, call } from '../../api/client';
import { useQuery } from '../../api/query';
import { type Errors, Input, OtherErrors, Select, serverErrors } from '../../components/form';
import { Icon } from '../../components/icon';
import { Head, Note, Shown } from '../../components/parts';
import { Empty, Loaded, Skeleton } from '../../components/state';
import { lang, languageTag, t } from '../../i18n';
import { date, number } from '../../lib/format';
import { keep, kept } from '../../router';
import '../../styles/hansen.css';
import '../../styles/reports.css';
import { type Codes, useCodes } from './codes';

type Bulletin = Answer<'/api/hansen/bulletin'>;
type Item = Bulletin['items'][number];
const MONTHS = 24;

/** "2026-11" of the n-th month before now, and its words. */
function month(n: number): { value: string; label: string } {
	const d = new Date();
	d.setDate(1);
	d.setMonth(d.getMonth() - n);
	return {
		value: `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}`,
		label: d.toLocaleDateString(languageTag(), { month: 'long', year: 'numeric' }),
	};
}

/** A code of the form with its words: the number is what is typed into SINAN. */
function Coded({ of: i, name, field, value, codes }: { of: Item; name: keyof Item & string; field: string; value: number | null; codes: Codes | undefined }) {
	return (
		<Shown of={i} name={name}>
			{value !== null && (
				<>
					<span class="box num">{value}</span> {codes?.meaning(field, String(value))}
				</>
			)}
		</Shown>
	);
}

function Rows({ of: b, codes }: { of: Bulletin; codes: Codes | undefined }) {
	return (
		<div class="table-wrap" tabIndex={0} role="region" aria-label={t('bulletin.title')}>
			<table class="bulletin">
				<thead>
					<tr>
						<th scope="col">{t('bulletin.patient')}</th>
						<th scope="col">{t('case.diagnosedOn')}</th>
						<th scope="col">{t('sinan.field.DTULTCOMP')}</th>
						<th scope="col">{t('sinan.field.CLASSATUAL')}</th>
						<th scope="col">{t('sinan.field.ESQ_ATU_N')}</th>
						<th scope="col">{t('bulletin.doses')}</th>
						<th scope="col">{t('sinan.field.EPIS_RACIO')}</th>
						<th scope="col">{t('bulletin.contacts')}</th>
						<th scope="col">{t('bulletin.exit')}</th>
					</tr>
				</thead>
				<tbody>
					{b.items.map((i) => (
						<tr key={i.caseId}>
							<td>
								<a href={`/hanseniase/casos/${i.caseId}`}>
									<Shown of={i} name="patientName">
										{i.patientName}
									</Shown>
								</a>
								<div class="small quiet num">{i.sinanNumber ? `${t('bulletin.number')} ${i.sinanNumber}` : t('bulletin.noNumber')}</div>
							</td>
							<td class="num nowrap">{date(i.diagnosedOn)}</td>
							<td class="num nowrap">{date(i.lastSeenOn)}</td>
							<td>
								<Coded of={i} name="classNow" field="CLASSATUAL" value={i.classNow} codes={codes} />
							</td>
							<td>
								<Coded of={i} name="regimenNow" field="ESQ_ATU_N" value={i.regimenNow} codes={codes} />
							</td>
							<td class="num">
								<Shown of={i} name="doses">
									{i.doses}
								</Shown>
							</td>
							<td>
								<Coded of={i} name="reaction" field="EPIS_RACIO" value={i.reaction} codes={codes} />
							</td>
							<td class="num nowrap">
								{i.contactsExamined ?? '–'} / {i.contacts ?? '–'}
							</td>
							<td>
								{i.discharge === null ? (
									<span class="quiet">{t('bulletin.following')}</span>
								) : (
									<>
										<Coded of={i} name="discharge" field="TPALTA_N" value={i.discharge} codes={codes} />
										<div class="small quiet num">
											{date(i.dischargedOn)}
											{i.gradeNow !== null && ` · ${codes?.meaning('AVAL_ATU_N', String(i.gradeNow)) ?? ''}`}
										</div>
									</>
								)}
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

/** What the month says at a glance. */
function Sums({ of: b }: { of: Bulletin }) {
	const sum = (pick: (i: Item) => number | null) => b.items.reduce((a, i) => a + (pick(i) ?? 0), 0);
	const contacts = sum((i) => i.contacts);
	const tiles: [string, string][] = [
		[number(b.items.length), t('bulletin.cases')],
		[number(b.items.filter((i) => i.lastSeenOn !== null && i.lastSeenOn >= b.from).length), t('bulletin.seen')],
		[number(b.items.filter((i) => i.reaction !== null && i.reaction < 4).length), t('bulletin.reactions')],
		[contacts ? `${number(sum((i) => i.contactsExamined))} / ${number(contacts)}` : '–', t('bulletin.contacts')],
		[number(b.items.filter((i) => i.discharge !== null).length), t('bulletin.exits')],
	];
	return (
		<div class="tiles">
			{tiles.map(([n, label]) => (
				<div class="tile" key={label}>
					<strong class="num">{n}</strong>
					<span>{label}</span>
				</div>
			))}
		</div>
	);
}

export function BulletinPage(_: { params: Record<string, string> }) {
	const [v, setV] = useState(kept<{ month: string; unit: string }>('bulletin') ?? { month: month(0).value, unit: '' });
	const [unit, setUnit] = useState(v.unit);
	useEffect(() => {
		keep({ bulletin: v });
		const timer = setTimeout(() => setUnit(v.unit), 350);
		return () => clearTimeout(timer);
	}, [v]);
	const query = { month: v.month, unit: unit || undefined };
	const q = useQuery(`bulletin ${JSON.stringify(query)}`, (signal) => call('get', '/api/hansen/bulletin', { query, signal }));
	const codes = useCodes();
	const errors: Errors = q.problem?.status === 422 ? serverErrors(q.problem) : {};
	const months = Array.from({ length: MONTHS }, (_x, n) => month(n));
	const shown = months.find((m) => m.value === v.month)?.label ?? v.month;
	const table = `/api/hansen/bulletin.csv?month=${v.month}${unit ? `&unit=${unit}` : ''}`;
	return (
		<>
			<Head title={t('bulletin.title')} crumbs={[{ label: t('nav.cases'), to: '/hanseniase/casos' }, { label: t('bulletin.title') }]} lead={<span lang={lang.value === 'pt' ? 'pt-BR' : 'en'}>{shown}</span>}>
				<a class="btn" href={table} download="boletim-hanseniase.csv">
					<Icon name="file" />
					CSV
				</a>
				<button type="button" class="btn main" onClick={() => window.print()}>
					<Icon name="print" />
					{t('form.print')}
				</button>
			</Head>
			<search class="card no-print">
				<div class="form">
					<Select class="w6" name="month" label={t('bulletin.month')} value={v.month} onValue={(x) => setV({ ...v, month: x })} choices={months} />
					<Input class="w6" name="unit" label={t('case.unit')} hint={t('case.unit.hint')} value={v.unit} onValue={(x) => setV({ ...v, unit: x.replace(/\D/g, '').slice(0, 7) })} inputMode="numeric" inputClass="num" autoComplete="off" optional error={errors.unit} />
				</div>
			</search>
			<OtherErrors errors={errors} known={['unit']} />
			{q.problem?.status === 422 ? null : (
				<Loaded query={q} skeleton={<Skeleton lines={8} height="2.75rem" />}>
					{(b) => (
						<div class="stack paper-wide">
							<p class="small num">
								{date(b.from)} – {date(b.to)} · {t('case.unit')}: {b.unit ?? t('bulletin.allUnits')}
							</p>
							<Sums of={b} />
							{!b.complete && <Note tone="high" icon="alert">{t('bulletin.cut', { n: b.items.length })}</Note>}
							{b.items.length === 0 ? (
								<Empty icon="check" title={t('bulletin.none')} />
							) : (
								<div class="card flush">
									<Rows of={b} codes={codes} />
								</div>
							)}
							<p class="small quiet" lang="pt-BR">
								{b.notice}
							</p>
							<p class="only-print sign">{t('bulletin.sign')}</p>
						</div>
					)}
				</Loaded>
			)}
		</>
	);
}
