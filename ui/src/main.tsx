import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/lists.css';
import './styles/dialogs.css';
import './styles/plots.css';
import './styles/login.css';
import './styles/print.css';
import { render } from 'preact';
import { App } from './app';
import { startLang } from './i18n';
import { sweepDrafts } from './lib/drafts';
import { startTheme } from './lib/theme';
import { start } from './session';

startTheme();
sweepDrafts();
const root = document.getElementById('app');
if (root) {
	void startLang().then(() => render(<App />, root));
	void start();
}
