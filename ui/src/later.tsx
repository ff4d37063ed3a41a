/* later.tsx - screens in files of their own, fetched when first needed or when nothing else is to do. */
import { type ComponentType, h } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { fetchText, Problem } from './api/client';
import { ProblemNote, Skeleton } from './components/state';
import { t } from './i18n';

export type Params = Record<string, string>;
export type Screen = ComponentType<{ params: Params }>;

const fetchers: (() => Promise<unknown>)[] = [];

/** A screen in a file of its own. When the file does not come, the network is away, or an upgrade took
 * it: once the server answers again the page is loaded anew (browsers remember a failed import). */
export function later(load: () => Promise<Screen>): Screen {
	let got: Screen | undefined;
	fetchers.push(() => load().then((s) => (got = s)));
	return function Later(props) {
		const [, ready] = useState(0);
		const [away, setAway] = useState(false);
		useEffect(() => {
			if (got) return;
			let timer = 0;
			const knock = () =>
				fetchText('/live').then(
					() => location.reload(),
					() => {
						timer = window.setTimeout(knock, 1500);
					},
				);
			load().then(
				(s) => {
					got = s;
					ready(1);
				},
				() => {
					setAway(true);
					timer = window.setTimeout(knock, 1000);
				},
			);
			return () => clearTimeout(timer);
		}, []);
		if (got) return h(got, props);
		if (!away) return <Skeleton lines={6} />;
		return (
			<>
				<h1 tabIndex={-1}>{t('problem.OFFLINE')}</h1>
				<ProblemNote problem={new Problem(0, 'OFFLINE', '')} retry={() => location.reload()} />
			</>
		);
	};
}

/** Fetches the others one by one, so that they open at once, offline too. */
export const fetchOthers = (): Promise<unknown> => fetchers.reduce((before, f) => before.then(f, () => {}), Promise.resolve() as Promise<unknown>).catch(() => {});
