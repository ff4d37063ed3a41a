/* app.tsx - the door: nobody signed in, not known yet, or inside. What the sign-in screen needs is the first
 * load; the rest is fetched beside the question who is in. */
import { useEffect, useState } from 'preact/hooks';
import { Toasts } from './components/parts';
import { ProblemNote, Skeleton } from './components/state';
import { later } from './later';
import { go, place } from './router';
import { Lapsed, Login } from './screens/login';
import { expected, lapsed, me, start, startProblem } from './session';

export const fetchInside = () => import('./inside').then((m) => m.Inside);
const Inside = later(fetchInside);
const none = {};

/** Before the first answer: who is in is not known. */
function Starting() {
	const problem = startProblem.value;
	const [n, setN] = useState(0);
	const [at, setAt] = useState(0);
	useEffect(() => {
		if (!problem) return;
		const wait = problem.retryAfterMs || Math.min(10_000, 800 * 2 ** n);
		setAt(Date.now() + wait);
		const timer = setTimeout(() => {
			setN(n + 1);
			void start();
		}, wait);
		return () => clearTimeout(timer);
	}, [problem]);
	return (
		<main class="page" id="main">
			<h1>Plantão</h1>
			{problem ? <ProblemNote problem={problem} retryAt={at} retry={() => void start()} /> : <Skeleton lines={4} />}
		</main>
	);
}

export function App() {
	const who = me.value;
	const path = place.value.path;
	useEffect(() => {
		if (who && path === '/entrar') go('/', { replace: true });
	}, [who, path]);

	/* where nobody is known to be signed in the form need not wait for the server to say so */
	if (who === null || (who === undefined && (!expected || path === '/entrar')))
		return (
			<>
				<Login />
				<Toasts />
			</>
		);
	if (who === undefined) return <Starting />;
	return (
		<>
			<div class={lapsed.value ? 'sealed' : ''} {...(lapsed.value ? { inert: true } : {})} key={who.id}>
				<Inside params={none} />
			</div>
			{lapsed.value && <Lapsed />}
			<Toasts />
		</>
	);
}
