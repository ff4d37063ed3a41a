/* sinan.tsx - the notification of a case as SINAN's form wants it, to be checked on the screen and
 * printed. The values are the program's signed form; what is missing is said, not guessed. */
import { useMemo } from 'preact/hooks';
import { call } from '../../api/client';
import { useQuery } from '../../api/query';
import { Icon } from '../../components/icon';
import { Head, Note } from '../../components/parts';
import { Loaded, Skeleton } from '../../components/state';
import { type Key, t } from '../../i18n';
import { cnsShow, phoneShow } from '../../lib/brazil';
import '../../styles/hansen.css';
import { useCodes } from './codes';

/** The form's fields in its order; a name that ends in + takes two columns. */
const sections: { title: Key; fields: string[] }[] = [
	{ title: 'sinan.general', fields: ['ID_AGRAVO', 'NU_NOTIFIC', 'DT_NOTIFIC', 'ID_UNIDADE', 'DT_DIAG'] },
	{ title: 'sinan.person', fields: ['NM_PACIENT+', 'DT_NASC', 'NU_IDADE_N', 'CS_SEXO', 'CS_RACA', 'NM_MAE_PAC+', 'ID_CNS_SUS'] },
	{ title: 'sinan.residence', fields: ['ID_MN_RESI', 'NM_LOGRADO+', 'NU_TELEFON'] },
	{ title: 'sinan.clinical', fields: ['NU_LESOES', 'FORMACLINI', 'CLASSOPERA', 'NERVOSAFET', 'AVALIA_N', 'MODOENTR', 'MODODETECT', 'BACILOSCOP'] },
	{ title: 'sinan.treatment', fields: ['DTINICTRAT', 'ESQ_INI_N', 'CONTREG'] },
	{ title: 'sinan.follow', fields: ['CLASSATUAL', 'ESQ_ATU_N', 'DOSE_RECEB', 'DTULTCOMP', 'EPIS_RACIO', 'CONTEXAM', 'AVAL_ATU_N', 'TPALTA_N', 'DTALTA_N'] },
];
interface Form {
	layout: string;
	complete: boolean;
	missing: string[];
	fields: Record<string, string | null>;
}
const show: Record<string, (v: string) => string> = { ID_CNS_SUS: cnsShow, NU_TELEFON: phoneShow };
const label = (field: string): string => t(`sinan.field.${field}` as Key);

async function csv(id: string): Promise<void> {
	const r = await call('get', '/api/hansen/cases/{id}/notification', { path: { id }, query: { format: 'csv' } });
	const a = document.createElement('a');
	a.href = URL.createObjectURL(new Blob([r.document], { type: 'text/csv' }));
	a.download = 'notificacao-hanseniase.csv';
	a.click();
	setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
}

export function Sinan({ params }: { params: Record<string, string> }) {
	const id = params.id as string;
	const q = useQuery(`sinan ${id}`, (signal) => call('get', '/api/hansen/cases/{id}/notification', { path: { id }, query: { format: 'json' }, signal }));
	const codes = useCodes();
	const form = useMemo(() => (q.data ? (JSON.parse(q.data.document) as Form) : undefined), [q.data]);
	return (
		<>
			<Head title={t('sinan.title')} crumbs={[{ label: t('nav.cases'), to: '/hanseniase/casos' }, { label: t('case.one'), to: `/hanseniase/casos/${id}` }, { label: t('case.sinan') }]} lead={t('sinan.lead')}>
				<button type="button" class="btn" onClick={() => void csv(id)}>
					<Icon name="file" />
					CSV
				</button>
				<button type="button" class="btn main" onClick={() => window.print()}>
					<Icon name="print" />
					{t('form.print')}
				</button>
			</Head>
			<Loaded query={q}>
				{(signed) => {
					if (!form || !codes) return <Skeleton lines={8} />;
					return (
						<>
							{form.missing.length > 0 && (
								<div class="no-print">
									<Note tone="high" icon="alert" role="status">
										<strong>{t('sinan.missing')}</strong>
										<span>{form.missing.map(label).join(', ')}</span>
									</Note>
								</div>
							)}
							<article class="sinan card" aria-label={t('sinan.title')}>
								{sections.map((s) => (
									<section key={s.title} class="keep">
										<h2>{t(s.title)}</h2>
										<dl>
											{s.fields.map((f) => {
												const name = f.replace('+', '');
												const value = form.fields[name] ?? '';
												const meaning = codes.meaning(name, value);
												return (
													<div key={name} class={`${f.endsWith('+') ? 'wide' : ''} ${form.missing.includes(name) ? 'blank-box' : ''}`}>
														<dt>
															{label(name)} <code>{name}</code>
														</dt>
														<dd>
															{meaning ? <span class="box num">{value}</span> : <span class="num">{value && (show[name] ?? String)(value)}</span>}
															{meaning && <span>{meaning}</span>}
														</dd>
													</div>
												);
											})}
										</dl>
									</section>
								))}
								<footer class="small quiet stack tight">
									<span>{form.layout}</span>
									<span>{t('sinan.sign')}</span>
									<code class="small">SHA-256 {signed.sha256}</code>
								</footer>
							</article>
						</>
					);
				}}
			</Loaded>
		</>
	);
}
