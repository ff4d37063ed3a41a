import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/login.css';
import { render } from 'preact';
import { App, fetchInside } from './app';
import { startLang } from './i18n';
import { sweepDrafts } from './lib/drafts';
import { startTheme } from './lib/theme';
import { expected, start } from './session';

startTheme();
sweepDrafts();
/* while one types, or at once for who is probably in; a failure is shown where the screens are needed */
const ahead = () => void fetchInside().catch(() => {});
const root = document.getElementById('app');
if (root) {
	void start();
	if (expected) ahead();
	void startLang().then(() => {
		render(<App />, root);
		if (!expected) setTimeout(ahead, 300);
	});
}
