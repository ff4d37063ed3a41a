/* state.tsx - what a screen shows when it is not showing its data: loading, waiting, refused.
 * One place, so that every screen fails in the same, calm way. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Problem } from '../api/client';
import type { Query } from '../api/query';
import { t, tcode } from '../i18n';
import { go } from '../router';
import { Icon, type IconName } from './icon';

/** Whole seconds left until at (epoch ms). */
export function useCountdown(at: number): number {
	const left = () => Math.max(0, Math.ceil((at - Date.now()) / 1000));
	const [n, setN] = useState(left);
	useEffect(() => {
		setN(left());
		if (!at) return;
		const timer = setInterval(() => setN(left()), 250);
		return () => clearInterval(timer);
	}, [at]);
	return n;
}

function kindOf(p: Problem): { icon: IconName; tone: string; title: string; text: string } {
	const title = (k: string) => tcode('problem', k, p.title);
	switch (p.status) {
		case 0:
			return p.code === 'CLIENT'
				? { icon: 'alert', tone: 'critical', title: t('problem.CLIENT'), text: p.title }
				: { icon: 'wifiOff', tone: 'high', title: t('problem.OFFLINE'), text: t('problem.OFFLINE.text') };
		case 403:
			return {
				icon: 'lock',
				tone: 'high',
				title: p.title || title('403'),
				text: tcode('problem.text', p.code, p.detail || t('problem.403.text')),
			};
		case 404:
			return { icon: 'search', tone: '', title: t('problem.404'), text: t('problem.404.text') };
		case 429:
			return { icon: 'clock', tone: 'high', title: p.title || t('problem.429'), text: p.detail || t('problem.429.text') };
		case 502:
		case 503:
		case 504:
			return { icon: 'clock', tone: 'high', title: p.title || t('problem.503'), text: p.detail || t('problem.503.text') };
		default:
			return {
				icon: 'alert',
				tone: 'critical',
				title: p.title || t('problem.500'),
				text: tcode('problem.text', p.code, p.detail || (p.status >= 500 ? t('problem.500.text') : '')),
			};
	}
}

/** A refusal, with what the reader can do about it. */
export function ProblemNote({ problem, retryAt = 0, retry, cancel }: { problem: Problem; retryAt?: number; retry?: () => void; cancel?: () => void }) {
	const left = useCountdown(retryAt);
	const k = kindOf(problem);
	return (
		<div class={`note ${k.tone}`} role="alert">
			<Icon name={k.icon} />
			<div>
				<strong>{k.title}</strong>
				{k.text && <span>{k.text}</span>}
				{retryAt > 0 && (
					<span class="num" aria-live="off">
						{left > 0 ? t('state.retryIn', { n: left }) : t('state.retrying')}
					</span>
				)}
				{problem.requestId && (
					<span class="small quiet">
						{t('state.requestId')} <code>{problem.requestId}</code>
					</span>
				)}
				<div class="row">
					{retry && (
						<button type="button" class="btn small" onClick={retry}>
							<Icon name="history" />
							{t('state.retry')}
						</button>
					)}
					{cancel && retryAt > 0 && (
						<button type="button" class="btn small" onClick={cancel}>
							{t('state.stopWaiting')}
						</button>
					)}
					{problem.status === 404 && (
						<button type="button" class="btn small" onClick={() => go('/')}>
							{t('nav.home')}
						</button>
					)}
				</div>
			</div>
		</div>
	);
}

export function Skeleton({ lines = 3, height = '1em' }: { lines?: number; height?: string }) {
	return (
		<div class="stack tight" role="status">
			<span class="sr">{t('state.loading')}</span>
			{Array.from({ length: lines }, (_, i) => (
				<span key={i} class="skeleton" aria-hidden="true" style={{ height, width: `${[100, 82, 91, 68][i % 4]}%` }} />
			))}
		</div>
	);
}

export function Empty({ icon = 'chart', title, children }: { icon?: IconName; title: string; children?: ComponentChildren }) {
	return (
		<div class="blank">
			<Icon name={icon} />
			<strong>{title}</strong>
			{children}
		</div>
	);
}

/** Loading, refused or there: children are drawn with the data. Older data stays on the screen
 * while the server is away, under a note that says so. */
export function Loaded<T>({ query, skeleton, children }: { query: Query<T>; skeleton?: ComponentChildren; children: (data: T) => ComponentChildren }) {
	const { data, problem, retryAt, retry } = query;
	if (data === undefined) {
		if (problem && problem.status === 401) return <>{skeleton ?? <Skeleton />}</>;
		if (problem) return <ProblemNote problem={problem} retryAt={retryAt} retry={retry} />;
		return <>{skeleton ?? <Skeleton lines={5} />}</>;
	}
	return (
		<>
			{problem && problem.status !== 401 && <ProblemNote problem={problem} retryAt={retryAt} retry={retry} />}
			{children(data)}
		</>
	);
}
