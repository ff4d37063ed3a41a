/* privacy.tsx - the data-protection officer's desk: requests, terms, what is processed and why, and
 * what was erased. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Body, call } from '../api/client';
import { limits } from '../api/gen/limits';
import { useAction, useQuery } from '../api/query';
import { Area, type Errors, focusFirstError, Input, OtherErrors, Select, serverErrors } from '../components/form';
import { Icon } from '../components/icon';
import { Card, Dialog, Head, toast, When } from '../components/parts';
import { Empty, Loaded, ProblemNote } from '../components/state';
import { lang, t, tcode } from '../i18n';
import { can } from '../session';
import { RequestDesk } from './consents';

const purposes = ['MARKETING', 'SURVEY', 'RESEARCH', 'IMAGE', 'TELEHEALTH_RECORDING'];
const bounds = limits['POST /api/privacy/terms'];

function NewTerm({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
	const [v, setV] = useState({ purpose: '', title: '', body: '' });
	const [tried, setTried] = useState(false);
	const [served, setServed] = useState<Errors>({});
	const form = useRef<HTMLFormElement>(null);
	const publish = useAction((key) => call('post', '/api/privacy/terms', { body: v as Body<'/api/privacy/terms', 'post'>, key }));
	useEffect(() => {
		if (publish.problem?.status === 422) setServed(serverErrors(publish.problem));
	}, [publish.problem]);
	const errors: Errors = {
		purpose: v.purpose ? undefined : t('invalid.required'),
		title: v.title.trim() ? undefined : t('invalid.required'),
		body: [...v.body.trim()].length < bounds.body.minLength ? t('confirm.reason.short', { n: bounds.body.minLength }) : undefined,
	};
	const shown = (k: keyof typeof v) => served[k] ?? (tried ? errors[k] : undefined);
	const put = (k: keyof typeof v) => (x: string) => {
		setV({ ...v, [k]: x });
		setServed({ ...served, [k]: undefined });
	};
	return (
		<Dialog open onClose={onClose} label={t('term.new')} class="wide">
			<form
				ref={form}
				noValidate
				onSubmit={async (e) => {
					e.preventDefault();
					setTried(true);
					if (Object.values(errors).some(Boolean)) return focusFirstError(form.current);
					if (await publish.run()) onDone();
				}}
			>
				<h2>{t('term.new')}</h2>
				<OtherErrors errors={served} known={['purpose', 'title', 'body']} />
				<Select name="purpose" label={t('term.purpose')} value={v.purpose} onValue={put('purpose')} error={shown('purpose')} empty={t('form.choose')} choices={purposes.map((p) => ({ value: p, label: tcode('consent.purpose', p) }))} />
				<Input name="title" label={t('term.title')} value={v.title} onValue={put('title')} error={shown('title')} maxLength={bounds.title.maxLength} required autoComplete="off" />
				<Area name="body" label={t('term.body')} value={v.body} onValue={put('body')} error={shown('body')} rows={8} maxLength={bounds.body.maxLength} required />
				{publish.problem && ![401, 422].includes(publish.problem.status) && <ProblemNote problem={publish.problem} retryAt={publish.retryAt} cancel={publish.cancel} />}
				<div class="row">
					<button type="submit" class="btn main" disabled={publish.busy}>
						{t('term.publish')}
					</button>
					<button type="button" class="btn" onClick={onClose}>
						{t('form.cancel')}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

function Terms() {
	const q = useQuery('terms', (signal) => call('get', '/api/privacy/terms', { signal }));
	const [adding, setAdding] = useState(false);
	return (
		<div class="stack">
			{can('privacy') && (
				<div>
					<button type="button" class="btn main" onClick={() => setAdding(true)}>
						<Icon name="plus" />
						{t('term.new')}
					</button>
				</div>
			)}
			<Loaded query={q}>
				{({ items }) =>
					items.length === 0 ? (
						<Empty icon="file" title={t('term.none')} />
					) : (
						<ul class="stack">
							{items.map((x) => (
								<li key={x.id}>
									<Card title={x.title} action={<span class="badge accent">{tcode('consent.purpose', x.purpose)}</span>}>
										<p class="small quiet">
											{t('record.version', { n: x.version })} · <When at={x.publishedAt} />
										</p>
										<details>
											<summary>{t('term.read')}</summary>
											<div class="prose">{x.body}</div>
										</details>
									</Card>
								</li>
							))}
						</ul>
					)
				}
			</Loaded>
			{adding && (
				<NewTerm
					onClose={() => setAdding(false)}
					onDone={() => {
						setAdding(false);
						toast(t('term.published'));
						q.retry();
					}}
				/>
			)}
		</div>
	);
}

function Activities() {
	const q = useQuery('activities', (signal) => call('get', '/api/privacy/activities', { signal }));
	return (
		<Card
			flush
			title={t('activity.title')}
			action={
				<button type="button" class="btn small no-print" onClick={() => window.print()}>
					<Icon name="print" />
					{t('form.print')}
				</button>
			}
		>
			<Loaded query={q}>
				{({ items }) => (
					<div class="table-wrap" tabIndex={0} role="region" aria-label={t('activity.title')}>
						<table>
							<thead>
								<tr>
									<th scope="col">{t('activity.purpose')}</th>
									<th scope="col">{t('activity.basis')}</th>
									<th scope="col">{t('activity.data')}</th>
									<th scope="col">{t('activity.retention')}</th>
									<th scope="col">{t('activity.sharing')}</th>
								</tr>
							</thead>
							<tbody>
								{items.map((a) => (
									<tr key={a.name}>
										<td>
											{lang.value === 'pt' ? a.purposePt : a.purpose}
											<div class="mono small quiet">{a.name}</div>
										</td>
										<td>{lang.value === 'pt' ? a.basisPt : a.basis}</td>
										<td>{lang.value === 'pt' ? a.dataPt : a.data}</td>
										<td>{lang.value === 'pt' ? a.retentionPt : a.retention}</td>
										<td>{lang.value === 'pt' ? a.sharingPt : a.sharing}</td>
									</tr>
								))}
							</tbody>
						</table>
					</div>
				)}
			</Loaded>
		</Card>
	);
}

function Certificates() {
	const q = useQuery('certificates', (signal) => call('get', '/api/privacy/certificates', { signal }));
	return (
		<Loaded query={q}>
			{({ items }) =>
				items.length === 0 ? (
					<Empty icon="shield" title={t('privacy.noCertificates')} />
				) : (
					<ul class="stack">
						{items.map((c) => (
							<li key={c.id}>
								<Card title={t('privacy.certificate')}>
									<dl class="facts">
										<div>
											<dt>{t('privacy.erasedAt')}</dt>
											<dd>
												<When at={c.at} />
											</dd>
										</div>
										<div>
											<dt>{t('privacy.records')}</dt>
											<dd class="num">{c.records}</dd>
										</div>
										<div class="wide">
											<dt>{t('request.approval')}</dt>
											<dd>{c.approval}</dd>
										</div>
										<div class="wide">
											<dt>{t('glass.patient')}</dt>
											<dd class="mono">{c.patientId}</dd>
										</div>
									</dl>
								</Card>
							</li>
						))}
					</ul>
				)
			}
		</Loaded>
	);
}

export function Privacy({ params }: { params: Record<string, string> }) {
	const tabs = [
		...(can('readRequests') ? [{ tab: 'requisicoes', label: t('request.title') }] : []),
		{ tab: 'termos', label: t('term.list') },
		{ tab: 'tratamento', label: t('activity.short') },
		{ tab: 'certificados', label: t('privacy.certificates') },
	];
	const tab = params.tab ?? tabs[0]?.tab;
	return (
		<>
			<Head title={t('nav.privacy')} lead={t('privacy.lead')} />
			<nav class="tabs" aria-label={t('nav.privacy')}>
				{tabs.map((x) => (
					<a key={x.tab} href={`/privacidade/${x.tab}`} aria-current={x.tab === tab ? 'page' : undefined}>
						{x.label}
					</a>
				))}
			</nav>
			{tab === 'requisicoes' ? <RequestDesk params={params} /> : tab === 'termos' ? <Terms /> : tab === 'tratamento' ? <Activities /> : tab === 'certificados' ? <Certificates /> : <Empty icon="search" title={t('problem.404')} />}
		</>
	);
}
