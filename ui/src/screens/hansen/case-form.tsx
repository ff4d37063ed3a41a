/* case-form.tsx - opening a case and correcting its data: lesions on the body map, eyes, hands and feet,
 * smear; class, grade and index are the program's to compute, and shown while one fills in. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Body, call } from '../../api/client';
import { useAction, useQuery } from '../../api/query';
import { useDraft } from '../../components/draft';
import { Area, Check, type Errors, focusFirstError, Input, OtherErrors, Radios, Select, serverErrors } from '../../components/form';
import { ageText } from '../../components/lines';
import { Card, Head, Note, toast } from '../../components/parts';
import { Loaded, ProblemNote, Skeleton } from '../../components/state';
import { lang, t } from '../../i18n';
import { decimal as shownDecimal, date, parseDate, today } from '../../lib/format';
import { go } from '../../router';
import '../../styles/hansen.css';
import { BodyMap, lesionCount, type Lesions } from './body-map';
import { useCatalogue } from './calculators';
import { type Case, lesionsFromMap, lesionsToMap, readCase, siteNames, sitesFromText, sitesToText, type Values } from './case-types';
import { type Codes, useCodes } from './codes';
import { EyesHandsFeet } from './omp';
import { ResultOf } from './result';
import { DateInput, day, decimal, type Fields, whole, words } from './sheet';

interface Draft {
	v: Values;
	lesions: Lesions;
}
type NewCase = Body<'/api/hansen/cases', 'post'>;
const texts = ['diagnosedOn', 'unit', 'municipality', 'entryMode', 'detectionMode', 'clinicalForm', 'smear', 'smearSites', 'lesionCount', 'nerveCount', 'operationalClass', 'classReason', 'regimen', 'plannedDoses', 'windowMonths', 'weightKg', 'pregnant', 'breastfeeding', 'severeReactionTo', 'race', 'notes'];

function fromCase(c: Case | undefined): Draft {
	const f = c?.findings;
	const number = (n: number | null | undefined) => (n === null || n === undefined ? '' : String(n));
	return {
		v: {
			...Object.fromEntries(texts.map((n) => [n, ''])),
			diagnosedOn: date(c?.diagnosedOn ?? today()),
			unit: c?.unit ?? '',
			municipality: c?.municipality ?? '',
			entryMode: c?.entryMode ?? 'CASO_NOVO',
			detectionMode: c?.detectionMode ?? '',
			clinicalForm: c?.clinicalForm ?? '',
			smear: c?.smear ?? '',
			smearSites: f?.smearSites?.join(' ') ?? '',
			lesionCount: number(f?.lesionCount),
			nerveCount: number(f?.nerveCount),
			operationalClass: c?.operationalClass ?? '',
			classReason: c?.computed.classReason ?? '',
			regimen: c?.regimen ?? '',
			plannedDoses: c?.regimen === 'OUTRO' ? number(c.plannedDoses) : '',
			windowMonths: c?.regimen === 'OUTRO' ? number(c.windowMonths) : '',
			weightKg: shownDecimal(f?.weightKg ?? ''),
			pregnant: f?.pregnant ? '1' : '',
			breastfeeding: f?.breastfeeding ? '1' : '',
			severeReactionTo: f?.severeReactionTo ?? '',
			race: f?.race ?? '',
			notes: f?.notes ?? '',
			...sitesToText(f?.disability),
		},
		lesions: lesionsToMap(f?.lesions ?? []),
	};
}

function toBody({ v, lesions }: Draft): Omit<NewCase, 'patientId'> {
	const code = (n: string) => (v[n] || undefined) as never;
	const other = v.regimen === 'OUTRO';
	return {
		diagnosedOn: day(v.diagnosedOn) as string,
		unit: words(v.unit),
		municipality: words(v.municipality),
		entryMode: code('entryMode'),
		detectionMode: v.entryMode === 'CASO_NOVO' ? code('detectionMode') : undefined,
		clinicalForm: code('clinicalForm'),
		smear: code('smear'),
		operationalClass: code('operationalClass'),
		classReason: words(v.classReason),
		regimen: code('regimen'),
		plannedDoses: other ? whole(v.plannedDoses) : undefined,
		windowMonths: other ? whole(v.windowMonths) : undefined,
		findings: {
			lesionCount: whole(v.lesionCount) ?? 0,
			nerveCount: whole(v.nerveCount),
			lesions: lesionsFromMap(lesions) as never,
			smearSites: v.smearSites?.trim() ? v.smearSites.trim().split(/\s+/).map(Number) : undefined,
			disability: sitesFromText(v) as never,
			weightKg: decimal(v.weightKg),
			pregnant: v.pregnant === '1',
			breastfeeding: v.breastfeeding === '1',
			severeReactionTo: code('severeReactionTo'),
			race: code('race'),
			notes: words(v.notes),
		},
	};
}

function check({ v, lesions }: Draft): Errors {
	const e: Errors = {};
	for (const n of ['diagnosedOn', 'entryMode', 'clinicalForm', 'smear', 'lesionCount']) if (!v[n]?.trim()) e[n] = t('invalid.required');
	if (v.diagnosedOn?.trim() && !parseDate(v.diagnosedOn)) e.diagnosedOn = t('invalid.date');
	if (v.lesionCount?.trim() && Number(v.lesionCount) < lesionCount(lesions)) e.lesionCount = t('case.lesions.fewer', { n: lesionCount(lesions) });
	return e;
}

/** What the rules say of the findings so far: one calculator, asked while one fills in. */
function Computed({ name, body }: { name: string; body: Record<string, string> | null }) {
	const catalogue = useCatalogue();
	const text = body ? JSON.stringify(body) : '';
	const [asked, setAsked] = useState('');
	useEffect(() => {
		const timer = setTimeout(() => setAsked(text), 250);
		return () => clearTimeout(timer);
	}, [text]);
	const q = useQuery(asked ? `calc ${name} ${lang.value} ${asked}` : null, (signal) => call('post', '/api/hansen/calculators/{name}', { path: { name: name as never }, body: JSON.parse(asked) as never, signal, key: '' }));
	const of = catalogue.data?.items.find((x) => x.name === name);
	if (!asked) return null;
	if (q.problem && ![401, 422].includes(q.problem.status)) return <ProblemNote problem={q.problem} retryAt={q.retryAt} retry={q.retry} />;
	return q.data && of ? <ResultOf answer={q.data} of={of} /> : q.problem ? null : <Skeleton lines={3} />;
}

function Form({ codes, patientId, existing }: { codes: Codes; patientId: string; existing?: Case }) {
	const place = existing ? `case ${existing.id}` : `new case ${patientId}`;
	const path = existing ? `/hanseniase/casos/${existing.id}/editar` : `/pacientes/${patientId}/hanseniase/novo`;
	const draft = useDraft<Draft>(place, fromCase(existing), { path, label: () => t('case.draft') });
	const [tried, setTried] = useState(false);
	const [served, setServed] = useState<Errors>({});
	const form = useRef<HTMLFormElement>(null);
	const { v, lesions } = draft.value;
	const save = useAction(async (key, d: Draft) =>
		existing
			? call('put', '/api/hansen/cases/{id}', { path: { id: existing.id }, body: { ...toBody(d), version: existing.version }, key })
			: call('post', '/api/hansen/cases', { body: { ...toBody(d), patientId }, key }),
	);
	useEffect(() => {
		if (save.problem?.status === 422) {
			setServed(Object.fromEntries(Object.entries(serverErrors(save.problem)).map(([k, m]) => [k.replace(/^findings\./, ''), m])));
			focusFirstError(form.current);
		}
	}, [save.problem]);
	const local = check(draft.value);
	const errors = tried ? { ...served, ...local } : served;
	const set = (more: Values) => {
		draft.set({ v: { ...v, ...more }, lesions });
		setServed((was) => Object.fromEntries(Object.entries(was).filter(([k]) => !(k in more))));
	};
	const f: Fields = { v, errors, set, put: (name) => (x) => set({ [name]: x }) };
	async function submit(e: Event): Promise<void> {
		e.preventDefault();
		setTried(true);
		if (Object.keys(local).length) return focusFirstError(form.current);
		const done = await save.run(draft.value);
		if (!done) return;
		draft.drop();
		toast(existing ? t('case.saved') : t('case.opened'));
		go(`/hanseniase/casos/${done.id}`, { replace: true });
	}
	const select = (name: string, set_: string, label: string, cls: string, o: { optional?: boolean; empty?: string; hint?: string } = {}) => (
		<Select class={cls} name={name} label={label} value={v[name] ?? ''} onValue={f.put(name)} empty={o.empty ?? t('form.choose')} choices={codes.choices(set_)} error={errors[name]} optional={o.optional} hint={o.hint} />
	);
	const number = (name: string, label: string, cls: string, o: { optional?: boolean; hint?: string } = {}) => (
		<Input class={cls} name={name} label={label} value={v[name] ?? ''} onValue={(x) => f.put(name)(x.replace(/\D/g, '').slice(0, 7))} inputMode="numeric" inputClass="num" autoComplete="off" error={errors[name]} optional={o.optional} hint={o.hint} />
	);
	const classBody = v.lesionCount?.trim() && v.smear ? { lesoes: v.lesionCount, nervosComPerda: v.nerveCount?.trim() || '0', baciloscopia: v.smear.toLowerCase() } : null;
	const grades = siteNames.map((n) => v[n] ?? '');
	const ompBody = grades.some((g) => g !== '') ? Object.fromEntries(siteNames.flatMap((n) => (v[n] ? [[n, v[n] as string]] : []))) : null;
	return (
		<form
			ref={form}
			class="stack"
			onSubmit={submit}
			onKeyDown={(e) => {
				if ((e.ctrlKey || e.metaKey) && e.key === 'Enter') void submit(e);
			}}
			noValidate
		>
			{draft.restored && (
				<Note icon="history" role="status">
					<span>{t('draft.restored')}</span>
					<button type="button" class="btn small" onClick={draft.discard}>
						{t('draft.discard')}
					</button>
				</Note>
			)}
			{save.problem && ![401, 422].includes(save.problem.status) && <ProblemNote problem={save.problem} retryAt={save.retryAt} cancel={save.cancel} />}
			<OtherErrors errors={errors} known={[...texts, ...siteNames]} />
			<Card title={t('case.section.entry')}>
				<div class="form">
					<DateInput class="w3" f={f} name="diagnosedOn" label={t('case.diagnosedOn')} autoFocus />
					{select('entryMode', 'entryMode', t('case.entry'), 'w6')}
					{v.entryMode === 'CASO_NOVO' && select('detectionMode', 'detectionMode', t('case.detection'), 'w3', { optional: true })}
					{number('unit', t('case.unit'), 'w3', { optional: true, hint: t('case.unit.hint') })}
					{number('municipality', t('case.municipality'), 'w6', { optional: true, hint: t('case.municipality.hint') })}
					{select('race', 'race', t('case.race'), 'w3', { optional: true })}
				</div>
			</Card>
			<div class="cols">
				<Card title={t('case.section.lesions')}>
					<div class="stack">
						<BodyMap
							value={lesions}
							onValue={(x) => {
								/* the map counts for one, until somebody types more */
								const follows = !v.lesionCount?.trim() || Number(v.lesionCount) === lesionCount(lesions);
								draft.set({ lesions: x, v: { ...v, ...(follows ? { lesionCount: String(lesionCount(x)) } : {}) } });
							}}
						/>
						<div class="form">
							{number('lesionCount', t('case.lesions'), 'w6')}
							{number('nerveCount', t('case.nerveCount'), 'w6', { optional: true })}
						</div>
					</div>
				</Card>
				<div class="stack">
					<Card title={t('case.section.class')}>
						<div class="stack">
							<Radios name="clinicalForm" label={t('case.form')} value={v.clinicalForm ?? ''} onValue={f.put('clinicalForm')} choices={codes.choices('clinicalForm')} error={errors.clinicalForm} />
							<Radios name="smear" label={t('case.smear')} value={v.smear ?? ''} onValue={f.put('smear')} choices={codes.choices('smear')} error={errors.smear} />
							{v.smear === 'POSITIVA' || v.smear === 'NEGATIVA' ? (
								<Input name="smearSites" label={t('case.smearSites')} hint={t('case.smearSites.hint')} value={v.smearSites ?? ''} onValue={(x) => f.put('smearSites')(x.replace(/[^0-6 ]/g, ''))} inputMode="numeric" inputClass="num" autoComplete="off" optional error={errors.smearSites} />
							) : null}
						</div>
					</Card>
					<div aria-live="polite" class="stack">
						<Computed name="classificacao_operacional" body={classBody} />
					</div>
					<Card title={t('case.section.choice')}>
						<div class="form">
							{select('operationalClass', 'operationalClass', t('case.class'), 'w6', { empty: t('case.class.rule'), optional: true })}
							{select('regimen', 'regimen', t('case.regimen'), 'w6', { empty: t('case.regimen.rule'), optional: true })}
							{(v.operationalClass || errors.classReason) && <Area class="w12" name="classReason" label={t('case.classReason')} hint={t('case.classReason.hint')} value={v.classReason ?? ''} onValue={f.put('classReason')} rows={2} optional error={errors.classReason} />}
							{v.regimen === 'OUTRO' && number('plannedDoses', t('case.plannedDoses'), 'w6')}
							{v.regimen === 'OUTRO' && number('windowMonths', t('case.windowMonths'), 'w6')}
						</div>
					</Card>
				</div>
			</div>
			<div class="cols">
				<Card title={t('case.disability')}>
					<EyesHandsFeet value={v} onValue={(name, x) => f.put(name)(x)} />
				</Card>
				<div class="stack">
					<div aria-live="polite" class="stack">
						<Computed name="omp" body={ompBody} />
					</div>
					<Card title={t('case.section.person')}>
						<div class="form">
							<Input class="w6" name="weightKg" label={t('case.weight')} value={v.weightKg ?? ''} onValue={(x) => f.put('weightKg')(x.replace(/[^\d.,]/g, ''))} inputMode="decimal" inputClass="num" autoComplete="off" optional error={errors.weightKg} />
							{select('severeReactionTo', 'severeReactionTo', t('case.severe'), 'w6', { optional: true })}
							<div class="w6">
								<Check name="pregnant" label={t('case.pregnant')} value={v.pregnant === '1'} onValue={(x) => f.put('pregnant')(x ? '1' : '')} />
							</div>
							<div class="w6">
								<Check name="breastfeeding" label={t('case.breastfeeding')} value={v.breastfeeding === '1'} onValue={(x) => f.put('breastfeeding')(x ? '1' : '')} />
							</div>
							<Area class="w12" name="notes" label={t('case.note')} value={v.notes ?? ''} onValue={f.put('notes')} rows={4} optional error={errors.notes} />
						</div>
					</Card>
				</div>
			</div>
			<div class="row">
				<button type="submit" class="btn main" disabled={save.busy}>
					{save.busy ? t('state.working') : existing ? t('form.save') : t('case.open')}
				</button>
				<a class="btn" href={existing ? `/hanseniase/casos/${existing.id}` : `/pacientes/${patientId}/hanseniase`}>
					{t('form.cancel')}
				</a>
			</div>
		</form>
	);
}

export function CaseForm({ params }: { params: Record<string, string> }) {
	const fresh = params.patient !== undefined;
	const found = useQuery(fresh ? null : `case ${params.id} ${lang.value}`, (signal) => readCase(params.id as string, signal));
	const patientId = fresh ? (params.patient as string) : found.data?.case.patientId;
	const patient = useQuery(patientId ? `patient ${patientId}` : null, (signal) => call('get', '/api/patients/{id}', { path: { id: patientId as string }, signal }));
	const codes = useCodes();
	const title = fresh ? t('case.new') : t('case.correct');
	return (
		<>
			<Head
				title={title}
				crumbs={[
					{ label: t('nav.patients'), to: '/pacientes' },
					{ label: patient.data?.name ?? t('chart.title'), to: patientId ? `/pacientes/${patientId}` : undefined },
					{ label: title },
				]}
				lead={patient.data && [patient.data.name, ageText(patient.data.birthDate)].filter(Boolean).join(' · ')}
			/>
			{fresh ? (
				<Loaded query={patient}>{() => (codes ? <Form codes={codes} patientId={patientId as string} /> : <Skeleton lines={8} />)}</Loaded>
			) : (
				<Loaded query={found}>{(view) => (codes ? <Form key={view.case.version} codes={codes} patientId={view.case.patientId} existing={view.case} /> : <Skeleton lines={8} />)}</Loaded>
			)}
		</>
	);
}
