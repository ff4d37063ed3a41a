/* consents.tsx - a patient's consents and requests (LGPD): given, withdrawn, asked, answered. */
import { useState } from 'preact/hooks';
import { type Answer, call } from '../api/client';
import { useAction, useQuery } from '../api/query';
import { Area, Select } from '../components/form';
import { Icon } from '../components/icon';
import type { Patient } from '../components/lines';
import { Card, Dialog, Note, toast, When } from '../components/parts';
import { Empty, Loaded, ProblemNote } from '../components/state';
import { t, tcode } from '../i18n';
import { date } from '../lib/format';
import { can, me } from '../session';

type Term = Answer<'/api/privacy/terms'>['items'][number];
type Request = Answer<'/api/privacy/requests'>['items'][number];
const kinds: Request['kind'][] = ['CONFIRMATION', 'ACCESS', 'PORTABILITY', 'CORRECTION', 'SHARING', 'OPPOSITION', 'ERASURE', 'ANONYMISATION', 'CONSENT_INFORMATION', 'AUTOMATED_DECISION'];

function Give({ patientId, term, onClose, onDone }: { patientId: string; term: Term; onClose: () => void; onDone: () => void }) {
	const own = me.value?.role === 'PATIENT';
	const [proof, setProof] = useState(own ? t('consent.proof.own') : '');
	const give = useAction((key) => call('post', '/api/patients/{id}/consents', { path: { id: patientId }, body: { termId: term.id, proof: proof.trim() || undefined }, key }));
	return (
		<Dialog open onClose={onClose} label={term.title} class="wide">
			<form
				noValidate
				onSubmit={async (e) => {
					e.preventDefault();
					if (await give.run()) onDone();
				}}
			>
				<h2>{term.title}</h2>
				<p class="small quiet">
					{tcode('consent.purpose', term.purpose)} · {t('record.version', { n: term.version })}
				</p>
				<div class="prose side" tabIndex={0}>
					{term.body}
				</div>
				{!own && <Area name="proof" label={t('consent.proof')} hint={t('consent.proof.hint')} optional value={proof} onValue={setProof} rows={2} />}
				{give.problem && give.problem.status !== 401 && <ProblemNote problem={give.problem} retryAt={give.retryAt} cancel={give.cancel} />}
				<div class="row">
					<button type="submit" class="btn main" disabled={give.busy}>
						<Icon name="check" />
						{t('consent.give')}
					</button>
					<button type="button" class="btn" onClick={onClose}>
						{t('form.cancel')}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

function Consents({ patientId }: { patientId: string }) {
	const terms = useQuery('terms', (signal) => call('get', '/api/privacy/terms', { signal }));
	const q = useQuery(`consents ${patientId}`, (signal) => call('get', '/api/patients/{id}/consents', { path: { id: patientId }, signal }));
	const [giving, setGiving] = useState<Term>();
	const withdraw = useAction((key, id: string) => call('post', '/api/consents/{id}/withdraw', { path: { id }, key }));
	const title = (id: string) => terms.data?.items.find((x) => x.id === id)?.title;
	return (
		<Card title={t('consent.title')}>
			<div class="stack">
				<p class="quiet">{t('consent.lead')}</p>
				{withdraw.problem && withdraw.problem.status !== 401 && <ProblemNote problem={withdraw.problem} retryAt={withdraw.retryAt} cancel={withdraw.cancel} />}
				<Loaded query={q}>
					{({ items }) => {
						const valid = new Set(items.filter((c) => !c.withdrawnAt).map((c) => c.purpose));
						/* of each purpose the newest version can be consented to */
						const offers = (terms.data?.items ?? []).filter((x, _i, all) => !valid.has(x.purpose) && !all.some((y) => y.purpose === x.purpose && y.version > x.version));
						return (
							<>
								{items.length === 0 && <p>{t('consent.none')}</p>}
								<ul class="stack tight">
									{items.map((c) => (
										<li key={c.id} class="row between">
											<span>
												<strong>{title(c.termId) ?? tcode('consent.purpose', c.purpose)}</strong>{' '}
												<span class={`badge ${c.withdrawnAt ? '' : 'good'}`}>{c.withdrawnAt ? t('consent.withdrawn') : t('consent.valid')}</span>
												<span class="small quiet">
													{' '}
													<When at={c.givenAt} />
													{c.withdrawnAt && (
														<>
															{' → '}
															<When at={c.withdrawnAt} />
														</>
													)}
												</span>
											</span>
											{!c.withdrawnAt && (
												<button
													type="button"
													class="btn small no-print"
													disabled={withdraw.busy}
													aria-label={`${t('consent.withdraw')}: ${title(c.termId) ?? c.purpose}`}
													onClick={async () => {
														if (await withdraw.run(c.id)) {
															toast(t('consent.withdrawnNow'));
															q.retry();
														}
													}}
												>
													{t('consent.withdraw')}
												</button>
											)}
										</li>
									))}
								</ul>
								{offers.length > 0 && (
									<div class="row no-print">
										{offers.map((x) => (
											<button key={x.id} type="button" class="btn" onClick={() => setGiving(x)}>
												<Icon name="file" />
												{x.title}
											</button>
										))}
									</div>
								)}
							</>
						);
					}}
				</Loaded>
			</div>
			{giving && (
				<Give
					patientId={patientId}
					term={giving}
					onClose={() => setGiving(undefined)}
					onDone={() => {
						setGiving(undefined);
						toast(t('consent.given'));
						q.retry();
					}}
				/>
			)}
		</Card>
	);
}

export function RequestState({ of: r }: { of: Request }) {
	const late = r.status === 'OPEN' && r.due < new Date().toISOString().slice(0, 10);
	const tone = late ? 'critical' : r.status === 'OPEN' ? 'high' : r.status === 'REFUSED' ? '' : 'good';
	return (
		<span class={`badge ${tone}`}>
			{tcode('request.status', r.status)}
			{r.status === 'OPEN' && ` · ${t('request.due')} ${date(r.due)}`}
		</span>
	);
}

function Requests({ patientId }: { patientId: string }) {
	const list = can('readRequests');
	const q = useQuery(list ? `requests ${patientId}` : null, (signal) => call('get', '/api/privacy/requests', { query: { patientId, limit: 50 }, signal }));
	const [kind, setKind] = useState('');
	const [details, setDetails] = useState('');
	const [tried, setTried] = useState(false);
	const open = useAction((key) => call('post', '/api/patients/{id}/requests', { path: { id: patientId }, body: { kind: kind as Request['kind'], details: details.trim() || undefined }, key }));
	return (
		<Card title={t('request.title')}>
			<div class="stack">
				<p class="quiet">{t('request.lead')}</p>
				{list && (
					<Loaded query={q}>
						{({ items }) =>
							items.length === 0 ? (
								<p>{t('request.none')}</p>
							) : (
								<ul class="stack tight">
									{items.map((r) => (
										<li key={r.id} class="stack tight">
											<span class="row">
												<strong>{tcode('request.kind', r.kind)}</strong> <RequestState of={r} /> <When at={r.openedAt} />
											</span>
											{r.answer && <div class="side pre">{r.answer}</div>}
										</li>
									))}
								</ul>
							)
						}
					</Loaded>
				)}
				<form
					class="stack no-print"
					noValidate
					onSubmit={async (e) => {
						e.preventDefault();
						setTried(true);
						if (kind && (await open.run())) {
							setKind('');
							setDetails('');
							setTried(false);
							toast(t('request.opened'));
							q.retry();
						}
					}}
				>
					<Select name="kind" label={t('request.kind')} value={kind} onValue={setKind} empty={t('form.choose')} choices={kinds.map((k) => ({ value: k, label: tcode('request.kind', k) }))} error={tried && !kind ? t('invalid.required') : undefined} />
					<Area name="details" label={t('request.details')} optional value={details} onValue={setDetails} rows={3} />
					{open.problem && open.problem.status !== 401 && <ProblemNote problem={open.problem} retryAt={open.retryAt} cancel={open.cancel} />}
					<div>
						<button type="submit" class="btn" disabled={open.busy}>
							<Icon name="send" />
							{t('request.open')}
						</button>
					</div>
				</form>
			</div>
		</Card>
	);
}

export function ConsentsTab({ patient }: { patient: Patient }) {
	return (
		<div class="stack">
			{me.value?.role !== 'PATIENT' && <Note>{t('consent.staff')}</Note>}
			<Consents patientId={patient.id} />
			<Requests patientId={patient.id} />
		</div>
	);
}

/** For the officer, who sees no charts: what is asked, until when, and the answer. */
export function RequestDesk(_: { params: Record<string, string> }) {
	const [open, setOpen] = useState('open');
	const [turn, setTurn] = useState(0);
	const [deciding, setDeciding] = useState<Request>();
	const q = useQuery(`request desk ${open} ${turn}`, (signal) => call('get', '/api/privacy/requests', { query: { open: open === 'open' || undefined, limit: 100 }, signal }));
	return (
		<>
			<Select name="open" label={t('request.show')} value={open} onValue={setOpen} choices={[{ value: 'open', label: t('request.onlyOpen') }, { value: 'all', label: t('form.any') }]} />
			<Loaded query={q}>
				{({ items }) =>
					items.length === 0 ? (
						<Empty icon="check" title={t('request.none')} />
					) : (
						<ul class="stack">
							{items.map((r) => (
								<li key={r.id}>
									<Card>
										<div class="stack tight">
											<div class="row between">
												<strong>{tcode('request.kind', r.kind)}</strong>
												<RequestState of={r} />
											</div>
											<p class="small quiet">
												<When at={r.openedAt} /> · {t('glass.patient')} <code>{r.patientId}</code>
											</p>
											{r.details && <div class="side pre">{r.details}</div>}
											{r.answer && <div class="prose">{r.answer}</div>}
											{r.status === 'OPEN' && can('privacy') && (
												<div>
													<button type="button" class="btn" onClick={() => setDeciding(r)}>
														<Icon name="scale" />
														{t('request.decide')}
													</button>
												</div>
											)}
										</div>
									</Card>
								</li>
							))}
						</ul>
					)
				}
			</Loaded>
			{deciding && (
				<Decide
					of={deciding}
					onClose={() => setDeciding(undefined)}
					onDone={() => {
						setDeciding(undefined);
						setTurn(turn + 1);
						toast(t('request.decided'));
					}}
				/>
			)}
		</>
	);
}

function Decide({ of: r, onClose, onDone }: { of: Request; onClose: () => void; onDone: () => void }) {
	const [decision, setDecision] = useState('');
	const [answer, setAnswer] = useState('');
	const [approval, setApproval] = useState('');
	const [tried, setTried] = useState(false);
	const short = [...answer.trim()].length < 10;
	const decide = useAction((key) =>
		call('post', '/api/privacy/requests/{id}/decide', { path: { id: r.id }, body: { decision: decision as 'GRANT', answer: answer.trim(), approval: approval.trim() || undefined, version: r.version }, key }),
	);
	return (
		<Dialog open onClose={onClose} label={t('request.decide')}>
			<form
				noValidate
				onSubmit={async (e) => {
					e.preventDefault();
					setTried(true);
					if (decision && !short && (await decide.run()) !== undefined) onDone();
				}}
			>
				<h2>{tcode('request.kind', r.kind)}</h2>
				{r.details && <div class="side pre">{r.details}</div>}
				<Select name="decision" label={t('request.decision')} value={decision} onValue={setDecision} empty={t('form.choose')} choices={['GRANT', 'RESTRICT', 'REFUSE'].map((d) => ({ value: d, label: tcode('request.decision', d) }))} error={tried && !decision ? t('invalid.required') : undefined} />
				<Area name="answer" label={t('request.answer')} hint={t('request.answer.hint')} value={answer} onValue={setAnswer} rows={4} required error={tried && short ? t('confirm.reason.short', { n: 10 }) : undefined} />
				{r.kind === 'ERASURE' && <Area name="approval" label={t('request.approval')} hint={t('request.approval.hint')} optional value={approval} onValue={setApproval} rows={2} />}
				{decide.problem && decide.problem.status !== 401 && <ProblemNote problem={decide.problem} retryAt={decide.retryAt} cancel={decide.cancel} />}
				<div class="row">
					<button type="submit" class="btn main" disabled={decide.busy}>
						{t('form.save')}
					</button>
					<button type="button" class="btn" onClick={onClose}>
						{t('form.cancel')}
					</button>
				</div>
			</form>
		</Dialog>
	);
}
