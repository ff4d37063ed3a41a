/* record-form.tsx - writing and correcting a record: checked while typing, refused fields named by
 * the server shown at their place, drafts kept, and when somebody was faster, both versions side by
 * side so that nothing is overwritten and nothing typed is lost. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Body, call } from '../api/client';
import { limits } from '../api/gen/limits';
import { useAction, useQuery } from '../api/query';
import { useDraft } from '../components/draft';
import { Area, type Errors, focusFirstError, Input, OtherErrors, Radios, serverErrors } from '../components/form';
import { Icon } from '../components/icon';
import { ageText, type MedicalRecord, type Patient } from '../components/lines';
import { Card, Head, Note, Priority, toast, When } from '../components/parts';
import { Loaded, ProblemNote, Skeleton } from '../components/state';
import { type Key, t, tcode } from '../i18n';
import { go } from '../router';

interface Values {
	title: string;
	diagnosis: string;
	treatment: string;
	notes: string;
	priority: string;
}
type Name = keyof Values;
const names: Name[] = ['title', 'diagnosis', 'treatment', 'notes', 'priority'];
const bounds = limits['POST /api/medical-records'];
const longest: Record<Name, number> = {
	title: bounds.title.maxLength,
	diagnosis: bounds.diagnosis.maxLength,
	treatment: bounds.treatment.maxLength,
	notes: bounds.notes.maxLength,
	priority: 10,
};
const priorities = ['CRITICAL', 'HIGH', 'NORMAL', 'LOW'];

function fromRecord(r: MedicalRecord | undefined): Values {
	return {
		title: r?.title ?? '',
		diagnosis: r?.diagnosis ?? '',
		treatment: r?.treatment ?? '',
		notes: r?.notes ?? '',
		priority: r?.priority ?? 'NORMAL',
	};
}
function check(v: Values): Errors {
	const e: Errors = {};
	if (!v.title.trim()) e.title = t('invalid.required');
	if (!v.diagnosis.trim()) e.diagnosis = t('invalid.required');
	for (const n of names) if ([...v[n]].length > longest[n]) e[n] = t('invalid.tooLong', { n: longest[n] });
	return e;
}
function toBody(v: Values) {
	return {
		title: v.title.trim(),
		diagnosis: v.diagnosis.trim(),
		treatment: v.treatment.trim() || undefined,
		notes: v.notes.trim() || undefined,
		priority: v.priority as Body<'/api/medical-records', 'post'>['priority'],
	};
}

/** Both versions, field by field; for each the reader picks one, then goes on writing. */
function Conflict({ mine, theirs, onMerged }: { mine: Values; theirs: MedicalRecord; onMerged: (v: Values) => void }) {
	const other = fromRecord(theirs);
	const differing = names.filter((n) => mine[n].trim() !== other[n].trim());
	const [pick, setPick] = useState<Partial<Record<Name, 'mine' | 'theirs'>>>({});
	const title = useRef<HTMLHeadingElement>(null);
	useEffect(() => title.current?.focus(), []);
	const text = (n: Name, v: string) => (n === 'priority' ? <Priority of={v} /> : v ? <span class="pre">{v}</span> : <span class="quiet">{t('form.none')}</span>);
	const merged = (): Values => {
		const out = { ...mine };
		for (const n of differing) if (pick[n] === 'theirs') out[n] = other[n];
		return out;
	};
	return (
		<section class="card enter" aria-labelledby="conflict-title">
			<header>
				<h2 id="conflict-title" tabIndex={-1} ref={title}>
					{t('conflict.title')}
				</h2>
			</header>
			<div class="stack">
				<p>
					{t('conflict.text')} <When at={theirs.updatedAt} />.
				</p>
				{differing.length === 0 ? (
					<p>{t('conflict.same')}</p>
				) : (
					<div class="sides">
						<div class="side-head">{t('conflict.mine')}</div>
						<div class="side-head">{t('conflict.theirs', { n: theirs.version })}</div>
						{differing.map((n) => (
							<fieldset key={n} class="side-pair">
								<legend class="label">{t(`record.${n}` as Key)}</legend>
								{(['mine', 'theirs'] as const).map((who) => {
									const on = (pick[n] ?? 'mine') === who;
									return (
										<label key={who} class={`side ${on ? 'picked' : ''}`}>
											<input type="radio" name={`pick-${n}`} checked={on} onChange={() => setPick({ ...pick, [n]: who })} />
											<span>
												<span class="sr">{who === 'mine' ? t('conflict.mine') : t('conflict.theirs', { n: theirs.version })}: </span>
												{text(n, who === 'mine' ? mine[n] : other[n])}
											</span>
										</label>
									);
								})}
							</fieldset>
						))}
					</div>
				)}
				<div class="row">
					<button type="button" class="btn main" onClick={() => onMerged(merged())}>
						{t('conflict.use')}
					</button>
					<button type="button" class="btn" onClick={() => onMerged(other)}>
						{t('conflict.takeTheirs')}
					</button>
				</div>
			</div>
		</section>
	);
}

function Form({ patient, record }: { patient: Patient; record?: MedicalRecord }) {
	const where = record ? `record ${record.id}` : `patient ${patient.id} record`;
	const draft = useDraft<Values & { base?: number }>(where, { ...fromRecord(record), base: record?.version }, {
		path: record ? `/registros/${record.id}/editar` : `/pacientes/${patient.id}/registros/novo`,
		label: (v) => t('draft.record', { title: v.title || t('draft.unnamed'), name: patient.name ?? '' }),
	});
	const v = draft.value;
	const [touched, setTouched] = useState<Partial<Record<Name, boolean>>>({});
	const [tried, setTried] = useState(false);
	const [served, setServed] = useState<Errors>({});
	const [theirs, setTheirs] = useState<MedicalRecord>();
	const form = useRef<HTMLFormElement>(null);
	const errors = check(v);

	const save = useAction((key, values: Values, version: number | undefined) =>
		record
			? call('put', '/api/medical-records/{id}', {
					path: { id: record.id },
					body: { ...toBody(values), version },
					key,
				})
			: call('post', '/api/medical-records', { body: { patientId: patient.id, ...toBody(values) }, key }),
	);
	const fresh = useAction((_key, id: string) => call('get', '/api/medical-records/{id}', { path: { id } }));

	useEffect(() => {
		const p = save.problem;
		if (p?.status === 422) {
			setServed(serverErrors(p));
			focusFirstError(form.current);
		}
		if (p?.code === 'STALE' && record) void fresh.run(record.id).then((r) => r && setTheirs(r));
	}, [save.problem]);

	const shown = (n: Name): string | undefined => served[n] ?? (tried || touched[n] ? errors[n] : undefined);
	const field = (n: Name) => ({
		name: n,
		value: v[n],
		label: t(`record.${n}` as Key),
		error: shown(n),
		maxLength: undefined,
		onValue: (x: string) => {
			draft.set({ ...v, [n]: x });
			if (served[n]) setServed({ ...served, [n]: undefined });
		},
		onBlur: () => setTouched((was) => ({ ...was, [n]: true })),
	});

	async function submit(e?: Event): Promise<void> {
		e?.preventDefault();
		setTried(true);
		if (Object.values(errors).some(Boolean)) return focusFirstError(form.current);
		const done = await save.run(v, v.base);
		if (!done) return;
		draft.drop();
		toast(record ? t('record.corrected') : t('record.saved'));
		go(`/registros/${done.id}`, { replace: true });
	}

	const other = save.problem && ![401, 422].includes(save.problem.status) && save.problem.code !== 'STALE';
	return (
		<form ref={form} class="stack" onSubmit={submit} noValidate onKeyDown={(e) => {
			if ((e.ctrlKey || e.metaKey) && e.key === 'Enter') void submit(e);
		}}>
			{draft.restored && (
				<Note icon="history" role="status">
					<span>{t('draft.restored')}</span>
					<button type="button" class="btn small" onClick={draft.discard}>
						{t('draft.discard')}
					</button>
				</Note>
			)}
			{save.problem?.code === 'STALE' && !theirs && (fresh.problem ? <ProblemNote problem={fresh.problem} retryAt={fresh.retryAt} /> : <Skeleton lines={3} />)}
			{theirs && (
				<Conflict
					mine={v}
					theirs={theirs}
					onMerged={(merged) => {
						draft.set({ ...merged, base: theirs.version });
						setTheirs(undefined);
						save.clear();
						setTimeout(() => form.current?.querySelector<HTMLElement>('[name=title]')?.focus(), 0);
						toast(t('conflict.merged'));
					}}
				/>
			)}
			<OtherErrors errors={served} known={names} />
			{other && save.problem && <ProblemNote problem={save.problem} retryAt={save.retryAt} cancel={save.cancel} />}
			<Card>
				<div class="form">
					<Input {...field('title')} required autoComplete="off" autoFocus />
					<Radios
						{...field('priority')}
						choices={priorities.map((p) => ({
							value: p,
							label: (
								<>
									<span class={`dot ${p}`} aria-hidden="true" />
									{tcode('priority', p)}
								</>
							),
						}))}
					/>
					<Area {...field('diagnosis')} required rows={3} maxLength={longest.diagnosis} />
					<Area {...field('treatment')} optional rows={4} maxLength={longest.treatment} />
					<Area {...field('notes')} optional rows={7} maxLength={longest.notes} />
				</div>
			</Card>
			{record && (
				<p class="small quiet">
					{t('record.correction')}
				</p>
			)}
			<div class="row actions">
				<button type="submit" class="btn main" disabled={save.busy || !!theirs}>
					<Icon name="check" />
					{save.busy ? t('state.working') : record ? t('record.saveCorrection') : t('record.save')}
				</button>
				<a class="btn" href={record ? `/registros/${record.id}` : `/pacientes/${patient.id}`}>
					{t('form.cancel')}
				</a>
				<span class="small quiet">{draft.dirty ? t('draft.kept') : ''}</span>
				<kbd class="wide-only" aria-hidden="true">
					Ctrl Enter
				</kbd>
			</div>
		</form>
	);
}

export function RecordForm({ params }: { params: Record<string, string> }) {
	const editing = location.pathname.startsWith('/registros/');
	const record = useQuery(editing ? `record ${params.id}` : null, (signal) => call('get', '/api/medical-records/{id}', { path: { id: params.id as string }, signal }));
	const patientId = editing ? record.data?.patientId : params.id;
	const patient = useQuery(patientId ? `patient ${patientId}` : null, (signal) => call('get', '/api/patients/{id}', { path: { id: patientId as string }, signal }));
	const title = editing ? t('record.correct') : t('record.new');
	const p = patient.data;
	const body = (loaded: Patient, r?: MedicalRecord) => <Form patient={loaded} record={r} />;
	return (
		<>
			<Head
				title={title}
				crumbs={[
					{ label: t('nav.patients'), to: '/pacientes' },
					{ label: p?.name ?? '…', to: patientId ? `/pacientes/${patientId}` : undefined },
					{ label: title },
				]}
				lead={p && [p.name, ageText(p.birthDate), tcode('sex', p.sex, '')].filter(Boolean).join(' · ')}
			/>
			{editing ? (
				<Loaded query={record}>{(r) => <Loaded query={patient}>{(loaded) => body(loaded, r)}</Loaded>}</Loaded>
			) : (
				<Loaded query={patient}>{(loaded) => body(loaded)}</Loaded>
			)}
		</>
	);
}
