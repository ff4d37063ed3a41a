/* contacts.tsx - who lives or lived with the patient, and their examination; the BCG rule is computed. */
import { useState } from 'preact/hooks';
import { call } from '../../api/client';
import { Area, Check, Input, Radios, Select } from '../../components/form';
import { Icon } from '../../components/icon';
import { ageText } from '../../components/lines';
import { Card, toast } from '../../components/parts';
import { Empty } from '../../components/state';
import { t } from '../../i18n';
import { phoneMask, phoneShow } from '../../lib/brazil';
import { date, today } from '../../lib/format';
import type { ActProps } from './case-acts';
import type { CaseView, Contact } from './case-types';
import { useCatalogue } from './calculators';
import type { Codes } from './codes';
import { ResultOf } from './result';
import { DateInput, day, Sheet, whole, words } from './sheet';

const at = (p: ActProps, act: string) => ({ place: `case ${p.of.case.id} ${act}`, path: `/hanseniase/casos/${p.of.case.id}/contatos`, onClose: p.onClose, onDone: p.onDone, onRefused: p.onStale });

function ContactSheet(p: ActProps) {
	return (
		<Sheet
			{...at(p, 'contact')}
			title={t('contact.new')}
			label={t('form.save')}
			start={{ kind: 'DOMICILIAR', name: '', relation: '', birthDate: '', phone: '', note: '' }}
			required={['kind', 'name']}
			dates={['birthDate']}
			send={(v, key) => call('post', '/api/hansen/cases/{id}/contacts', { path: { id: p.of.case.id }, body: { kind: v.kind as 'SOCIAL', name: v.name?.trim() ?? '', relation: words(v.relation), birthDate: day(v.birthDate), phone: words(v.phone), note: words(v.note) }, key })}
		>
			{(f) => (
				<div class="stack">
					<Input name="name" label={t('patient.name')} value={f.v.name ?? ''} onValue={f.put('name')} error={f.errors.name} autoComplete="off" autoFocus />
					<Radios name="kind" label={t('contact.kind')} value={f.v.kind ?? ''} onValue={f.put('kind')} choices={p.codes.choices('contactKind')} error={f.errors.kind} />
					<div class="form">
						<Input class="w6" name="relation" label={t('contact.relation')} value={f.v.relation ?? ''} onValue={f.put('relation')} optional error={f.errors.relation} autoComplete="off" />
						<DateInput class="w6" f={f} name="birthDate" label={t('patient.birthDate')} optional />
						<Input class="w6" name="phone" label={t('patient.phone')} value={f.v.phone ?? ''} onValue={f.put('phone')} mask={phoneMask} inputMode="tel" optional error={f.errors.phone} autoComplete="off" />
					</div>
					<Area name="note" label={t('case.note')} value={f.v.note ?? ''} onValue={f.put('note')} rows={2} optional error={f.errors.note} />
				</div>
			)}
		</Sheet>
	);
}

/** Whole months between birth and the day of examination. */
function months(birth: string | null | undefined, on: string): string {
	const b = /^(\d{4})-(\d{2})-(\d{2})/.exec(birth ?? '');
	const o = /^(\d{4})-(\d{2})-(\d{2})/.exec(on);
	if (!b || !o) return '';
	const n = (Number(o[1]) - Number(b[1])) * 12 + Number(o[2]) - Number(b[2]) - (Number(o[3]) < Number(b[3]) ? 1 : 0);
	return n >= 0 ? String(n) : '';
}

function ExamSheet(p: ActProps & { contact: Contact }) {
	const k = p.contact;
	const e = k.examination;
	return (
		<Sheet
			{...at(p, `exam ${k.id}`)}
			title={t('contact.exam', { name: k.details.name ?? '' })}
			label={t('form.save')}
			start={{
				examinedOn: date(e?.examinedOn ?? today()),
				result: e?.result ?? '',
				bcgScars: e?.bcgScars === null || e?.bcgScars === undefined ? '' : String(e.bcgScars),
				ageMonths: String(e?.ageMonths ?? months(k.details.birthDate, today())),
				bcgContraindication: e?.bcgContraindication ?? '',
				bcgGiven: e?.bcgGiven ? '1' : '',
				note: e?.note ?? '',
			}}
			required={['examinedOn', 'result']}
			dates={['examinedOn']}
			send={(v, key) =>
				call('put', '/api/hansen/contacts/{id}', {
					path: { id: k.id },
					body: { examinedOn: day(v.examinedOn) as string, result: v.result as 'DESCARTADO', bcgScars: whole(v.bcgScars), ageMonths: whole(v.ageMonths), bcgContraindication: (v.bcgContraindication || undefined) as 'NENHUMA' | undefined, bcgGiven: v.bcgGiven === '1', note: words(v.note), version: k.version },
					key,
				})
			}
		>
			{(f) => (
				<div class="stack">
					<DateInput f={f} name="examinedOn" label={t('contact.exam.on')} autoFocus />
					<Select name="result" label={t('contact.result')} value={f.v.result ?? ''} onValue={f.put('result')} empty={t('form.choose')} choices={p.codes.choices('examinationResult')} error={f.errors.result} />
					<div class="form">
						<Radios class="w6" name="bcgScars" label={t('contact.scars')} value={f.v.bcgScars ?? ''} onValue={f.put('bcgScars')} choices={['0', '1', '2'].map((x) => ({ value: x, label: x }))} error={f.errors.bcgScars} optional />
						<Input class="w6" name="ageMonths" label={t('contact.age')} value={f.v.ageMonths ?? ''} onValue={(x) => f.put('ageMonths')(x.replace(/\D/g, ''))} inputMode="numeric" inputClass="num" optional error={f.errors.ageMonths} autoComplete="off" />
						<Select class="w6" name="bcgContraindication" label={t('contact.stop')} value={f.v.bcgContraindication ?? ''} onValue={f.put('bcgContraindication')} empty={t('form.choose')} choices={p.codes.choices('bcgContraindication')} optional error={f.errors.bcgContraindication} />
					</div>
					<Check name="bcgGiven" label={t('contact.given')} value={f.v.bcgGiven === '1'} onValue={(x) => f.put('bcgGiven')(x ? '1' : '')} />
					<Area name="note" label={t('case.note')} value={f.v.note ?? ''} onValue={f.put('note')} rows={2} optional error={f.errors.note} />
				</div>
			)}
		</Sheet>
	);
}

function Bcg({ of }: { of: NonNullable<NonNullable<Contact['examination']>['bcg']> }) {
	const c = useCatalogue().data?.items.find((x) => x.name === of.calculator);
	return c ? (
		<details>
			<summary>{t('contact.bcg')}</summary>
			<div class="stack">
				<ResultOf answer={of as never} of={c} />
			</div>
		</details>
	) : null;
}

export function Contacts({ of: view, codes, write, reload }: { of: CaseView; codes: Codes; write: boolean; reload: () => void }) {
	const [open, setOpen] = useState<'new' | Contact>();
	const may = write && view.allowed.includes('CONTACT');
	const p: ActProps = {
		of: view,
		codes,
		onClose: () => setOpen(undefined),
		onDone: () => {
			setOpen(undefined);
			toast(t('case.saved'));
			reload();
		},
		onStale: reload,
	};
	const waiting = view.contacts.filter((k) => !k.examinedOn).length;
	return (
		<Card
			flush
			title={t('contact.title')}
			action={
				may && (
					<button type="button" class="btn small no-print" onClick={() => setOpen('new')}>
						<Icon name="plus" />
						{t('contact.new')}
					</button>
				)
			}
		>
			{view.contacts.length === 0 ? (
				<Empty icon="people" title={t('contact.none')}>
					<p>{t('contact.who')}</p>
				</Empty>
			) : (
				<>
					<p class="pad small quiet">{t('contact.count', { n: view.contacts.length - waiting, of: view.contacts.length })}</p>
					<ul class="rows">
						{view.contacts.map((k) => (
							<li key={k.id}>
								<div class="row between">
									<span>
										<strong>{k.details.name}</strong>{' '}
										<span class="quiet">{[k.details.relation, ageText(k.details.birthDate), codes.text('contactKind', k.kind), phoneShow(k.details.phone)].filter(Boolean).join(' · ')}</span>
									</span>
									<span class="row">
										<span class={`badge ${k.result === 'CASO_CONFIRMADO' ? 'critical' : k.examinedOn ? 'good' : 'high'}`}>{k.examinedOn ? t('contact.examined', { date: date(k.examinedOn) }) : t('contact.waiting')}</span>
										{may && (
											<button type="button" class="btn small no-print" onClick={() => setOpen(k)} aria-label={`${t('contact.examine')}: ${k.details.name}`}>
												{t('contact.examine')}
											</button>
										)}
									</span>
								</div>
								{k.examination && (
									<div class="small">
										{codes.text('examinationResult', k.result)}
										{k.examination.bcgGiven && <> · {t('contact.given.short')}</>}
										{k.examination.note && <> · {k.examination.note}</>}
									</div>
								)}
								{k.examination?.bcg && <Bcg of={k.examination.bcg} />}
								{k.details.note && <div class="small quiet">{k.details.note}</div>}
							</li>
						))}
					</ul>
				</>
			)}
			{open === 'new' && <ContactSheet {...p} />}
			{open && open !== 'new' && <ExamSheet {...p} contact={open} />}
		</Card>
	);
}
