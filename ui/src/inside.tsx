/* inside.tsx - all that is behind the sign-in: which screen is shown where, and for whom. Screens that not
 * everybody opens every day are fetched when first needed. */
import './styles/lists.css';
import './styles/dialogs.css';
import './styles/plots.css';
import './styles/print.css';
import { useEffect, useRef } from 'preact/hooks';
import { Problem } from './api/client';
import { Shell } from './components/shell';
import { Empty, ProblemNote } from './components/state';
import { learn, t } from './i18n';
import { pt } from './i18n/pt';
import { fetchOthers, later, type Params, type Screen } from './later';
import { match, place } from './router';
import { Home } from './screens/home';
import { PatientList } from './screens/patients';
import { can, me, shutOut } from './session';

learn(pt);

const RecordForm = later(() => import('./screens/record-form').then((m) => m.RecordForm));
const RecordDetail = later(() => import('./screens/record').then((m) => m.RecordDetail));
const RecordSearch = later(() => import('./screens/records').then((m) => m.RecordSearch));
const Chart = later(() => import('./screens/chart').then((m) => m.Chart));
const PatientForm = later(() => import('./screens/patient-form').then((m) => m.PatientForm));
const Audit = later(() => import('./screens/audit').then((m) => m.Audit));
const Users = later(() => import('./screens/users').then((m) => m.Users));
const UserForm = later(() => import('./screens/users').then((m) => m.UserForm));
const Account = later(() => import('./screens/account').then((m) => m.Account));
const Status = later(() => import('./screens/status').then((m) => m.Status));
const GlassQueue = later(() => import('./screens/break-glass').then((m) => m.GlassQueue));
const Privacy = later(() => import('./screens/privacy').then((m) => m.Privacy));
const Incidents = later(() => import('./screens/incidents').then((m) => m.Incidents));
const IncidentPage = later(() => import('./screens/incidents').then((m) => m.IncidentPage));
const Tenants = later(() => import('./screens/tenants').then((m) => m.Tenants));
const CaseBoard = later(() => import('./screens/hansen/board').then((m) => m.CaseBoard));
const CasePage = later(() => import('./screens/hansen/case').then((m) => m.CasePage));
const CaseForm = later(() => import('./screens/hansen/case-form').then((m) => m.CaseForm));
const BulletinPage = later(() => import('./screens/hansen/bulletin').then((m) => m.BulletinPage));
const Indicators = later(() => import('./screens/hansen/indicators').then((m) => m.Indicators));
const Sinan = later(() => import('./screens/hansen/sinan').then((m) => m.Sinan));
const Chat = later(() => import('./screens/hansen/chat').then((m) => m.Chat));
const Protocol = later(() => import('./screens/hansen/protocol').then((m) => m.Protocol));
const Calculators = later(() => import('./screens/hansen/calculators').then((m) => m.Calculators));

interface Row {
	path: string;
	screen: Screen;
	/** What the role must be able to do for the screen to make sense. */
	needs?: string;
}
const rows: Row[] = [
	{ path: '/', screen: Home },
	{ path: '/pacientes', screen: PatientList, needs: 'patients' },
	{ path: '/pacientes/novo', screen: PatientForm, needs: 'writePatients' },
	{ path: '/pacientes/:id/editar', screen: PatientForm, needs: 'writePatients' },
	{ path: '/pacientes/:id/registros/novo', screen: RecordForm, needs: 'write' },
	{ path: '/pacientes/:patient/hanseniase/novo', screen: CaseForm, needs: 'writeHansen' },
	{ path: '/pacientes/:id/:tab?', screen: Chart },
	{ path: '/registros', screen: RecordSearch, needs: 'records' },
	{ path: '/registros/:id/editar', screen: RecordForm, needs: 'write' },
	{ path: '/registros/:id/:tab?', screen: RecordDetail, needs: 'records' },
	{ path: '/auditoria/:id?', screen: Audit, needs: 'audit' },
	{ path: '/usuarios', screen: Users, needs: 'users' },
	{ path: '/usuarios/:id', screen: UserForm, needs: 'users' },
	{ path: '/revisoes', screen: GlassQueue, needs: 'privacy' },
	{ path: '/privacidade/:tab?', screen: Privacy, needs: 'readPrivacy' },
	{ path: '/incidentes', screen: Incidents, needs: 'incidents' },
	{ path: '/incidentes/:id', screen: IncidentPage, needs: 'incidents' },
	{ path: '/instituicoes', screen: Tenants, needs: 'tenants' },
	{ path: '/conta/:tab?', screen: Account },
	{ path: '/situacao', screen: Status },
	{ path: '/hanseniase/assistente', screen: Chat, needs: 'assistant' },
	{ path: '/hanseniase/casos', screen: CaseBoard, needs: 'writeHansen' },
	{ path: '/hanseniase/indicadores', screen: Indicators, needs: 'indicators' },
	{ path: '/hanseniase/boletim', screen: BulletinPage, needs: 'writeHansen' },
	{ path: '/hanseniase/casos/:id/editar', screen: CaseForm, needs: 'writeHansen' },
	{ path: '/hanseniase/casos/:id/notificacao', screen: Sinan, needs: 'hansen' },
	{ path: '/hanseniase/casos/:id/:tab?', screen: CasePage, needs: 'hansen' },
	{ path: '/hanseniase/protocolo/:id?', screen: Protocol, needs: 'protocol' },
	{ path: '/hanseniase/calculadoras/:name?', screen: Calculators, needs: 'calculate' },
];

function Outlet() {
	const { path, visit } = place.value;
	const frame = useRef<HTMLElement>(null);
	const first = useRef(true);

	/* the reader's place after navigation is the new screen's title */
	useEffect(() => {
		if (first.current) {
			first.current = false;
			return;
		}
		const main = frame.current;
		if (!main) return;
		let tries = 0;
		let timer = 0;
		const find = () => {
			const here = document.activeElement;
			if (here && here !== document.body && here !== main && main.contains(here)) return;
			const title = main.querySelector<HTMLElement>('h1');
			if (title) title.focus({ preventScroll: true });
			else if (tries++ < 40) timer = window.setTimeout(find, 50);
		};
		timer = window.setTimeout(find, 0);
		return () => clearTimeout(timer);
	}, [visit]);

	let found: { row: Row; params: Params } | undefined;
	for (const row of rows) {
		const params = match(row.path, path);
		if (params) {
			found = { row, params };
			break;
		}
	}
	return (
		<main class="page" id="main" ref={frame} tabIndex={-1}>
			{me.value && shutOut(me.value) ? (
				<Account params={{}} />
			) : !found ? (
				<>
					<h1 tabIndex={-1}>{t('problem.404')}</h1>
					<ProblemNote problem={new Problem(404, 'NOT_FOUND', '')} />
				</>
			) : found.row.needs && !can(found.row.needs) ? (
				<>
					<h1 tabIndex={-1}>{t('problem.403')}</h1>
					<Empty icon="lock" title={t('problem.403.role')}>
						<a class="btn" href="/">
							{t('nav.home')}
						</a>
					</Empty>
				</>
			) : (
				<found.row.screen key={found.row.path + (found.params.id ?? '')} params={found.params} />
			)}
		</main>
	);
}

export function Inside(_: { params: Params }) {
	const id = me.value?.id;
	useEffect(() => {
		if (!id || (navigator as { connection?: { saveData?: boolean } }).connection?.saveData) return;
		const timer = setTimeout(() => void fetchOthers(), 2500);
		return () => clearTimeout(timer);
	}, [id]);
	return (
		<Shell>
			<Outlet />
		</Shell>
	);
}
