/* patient-form.tsx - registration data of a patient, new or corrected. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Body, call } from '../api/client';
import { useAction, useQuery } from '../api/query';
import { Area, type Errors, focusFirstError, Input, OtherErrors, Radios, serverErrors } from '../components/form';
import type { Patient } from '../components/lines';
import { Card, Head, Note, toast } from '../components/parts';
import { Loaded, ProblemNote } from '../components/state';
import { t } from '../i18n';
import { cnsMask, cnsShow, cnsValid, cpfMask, cpfShow, cpfValid, dateMask, digits, phoneMask, phoneShow } from '../lib/brazil';
import { date, parseDate, today } from '../lib/format';
import { go } from '../router';
import { Icon } from '../components/icon';
import { useDraft } from '../components/draft';

type In = Body<'/api/patients', 'post'>;
interface Values {
	name: string;
	birthDate: string;
	sex: string;
	cpf: string;
	cns: string;
	motherName: string;
	phone: string;
	email: string;
	address: string;
}
const fields: (keyof Values)[] = ['name', 'birthDate', 'sex', 'cpf', 'cns', 'motherName', 'phone', 'email', 'address'];

function fromPatient(p: Patient | undefined): Values {
	return {
		name: p?.name ?? '',
		birthDate: date(p?.birthDate),
		sex: p?.sex ?? '',
		cpf: cpfShow(p?.cpf),
		cns: cnsShow(p?.cns),
		motherName: p?.motherName ?? '',
		phone: phoneShow(p?.phone),
		email: p?.email ?? '',
		address: p?.address ?? '',
	};
}

function check(v: Values, needsId: boolean): Errors {
	const e: Errors = {};
	if (!v.name.trim()) e.name = t('invalid.required');
	const born = parseDate(v.birthDate);
	if (v.birthDate && !born) e.birthDate = t('invalid.date');
	else if (born && born > today()) e.birthDate = t('invalid.future');
	if (v.cpf && !cpfValid(v.cpf)) e.cpf = t('invalid.cpf');
	if (v.cns && !cnsValid(v.cns)) e.cns = t('invalid.cns');
	if (needsId && !v.cpf && !v.cns) e.cpf = t('invalid.cpf_or_cns');
	if (v.email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(v.email)) e.email = t('invalid.email');
	if (v.phone && ![10, 11].includes(digits(v.phone).length)) e.phone = t('invalid.phone');
	return e;
}

function toBody(v: Values): In {
	const text = (s: string) => s.trim() || undefined;
	return {
		name: v.name.trim(),
		birthDate: parseDate(v.birthDate) ?? undefined,
		sex: (v.sex || undefined) as In['sex'],
		cpf: digits(v.cpf) || undefined,
		cns: digits(v.cns) || undefined,
		motherName: text(v.motherName),
		phone: digits(v.phone) || undefined,
		email: text(v.email),
		address: text(v.address),
	};
}

function Form({ patient }: { patient?: Patient }) {
	const original = fromPatient(patient);
	const draft = useDraft<Values>(patient ? `patient ${patient.id}` : 'patient new', original, {
		path: patient ? `/pacientes/${patient.id}/editar` : '/pacientes/novo',
		label: (v) => t('draft.patient', { name: v.name || t('draft.unnamed') }),
	});
	const v = draft.value;
	const [touched, setTouched] = useState<Partial<Record<keyof Values, boolean>>>({});
	const [tried, setTried] = useState(false);
	const [served, setServed] = useState<Errors>({});
	const form = useRef<HTMLFormElement>(null);
	const masked = patient?.masked ?? [];
	const hadNoId = !!patient && !patient.cpf && !patient.cns;
	const errors = check(v, !hadNoId);

	const save = useAction((key, body: In) =>
		patient
			? call('put', '/api/patients/{id}', { path: { id: patient.id }, body, version: patient.version, key })
			: call('post', '/api/patients', { body, key }),
	);
	useEffect(() => {
		const e = serverErrors(save.problem);
		if (save.problem?.status === 422) {
			setServed(e);
			focusFirstError(form.current);
		}
	}, [save.problem]);

	const shown = (k: keyof Values): string | undefined => served[k] ?? (tried || touched[k] ? errors[k] : undefined);
	const put = (k: keyof Values) => (x: string) => {
		draft.set({ ...v, [k]: x });
		if (served[k]) setServed({ ...served, [k]: undefined });
	};
	const field = (k: keyof Values) => ({
		name: k,
		value: v[k],
		onValue: put(k),
		onBlur: () => v[k] && setTouched({ ...touched, [k]: true }),
		error: shown(k),
		disabled: masked.includes(k),
	});

	async function submit(e: Event): Promise<void> {
		e.preventDefault();
		setTried(true);
		if (Object.values(errors).some(Boolean)) return focusFirstError(form.current);
		const done = await save.run(toBody(v));
		if (!done) return;
		draft.drop();
		toast(t('patient.saved'));
		go(`/pacientes/${done.id}${patient ? '/dados' : ''}`, { replace: true });
	}

	return (
		<form ref={form} class="stack" onSubmit={submit} noValidate>
			{draft.restored && (
				<Note icon="history" role="status">
					<span>{t('draft.restored')}</span>
					<button type="button" class="btn small" onClick={draft.discard}>
						{t('draft.discard')}
					</button>
				</Note>
			)}
			{masked.length > 0 && <Note icon="eyeOff">{t('patient.maskedEdit')}</Note>}
			<OtherErrors errors={served} known={fields} />
			{save.problem && save.problem.status !== 422 && save.problem.status !== 401 && (
				<>
					<ProblemNote problem={save.problem} retryAt={save.retryAt} cancel={save.cancel} />
					{save.problem.code === 'STALE' && <Note>{t('patient.stale')}</Note>}
				</>
			)}
			<Card title={t('patient.identity')}>
				<div class="form">
					<Input {...field('name')} label={t('patient.name')} class="w8" required maxLength={200} autoComplete="off" autoFocus={!patient} />
					<Input {...field('birthDate')} label={t('patient.birthDate')} class="w4" mask={dateMask} inputMode="numeric" placeholder={t('form.dateHint')} autoComplete="off" />
					<Radios {...field('sex')} label={t('patient.sex')} class="w8" choices={['F', 'M', 'I'].map((s) => ({ value: s, label: t(`sex.${s}` as 'sex.F') }))} />
					<Input {...field('motherName')} label={t('patient.motherName')} optional autoComplete="off" maxLength={200} />
				</div>
			</Card>
			<Card title={t('patient.documents')}>
				<div class="form">
					<Input {...field('cpf')} label="CPF" class="w6" mask={cpfMask} inputMode="numeric" placeholder="000.000.000-00" autoComplete="off" hint={t('patient.cpfOrCns')} />
					<Input {...field('cns')} label={t('patient.cns')} class="w6" mask={cnsMask} inputMode="numeric" placeholder="000 0000 0000 0000" autoComplete="off" />
				</div>
			</Card>
			<Card title={t('patient.contact')}>
				<div class="form">
					<Input {...field('phone')} label={t('patient.phone')} class="w6" optional mask={phoneMask} inputMode="tel" placeholder="(00) 00000-0000" autoComplete="off" />
					<Input {...field('email')} label={t('login.email')} class="w6" optional inputMode="email" autoComplete="off" />
					<Area {...field('address')} label={t('patient.address')} optional rows={2} maxLength={400} />
				</div>
			</Card>
			<div class="row actions">
				<button type="submit" class="btn main" disabled={save.busy}>
					<Icon name="check" />
					{save.busy ? t('state.working') : t('form.save')}
				</button>
				<a class="btn" href={patient ? `/pacientes/${patient.id}/dados` : '/pacientes'}>
					{t('form.cancel')}
				</a>
				<span class="small quiet">{draft.dirty ? t('draft.kept') : ''}</span>
			</div>
		</form>
	);
}

export function PatientForm({ params }: { params: Record<string, string> }) {
	const id = params.id;
	const q = useQuery(id ? `patient ${id}` : null, (signal) => call('get', '/api/patients/{id}', { path: { id: id as string }, signal }));
	const title = id ? t('patient.edit') : t('patient.new');
	return (
		<>
			<Head title={title} crumbs={[{ label: t('nav.patients'), to: '/pacientes' }, ...(id ? [{ label: q.data?.name ?? '…', to: `/pacientes/${id}` }] : []), { label: title }]} />
			{id ? <Loaded query={q}>{(p) => <Form key={p.version} patient={p} />}</Loaded> : <Form />}
		</>
	);
}
