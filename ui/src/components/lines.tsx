/* lines.tsx - one patient, one record, as a line of a list. */
import type { Answer } from '../api/client';
import { t, tcode, count } from '../i18n';
import { cnsShow, cpfShow } from '../lib/brazil';
import { age, date, initials, time } from '../lib/format';
import { me } from '../session';
import { Masked, Priority } from './parts';

export type Patient = Answer<'/api/patients/{id}'>;
export type MedicalRecord = Answer<'/api/medical-records/{id}'>;

export function ageText(birth: string | null | undefined): string {
	const a = age(birth);
	return a ? count(`age.${a.unit}`, a.n) : '';
}

export function PatientLine({ of: p }: { of: Patient }) {
	return (
		<a class="line patient" href={`/pacientes/${p.id}`}>
			<span class="avatar" aria-hidden="true">
				{initials(p.name)}
			</span>
			<div>
				<div class="name cut">{p.name ?? <Masked />}</div>
				<div class="small quiet cut num">
					{[ageText(p.birthDate), tcode('sex', p.sex, ''), p.motherName ? t('patient.motherShort', { name: p.motherName }) : ''].filter(Boolean).join(' · ')}
				</div>
			</div>
			<span class="num small wide-only">{date(p.birthDate)}</span>
			<span class="num small quiet wide-only nowrap">{cpfShow(p.cpf) || cnsShow(p.cns)}</span>
		</a>
	);
}

/** By whom, as far as the server tells this reader. */
export function author(r: { doctorId: string; doctorName: string | null }): string {
	return r.doctorId === me.value?.id ? t('record.you') : (r.doctorName ?? '');
}

/** whose: outside a chart, a line says whose record it is. */
export function RecordLine({ of: r, whose }: { of: MedicalRecord; whose?: boolean }) {
	return (
		<a class="line record" href={`/registros/${r.id}`}>
			<span class="when small quiet num">
				{date(r.createdAt)}
				<br />
				{time(r.createdAt)}
			</span>
			<div class="cut">
				<div class="name cut">{r.title ?? <Masked />}</div>
				<div class="small quiet cut">
					<span class="only-narrow num">{date(r.createdAt)} · </span>
					{whose && r.patientName && (
						<>
							<strong>{r.patientName}</strong> ·{' '}
						</>
					)}
					{[r.diagnosis, author(r)].filter(Boolean).join(' · ')}
				</div>
			</div>
			<span class="row">
				{r.deletedAt && <span class="badge critical">{t('record.removed')}</span>}
				{r.version > 1 && (
					<span class="badge wide-only" title={t('record.version', { n: r.version })}>
						v{r.version}
					</span>
				)}
				<Priority of={r.priority} />
			</span>
		</a>
	);
}
