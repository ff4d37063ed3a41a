/* case-acts.tsx - what is done to a case, one sheet each: dose, assessment, reaction, adverse event,
 * notification, discharge, reopening. Doses and proposals are the calculators'; a professional decides. */
import { useEffect, useState } from 'preact/hooks';
import { type Body, call } from '../../api/client';
import { limits } from '../../api/gen/limits';
import { useQuery } from '../../api/query';
import { Area, Check, Input, Radios, Select } from '../../components/form';
import { Icon } from '../../components/icon';
import { Note } from '../../components/parts';
import { ProblemNote, Skeleton } from '../../components/state';
import { lang, t } from '../../i18n';
import { me } from '../../session';
import { date, today } from '../../lib/format';
import { useCatalogue } from './calculators';
import { type CaseEvent, type CaseView, sitesFromText, sitesToText } from './case-types';
import type { Codes } from './codes';
import { EyesHandsFeet } from './omp';
import { ResultOf } from './result';
import { DateInput, day, decimal, Sheet, whole, words } from './sheet';

export interface ActProps {
	of: CaseView;
	codes: Codes;
	onClose: () => void;
	onDone: () => void;
	onStale: () => void;
}
const needed = (door: keyof typeof limits): string[] =>
	Object.entries(limits[door]).filter(([, l]) => (l as { required?: boolean }).required).map(([n]) => n);
const now = (): string => date(today());
const sheet = (p: ActProps, act: string) => ({
	place: `case ${p.of.case.id} ${act}`,
	path: `/hanseniase/casos/${p.of.case.id}`,
	onClose: p.onClose,
	onDone: p.onDone,
	onRefused: p.onStale,
});

/** What the calculator proposes for that weight, with its source; asked while one types. */
function Proposed({ of: view, weight, on }: { of: CaseView; weight: string; on: string | undefined }) {
	const c = view.case;
	const kg = decimal(weight);
	const [asked, setAsked] = useState<string>();
	useEffect(() => {
		const timer = setTimeout(() => setAsked(kg && /^\d+(\.\d+)?$/.test(kg) ? kg : undefined), 250);
		return () => clearTimeout(timer);
	}, [kg]);
	const patient = useQuery(`patient ${c.patientId}`, (signal) => call('get', '/api/patients/{id}', { path: { id: c.patientId }, signal }));
	const birth = patient.data?.birthDate;
	const years = birth && on ? Math.floor((Date.parse(on) - Date.parse(birth)) / (365.2425 * 86_400_000)) : undefined;
	const body = {
		weightKg: asked,
		class: c.operationalClass,
		idadeAnos: years !== undefined && years >= 0 ? String(years) : undefined,
		gestante: c.findings.pregnant ? '1' : undefined,
		lactante: c.findings.breastfeeding ? '1' : undefined,
		reacaoGraveA: c.findings.severeReactionTo?.toLowerCase(),
	};
	const catalogue = useCatalogue();
	const q = useQuery(asked && c.regimen !== 'OUTRO' ? `calc pqtu_dose ${lang.value} ${JSON.stringify(body)}` : null, (signal) =>
		call('post', '/api/hansen/calculators/{name}', { path: { name: 'pqtu_dose' }, body: body as never, signal, key: '' }),
	);
	const of = catalogue.data?.items.find((x) => x.name === 'pqtu_dose');
	if (c.regimen === 'OUTRO') return <Note icon="info">{t('case.dose.other')}</Note>;
	if (!asked) return <Note icon="calculator">{t('case.dose.weigh')}</Note>;
	if (q.problem && q.problem.status !== 401) return <ProblemNote problem={q.problem} retryAt={q.retryAt} retry={q.retry} />;
	return q.data && of ? <ResultOf answer={q.data} of={of} /> : <Skeleton lines={4} />;
}

export function DoseSheet(p: ActProps) {
	const { case: c, calendar } = p.of;
	const first = calendar.taken === 0;
	return (
		<Sheet
			{...sheet(p, 'dose')}
			title={t('case.dose.title', { n: calendar.taken + 1, of: calendar.doses })}
			label={t('case.dose.save')}
			wide
			start={{ takenOn: now(), weightKg: '', selfTaken: '', earlyReason: '', note: '' }}
			required={needed('POST /api/hansen/cases/{id}/doses')}
			dates={['takenOn']}
			send={(v, key) =>
				call('post', '/api/hansen/cases/{id}/doses', {
					path: { id: c.id },
					body: { takenOn: day(v.takenOn) as string, weightKg: decimal(v.weightKg), selfTaken: whole(v.selfTaken), earlyReason: words(v.earlyReason), note: words(v.note) },
					key,
				})
			}
		>
			{(f) => {
				const early = calendar.nextOn && (day(f.v.takenOn) ?? '') < calendar.nextOn && !first;
				return (
					<div class="cols calc">
						<div class="stack">
							<DateInput f={f} name="takenOn" label={t('case.dose.on')} hint={calendar.nextOn ? t('case.dose.planned', { date: date(calendar.nextOn) }) : undefined} autoFocus />
							<Input name="weightKg" label={t('case.weight')} value={f.v.weightKg ?? ''} onValue={(x) => f.put('weightKg')(x.replace(/[^\d.,]/g, ''))} inputMode="decimal" inputClass="num" error={f.errors.weightKg} autoComplete="off" />
							{!first && <Input name="selfTaken" label={t('case.dose.self')} hint={t('case.dose.self.hint')} value={f.v.selfTaken ?? ''} onValue={(x) => f.put('selfTaken')(x.replace(/\D/g, '').slice(0, 2))} inputMode="numeric" inputClass="num" error={f.errors.selfTaken} optional autoComplete="off" />}
							{(early || f.errors.earlyReason) && <Area name="earlyReason" label={t('case.dose.early')} value={f.v.earlyReason ?? ''} onValue={f.put('earlyReason')} rows={2} error={f.errors.earlyReason} />}
							<Area name="note" label={t('case.note')} value={f.v.note ?? ''} onValue={f.put('note')} rows={2} optional error={f.errors.note} />
						</div>
						<div class="stack" aria-live="polite">
							<Proposed of={p.of} weight={f.v.weightKg ?? ''} on={day(f.v.takenOn)} />
						</div>
					</div>
				);
			}}
		</Sheet>
	);
}

/** The nerves of one side, each with what was found. */
function Nerves({ codes, v, put }: { codes: Codes; v: Record<string, string>; put: (name: string) => (x: string) => void }) {
	const mark = (key: string, label: string, name: string) => (
		<label class="check" key={key}>
			<input type="checkbox" name={key} aria-label={`${label}: ${name}`} checked={v[key] === '1'} onChange={(e) => put(key)(e.currentTarget.checked ? '1' : '')} />
		</label>
	);
	return (
		<div class="table-wrap" tabIndex={0} role="region" aria-label={t('case.nerves')}>
			<table class="tight">
				<thead>
					<tr>
						<th scope="col">{t('case.nerve')}</th>
						<th scope="col">{t('case.nerve.thick')}</th>
						<th scope="col">{t('case.nerve.pain')}</th>
						<th scope="col">{t('case.nerve.loss')}</th>
						<th scope="col">{t('case.nerve.strength')}</th>
					</tr>
				</thead>
				<tbody>
					{codes.choices('nerve').flatMap((n) =>
						codes.choices('side').map((s) => {
							const key = `${n.value}.${s.value}`;
							const name = `${n.label}, ${s.label.toLowerCase()}`;
							return (
								<tr key={key}>
									<th scope="row">{name}</th>
									<td>{mark(`${key}.thickened`, t('case.nerve.thick'), name)}</td>
									<td>{mark(`${key}.painful`, t('case.nerve.pain'), name)}</td>
									<td>{mark(`${key}.sensoryLoss`, t('case.nerve.loss'), name)}</td>
									<td>
										<select class="input" name={`${key}.strength`} aria-label={`${t('case.nerve.strength')}: ${name}`} value={v[`${key}.strength`] ?? ''} onChange={(e) => put(`${key}.strength`)(e.currentTarget.value)}>
											<option value="">–</option>
											{[5, 4, 3, 2, 1, 0].map((x) => (
												<option key={x} value={x}>
													{x}
												</option>
											))}
										</select>
									</td>
								</tr>
							);
						}),
					)}
				</tbody>
			</table>
		</div>
	);
}
type NerveBody = NonNullable<Body<'/api/hansen/cases/{id}/assessments', 'post'>['nerves']>[number];
function nervesOf(codes: Codes, v: Record<string, string>): NerveBody[] {
	return codes.choices('nerve').flatMap((n) =>
		codes.choices('side').flatMap((s) => {
			const at = (name: string) => v[`${n.value}.${s.value}.${name}`] ?? '';
			const found = { thickened: at('thickened') === '1', painful: at('painful') === '1', sensoryLoss: at('sensoryLoss') === '1' };
			const strength = whole(at('strength'));
			return found.thickened || found.painful || found.sensoryLoss || strength !== undefined ? [{ nerve: n.value as NerveBody['nerve'], side: s.value as 'D', ...found, strength }] : [];
		}),
	);
}

export function AssessmentSheet(p: ActProps) {
	const c = p.of.case;
	const reason = !c.lastAssessedOn ? 'DIAGNOSTICO' : p.of.calendar.taken >= p.of.calendar.doses ? 'ULTIMA_DOSE' : 'TRIMESTRAL';
	return (
		<Sheet
			{...sheet(p, 'assessment')}
			title={t('case.assess.title')}
			label={t('case.assess.save')}
			wide
			start={{ assessedOn: now(), reason, complaints: '', note: '', ...sitesToText(null) }}
			required={needed('POST /api/hansen/cases/{id}/assessments')}
			dates={['assessedOn']}
			send={(v, key) =>
				call('post', '/api/hansen/cases/{id}/assessments', {
					path: { id: c.id },
					body: { assessedOn: day(v.assessedOn) as string, reason: v.reason as 'QUEIXA', sites: sitesFromText(v), nerves: nervesOf(p.codes, v), complaints: words(v.complaints), note: words(v.note) },
					key,
				})
			}
		>
			{(f) => (
				<div class="stack">
					<div class="form">
						<DateInput class="w4" f={f} name="assessedOn" label={t('case.assess.on')} autoFocus />
						<Select class="w8" name="reason" label={t('case.assess.reason')} value={f.v.reason ?? ''} onValue={f.put('reason')} empty={t('form.choose')} choices={p.codes.choices('assessmentReason')} error={f.errors.reason} />
					</div>
					<h3>{t('case.disability')}</h3>
					<EyesHandsFeet value={f.v} onValue={(name, x) => f.put(name)(x)} />
					<h3>{t('case.nerves')}</h3>
					<Nerves codes={p.codes} v={f.v} put={f.put} />
					<div class="form">
						<Area class="w6" name="complaints" label={t('case.assess.complaints')} value={f.v.complaints ?? ''} onValue={f.put('complaints')} rows={2} optional error={f.errors.complaints} />
						<Area class="w6" name="note" label={t('case.note')} value={f.v.note ?? ''} onValue={f.put('note')} rows={2} optional error={f.errors.note} />
					</div>
				</div>
			)}
		</Sheet>
	);
}

export function ReactionSheet(p: ActProps) {
	const c = p.of.case;
	const answers = p.codes.choices('answer');
	return (
		<Sheet
			{...sheet(p, 'reaction')}
			title={t('case.reaction.title')}
			label={t('case.reaction.save')}
			wide
			start={{ startedOn: now(), type: '', neuritis: '', weightKg: '', treatment: '', note: '', reproductivePotential: '', pregnant: '', breastfeeding: '', corticoid: '', neutrophils: '', contraceptiveMethods: '', pregnancyTestHours: '' }}
			required={needed('POST /api/hansen/cases/{id}/reactions')}
			dates={['startedOn']}
			send={(v, key) => {
				const answer = (n: string) => (v[n] || undefined) as 'SIM' | undefined;
				return call('post', '/api/hansen/cases/{id}/reactions', {
					path: { id: c.id },
					body: {
						startedOn: day(v.startedOn) as string,
						type: v.type as 'TIPO_1',
						neuritis: v.neuritis === '1',
						weightKg: decimal(v.weightKg),
						treatment: words(v.treatment),
						note: words(v.note),
						reproductivePotential: answer('reproductivePotential'),
						pregnant: answer('pregnant'),
						breastfeeding: answer('breastfeeding'),
						corticoid: answer('corticoid'),
						neutrophils: whole(v.neutrophils),
						contraceptiveMethods: whole(v.contraceptiveMethods),
						pregnancyTestHours: whole(v.pregnancyTestHours),
					},
					key,
				});
			}}
		>
			{(f) => {
				const number = (name: string, label: string, hint?: string) => <Input class="w4" name={name} label={label} hint={hint} value={f.v[name] ?? ''} onValue={(x) => f.put(name)(x.replace(/\D/g, ''))} inputMode="numeric" inputClass="num" optional error={f.errors[name]} autoComplete="off" />;
				const yes = (name: string, label: string) => <Radios class="w3" name={name} label={label} value={f.v[name] ?? ''} onValue={f.put(name)} choices={answers} error={f.errors[name]} optional />;
				return (
					<div class="stack">
						<div class="form">
							<DateInput class="w4" f={f} name="startedOn" label={t('case.reaction.on')} autoFocus />
							<Select class="w4" name="type" label={t('case.reaction.type')} value={f.v.type ?? ''} onValue={f.put('type')} empty={t('form.choose')} choices={p.codes.choices('reaction')} error={f.errors.type} />
							<Input class="w4" name="weightKg" label={t('case.weight')} hint={t('case.reaction.weigh')} value={f.v.weightKg ?? ''} onValue={(x) => f.put('weightKg')(x.replace(/[^\d.,]/g, ''))} inputMode="decimal" inputClass="num" error={f.errors.weightKg} autoComplete="off" optional />
						</div>
						<Check name="neuritis" label={t('case.reaction.neuritis')} value={f.v.neuritis === '1'} onValue={(x) => f.put('neuritis')(x ? '1' : '')} />
						{f.v.type && f.v.type !== 'TIPO_1' && (
							<fieldset class="stack">
								<legend>{t('case.thalidomide')}</legend>
								<p class="small quiet">{t('case.thalidomide.hint')}</p>
								<div class="form">
									{yes('reproductivePotential', t('case.thalidomide.potential'))}
									{yes('pregnant', t('case.thalidomide.pregnant'))}
									{yes('breastfeeding', t('case.thalidomide.breastfeeding'))}
									{yes('corticoid', t('case.thalidomide.corticoid'))}
									{number('neutrophils', t('case.thalidomide.neutrophils'), '/mm³')}
									{number('contraceptiveMethods', t('case.thalidomide.methods'))}
									{number('pregnancyTestHours', t('case.thalidomide.test'))}
								</div>
							</fieldset>
						)}
						<div class="form">
							<Area class="w6" name="treatment" label={t('case.reaction.treatment')} hint={t('case.reaction.treatment.hint')} value={f.v.treatment ?? ''} onValue={f.put('treatment')} rows={3} optional error={f.errors.treatment} />
							<Area class="w6" name="note" label={t('case.note')} value={f.v.note ?? ''} onValue={f.put('note')} rows={3} optional error={f.errors.note} />
						</div>
					</div>
				);
			}}
		</Sheet>
	);
}

export function ReactionChangeSheet(p: ActProps & { event: CaseEvent }) {
	const { event } = p;
	const r = event.reaction;
	return (
		<Sheet
			{...sheet(p, `reaction ${event.id}`)}
			title={t('case.reaction.change')}
			label={t('form.save')}
			start={{ endedOn: date(r?.endedOn), treatment: r?.treatment ?? '', note: r?.note ?? '' }}
			dates={['endedOn']}
			send={(v, key) => call('put', '/api/hansen/reactions/{id}', { path: { id: event.id }, body: { endedOn: day(v.endedOn), treatment: words(v.treatment), note: words(v.note), version: event.version }, key })}
		>
			{(f) => (
				<div class="stack">
					<DateInput f={f} name="endedOn" label={t('case.reaction.ended')} hint={t('case.reaction.ended.hint')} optional autoFocus />
					<Area name="treatment" label={t('case.reaction.treatment')} value={f.v.treatment ?? ''} onValue={f.put('treatment')} rows={3} optional error={f.errors.treatment} />
					<Area name="note" label={t('case.note')} value={f.v.note ?? ''} onValue={f.put('note')} rows={2} optional error={f.errors.note} />
				</div>
			)}
		</Sheet>
	);
}

export function AdverseSheet(p: ActProps) {
	return (
		<Sheet
			{...sheet(p, 'adverse')}
			title={t('case.adverse.title')}
			label={t('form.save')}
			start={{ on: now(), drug: '', severity: '', description: '', action: '', reported: '' }}
			required={needed('POST /api/hansen/cases/{id}/adverse-events')}
			dates={['on']}
			send={(v, key) =>
				call('post', '/api/hansen/cases/{id}/adverse-events', {
					path: { id: p.of.case.id },
					body: { on: day(v.on) as string, drug: v.drug?.trim() ?? '', severity: v.severity as 'LEVE', description: v.description?.trim() ?? '', action: words(v.action), reported: v.reported === '1' },
					key,
				})
			}
		>
			{(f) => (
				<div class="stack">
					<div class="form">
						<DateInput class="w4" f={f} name="on" label={t('case.on')} autoFocus />
						<Input class="w8" name="drug" label={t('case.adverse.drug')} value={f.v.drug ?? ''} onValue={f.put('drug')} error={f.errors.drug} autoComplete="off" />
					</div>
					<Radios name="severity" label={t('case.adverse.severity')} value={f.v.severity ?? ''} onValue={f.put('severity')} choices={p.codes.choices('severity')} error={f.errors.severity} />
					<Area name="description" label={t('case.adverse.what')} value={f.v.description ?? ''} onValue={f.put('description')} rows={2} error={f.errors.description} />
					<Area name="action" label={t('case.adverse.action')} value={f.v.action ?? ''} onValue={f.put('action')} rows={2} optional error={f.errors.action} />
					<Check name="reported" label={t('case.adverse.reported')} value={f.v.reported === '1'} onValue={(x) => f.put('reported')(x ? '1' : '')} />
				</div>
			)}
		</Sheet>
	);
}

export function NotifySheet(p: ActProps) {
	const c = p.of.case;
	return (
		<Sheet
			{...sheet(p, 'notify')}
			title={t('case.notify.title')}
			label={t('form.save')}
			start={{ notifiedOn: date(c.notifiedOn) || now(), sinanNumber: c.notification?.sinanNumber ?? '' }}
			required={['notifiedOn']}
			dates={['notifiedOn']}
			send={(v, key) => call('post', '/api/hansen/cases/{id}/notification', { path: { id: c.id }, body: { notifiedOn: day(v.notifiedOn) as string, sinanNumber: words(v.sinanNumber) }, key })}
		>
			{(f) => (
				<div class="stack">
					<DateInput f={f} name="notifiedOn" label={t('case.notify.on')} autoFocus />
					<Input name="sinanNumber" label={t('case.notify.number')} hint={t('case.notify.number.hint')} value={f.v.sinanNumber ?? ''} onValue={f.put('sinanNumber')} inputMode="numeric" optional error={f.errors.sinanNumber} autoComplete="off" />
				</div>
			)}
		</Sheet>
	);
}

/** What cure asks for, and whether it is there. */
/** The window has passed: before the last dose was taken, or with doses still missing. */
const outside = ({ case: c, calendar }: CaseView): boolean => calendar.late || (!!c.lastDoseOn && !!calendar.windowEndsOn && c.lastDoseOn > calendar.windowEndsOn);

function CureList({ of: view, evaluated }: { of: CaseView; evaluated: boolean }) {
	const { case: c, calendar } = view;
	const rows: [boolean, string][] = [
		[calendar.taken >= calendar.doses, t('case.cure.doses', { n: calendar.taken, of: calendar.doses })],
		[!outside(view), t('case.cure.window', { date: date(calendar.windowEndsOn) })],
		[!!c.lastAssessedOn && !!c.lastDoseOn && c.lastAssessedOn >= c.lastDoseOn, t('case.cure.assessed', { date: date(c.lastAssessedOn) || '–' })],
		[evaluated, t('case.cure.evaluated')],
	];
	return (
		<ul class="stack tight checks">
			{rows.map(([ok, text]) => (
				<li key={text} class={ok ? 'met' : 'unmet'}>
					<Icon name={ok ? 'check' : 'x'} />
					<span>
						<span class="sr">{ok ? t('case.cure.met') : t('case.cure.unmet')}: </span>
						{text}
					</span>
				</li>
			))}
		</ul>
	);
}

export function DischargeSheet(p: ActProps) {
	return (
		<Sheet
			{...sheet(p, 'discharge')}
			title={t('case.discharge.title')}
			label={t('case.discharge.save')}
			start={{ on: now(), discharge: '', reason: '', destination: '', clinicalEvaluation: '', outsideWindow: '' }}
			required={['on', 'discharge']}
			said={['doses', 'assessment', 'clinicalEvaluation', 'outsideWindow']}
			dates={['on']}
			danger
			send={(v, key) =>
				call('post', '/api/hansen/cases/{id}/discharge', {
					path: { id: p.of.case.id },
					body: { on: day(v.on) as string, discharge: v.discharge as 'CURA', reason: words(v.reason), destination: words(v.destination), clinicalEvaluation: v.clinicalEvaluation === '1', outsideWindow: v.outsideWindow === '1' },
					key,
				})
			}
		>
			{(f) => (
				<div class="stack">
					<Select name="discharge" label={t('case.discharge.kind')} value={f.v.discharge ?? ''} onValue={f.put('discharge')} empty={t('form.choose')} choices={p.codes.choices('discharge')} error={f.errors.discharge} />
					<DateInput f={f} name="on" label={t('case.discharge.on')} />
					{f.v.discharge === 'CURA' && (
						<>
							<Check name="clinicalEvaluation" label={t('case.cure.evaluation')} value={f.v.clinicalEvaluation === '1'} onValue={(x) => f.put('clinicalEvaluation')(x ? '1' : '')} />
							<CureList of={p.of} evaluated={f.v.clinicalEvaluation === '1'} />
							{outside(p.of) && me.value?.role === 'DOCTOR' && (
								<Check name="outsideWindow" label={t('case.cure.outside')} value={f.v.outsideWindow === '1'} onValue={(x) => f.put('outsideWindow')(x ? '1' : '')} />
							)}
						</>
					)}
					{f.v.discharge?.startsWith('TRANSFERENCIA') && <Input name="destination" label={t('case.discharge.to')} value={f.v.destination ?? ''} onValue={f.put('destination')} optional error={f.errors.destination} autoComplete="off" />}
					<Area name="reason" label={t('case.discharge.reason')} value={f.v.reason ?? ''} onValue={f.put('reason')} rows={2} optional={f.v.outsideWindow !== '1'} error={f.errors.reason} />
				</div>
			)}
		</Sheet>
	);
}

export function ReopenSheet(p: ActProps) {
	return (
		<Sheet
			{...sheet(p, 'reopen')}
			title={t('case.reopen.title')}
			label={t('case.reopen.save')}
			start={{ on: now(), reason: '' }}
			required={['on', 'reason']}
			dates={['on']}
			send={(v, key) => call('post', '/api/hansen/cases/{id}/reopen', { path: { id: p.of.case.id }, body: { on: day(v.on) as string, reason: v.reason?.trim() ?? '' }, key })}
		>
			{(f) => (
				<div class="stack">
					<p class="quiet">{t('case.reopen.hint')}</p>
					<DateInput f={f} name="on" label={t('case.on')} autoFocus />
					<Area name="reason" label={t('confirm.reason')} value={f.v.reason ?? ''} onValue={f.put('reason')} rows={3} error={f.errors.reason} />
				</div>
			)}
		</Sheet>
	);
}

export function RemoveDoseSheet(p: ActProps) {
	return (
		<Sheet
			{...sheet(p, 'remove dose')}
			title={t('case.dose.remove', { n: p.of.calendar.taken })}
			label={t('case.dose.remove.save')}
			start={{ reason: '' }}
			required={['reason']}
			danger
			send={(v, key) => call('delete', '/api/hansen/cases/{id}/doses/last', { path: { id: p.of.case.id }, query: { reason: v.reason?.trim() ?? '' } as never, key })}
		>
			{(f) => <Area name="reason" label={t('confirm.reason')} value={f.v.reason ?? ''} onValue={f.put('reason')} rows={3} error={f.errors.reason} />}
		</Sheet>
	);
}
